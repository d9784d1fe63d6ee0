package fathom.ops;

import fathom.ir.Node;
import fathom.ir.Op;
import fathom.tensor.Tensor;
import java.util.List;
import java.util.function.Function;

/// One use of an operation.
///
/// @param name what it shows
/// @param inputs the operands
/// @param build makes the result
/// @param smooth whether the result has derivatives at these values that difference quotients find
/// @param tolerance how much larger errors may be than usual
record Sample(String name, List<Input> inputs, Function<List<Tensor>, Tensor> build, boolean smooth, double tolerance) {

    /// A smooth sample of an operation.
    static Sample of(Op op, Input... inputs) {
        List<Input> in = List.of(inputs);
        return new Sample(
                op
                        + " "
                        + in.stream()
                                .map(i -> (i.fixed() ? i.dtype() : "") + "" + i.shape())
                                .toList(),
                in,
                operands -> node(op, operands),
                in.stream().anyMatch(Input::isFloating),
                1);
    }

    /// A sample that is only computed, not differentiated.
    static Sample flat(Op op, Input... inputs) {
        Sample s = of(op, inputs);
        return new Sample(s.name, s.inputs, s.build, false, s.tolerance);
    }

    /// With larger errors allowed.
    Sample within(double factor) {
        return new Sample(name, inputs, build, smooth, tolerance * factor);
    }

    static Tensor node(Op op, List<Tensor> operands) {
        return new Tensor(Node.of(op, operands.stream().map(Tensor::node).toList()));
    }

    @Override
    public String toString() {
        return name;
    }
}
