package fathom.parity;

import static fathom.parity.Close.assertClose;

import fathom.autodiff.Gradients;
import fathom.nn.Parameter;
import fathom.tensor.DType;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.DynamicTest;

/// One computation, as Fathom and as libtorch do it.
///
/// @param name what it is called in the report
/// @param inputs what it is applied to
/// @param ours the computation with Fathom; inputs come as parameters, so that layers can hold them
/// @param theirs the computation with libtorch
/// @param smooth whether gradients with respect to floating inputs are compared, too
/// @param factor how much further apart than usual results may be
record Case(
        String name,
        List<Input> inputs,
        Function<List<Parameter>, Tensor> ours,
        Function<List<org.bytedeco.pytorch.Tensor>, org.bytedeco.pytorch.Tensor> theirs,
        boolean smooth,
        double factor) {

    /// Three operands.
    interface Ternary<T> {
        T apply(T first, T second, T third);
    }

    static Case of(
            String name, Input x, UnaryOperator<Tensor> ours, UnaryOperator<org.bytedeco.pytorch.Tensor> theirs) {
        return layer(name, List.of(x), p -> ours.apply(p.getFirst().value()), t -> theirs.apply(t.getFirst()));
    }

    static Case of(
            String name,
            Input x,
            Input y,
            BinaryOperator<Tensor> ours,
            BinaryOperator<org.bytedeco.pytorch.Tensor> theirs) {
        return layer(
                name,
                List.of(x, y),
                p -> ours.apply(p.get(0).value(), p.get(1).value()),
                t -> theirs.apply(t.get(0), t.get(1)));
    }

    static Case of(
            String name, Input x, Input y, Input z, Ternary<Tensor> ours, Ternary<org.bytedeco.pytorch.Tensor> theirs) {
        return layer(
                name,
                List.of(x, y, z),
                p -> ours.apply(p.get(0).value(), p.get(1).value(), p.get(2).value()),
                t -> theirs.apply(t.get(0), t.get(1), t.get(2)));
    }

    /// The inputs are a tensor and the parameters of a layer.
    static Case layer(
            String name,
            List<Input> inputs,
            Function<List<Parameter>, Tensor> ours,
            Function<List<org.bytedeco.pytorch.Tensor>, org.bytedeco.pytorch.Tensor> theirs) {
        return new Case(name, inputs, ours, theirs, true, 1);
    }

    /// Without gradients.
    Case flat() {
        return new Case(name, inputs, ours, theirs, false, factor);
    }

    /// With results that may be further apart than usual.
    Case within(double times) {
        return new Case(name, inputs, ours, theirs, smooth, times);
    }

    /// A test in F32 and one in F64 for each case.
    static Stream<DynamicTest> tests(Case... cases) {
        return Arrays.stream(cases)
                .flatMap(c -> Stream.of(DType.F32, DType.F64)
                        .map(d -> DynamicTest.dynamicTest(c.name + " " + d, () -> c.compare(d))));
    }

    private void compare(DType floating) {
        try (var _ = new PointerScope()) {
            Random random = new Random(name.hashCode());
            List<Tensor> values =
                    inputs.stream().map(i -> i.make(floating, random)).toList();
            List<org.bytedeco.pytorch.Tensor> leaves =
                    values.stream().map(v -> leaf(v, smooth)).toList();
            List<Parameter> parameters = values.stream().map(Parameter::of).toList();

            org.bytedeco.pytorch.Tensor theirResult = theirs.apply(leaves);
            Tensor expected = Torch.back(theirResult);
            assertClose(name + ": result alone", ours.apply(parameters), expected, factor);
            if (!smooth) {
                return;
            }

            Tensor cotangent = Input.normal(expected.shape().dims()).make(floating, random);
            List<org.bytedeco.pytorch.Tensor> differentiable =
                    leaves.stream().filter(t -> t.requires_grad()).toList();
            List<Tensor> expectedGradients = Torch.gradients(theirResult, Torch.of(cotangent), differentiable).stream()
                    .map(Torch::back)
                    .toList();

            // Built anew, so that result and gradients are one program, as in a training step.
            Tensor result = ours.apply(parameters);
            List<Tensor> gradients = Gradients.vectorJacobian(
                    result,
                    cotangent,
                    parameters.stream()
                            .map(Parameter::value)
                            .filter(v -> v.dtype().isFloating())
                            .toList());
            List<Tensor> all = new ArrayList<>(gradients);
            all.add(result);
            Tensor.evaluateAll(all.toArray(Tensor[]::new));
            assertClose(name + ": result", result, expected, factor);
            for (int i = 0; i < gradients.size(); i++) {
                assertClose(name + ": gradient " + i, gradients.get(i), expectedGradients.get(i), factor);
            }
        }
    }

    private static org.bytedeco.pytorch.Tensor leaf(Tensor value, boolean smooth) {
        org.bytedeco.pytorch.Tensor t = Torch.of(value);
        if (smooth && value.dtype().isFloating()) {
            t.set_requires_grad(true);
        }
        return t;
    }
}
