package fathom.io.onnx.operators;

import fathom.io.onnx.format.OnnxType;
import fathom.io.onnx.run.Call;
import fathom.io.onnx.run.Operator;
import fathom.io.onnx.run.Value;
import fathom.ir.BinaryOp;
import fathom.ir.Op;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.List;
import java.util.function.BinaryOperator;
import java.util.stream.IntStream;

/// Functions of two operands and more, element by element.
final class ArithmeticOperators {
    private ArithmeticOperators() {}

    static List<Operator> table() {
        List<Operator> all = List.of(
                binary("Add", 6, Tensor::add),
                binary("Sub", 6, Tensor::sub),
                binary("Mul", 6, Tensor::mul),
                binary("Div", 6, Tensor::div),
                binary("And", 1, Tensor::and),
                binary("Or", 1, Tensor::or),
                binary("Xor", 1, Tensor::xor),
                binary("BitwiseAnd", 18, Tensor::and),
                binary("BitwiseOr", 18, Tensor::or),
                binary("BitwiseXor", 18, Tensor::xor),
                comparison("Equal", 7, Tensor::equal),
                comparison("Less", 7, Tensor::less),
                comparison("LessOrEqual", 12, Tensor::lessEqual),
                comparison("Greater", 7, Tensor::greater),
                comparison("GreaterOrEqual", 12, Tensor::greaterEqual),
                variadic("Sum", 6, Tensor::add),
                ordered("Max", 6, Tensor::maximum),
                ordered("Min", 6, Tensor::minimum),
                Operator.of("Mean", 6, c -> c.computed(folded(c, Tensor::add).div(c.inputs()))),
                Operator.of("Pow", 1, ArithmeticOperators::power).settings(1),
                Operator.of("Mod", 10, ArithmeticOperators::modulo),
                Operator.of("BitShift", 11, ArithmeticOperators::shift),
                Operator.of("Where", 9, c -> Value.of(c.type(1), c.tensor(0).select(c.tensor(1), c.tensor(2)))));
        return all.stream().map(o -> o.kind(Operator.Kind.ELEMENTWISE)).toList();
    }

    private static Operator binary(String name, int since, BinaryOperator<Tensor> function) {
        return Operator.of(name, since, c -> c.computed(function.apply(c.tensor(0), Broadcasting.second(c))));
    }

    private static Operator comparison(String name, int since, BinaryOperator<Tensor> function) {
        return Operator.of(
                name, since, c -> Value.of(function.apply(Unsigned.ordered(c.value(0)), Unsigned.ordered(c.value(1)))));
    }

    private static Operator variadic(String name, int since, BinaryOperator<Tensor> function) {
        return Operator.of(name, since, c -> c.computed(folded(c, function)));
    }

    private static Tensor folded(Call c, BinaryOperator<Tensor> function) {
        return IntStream.range(0, c.inputs())
                .mapToObj(c::tensor)
                .reduce(function)
                .orElseThrow();
    }

    private static Operator ordered(String name, int since, BinaryOperator<Tensor> function) {
        return Operator.of(name, since, c -> {
            Tensor all = IntStream.range(0, c.inputs())
                    .mapToObj(i -> Unsigned.ordered(c.value(i)))
                    .reduce(function)
                    .orElseThrow();
            return Unsigned.back(c.type(0), all);
        });
    }

    private static Value power(Call c) {
        Tensor x = c.tensor(0);
        Tensor exponent = Casts.to(c.value(1), OnnxType.DOUBLE).tensor();
        if (!c.type(0).isFloating()) {
            Tensor power = Casts.to(c.value(0), OnnxType.DOUBLE).tensor().pow(exponent);
            return Casts.to(Value.of(OnnxType.DOUBLE, power), c.type(0));
        }
        if (c.isKnown(1) && exponent.size() == 1 && exponent.rank() <= x.rank()) {
            return c.computed(x.pow(c.scalar(1)));
        }
        return c.computed(x.pow(exponent.cast(x.dtype())));
    }

    private static Value modulo(Call c) {
        Tensor x = c.tensor(0);
        Tensor y = c.tensor(1);
        if (!c.flag("fmod", false)) {
            return c.computed(x.mod(y));
        }
        Tensor rest = x.abs().mod(y.abs());
        Tensor negative = x.less(ElementwiseOperators.zeros(x)).broadcastTo(rest.shape());
        return c.computed(negative.select(rest.neg(), rest));
    }

    private static Value shift(Call c) {
        Tensor x = c.tensor(0);
        Tensor by = c.tensor(1);
        Shape shape = Shape.broadcast("BitShift", x.shape(), by.shape());
        x = x.broadcastTo(shape);
        by = by.broadcastTo(shape);
        if (c.text("direction", "").equals("RIGHT")) {
            return c.computed(Tensor.of(new Op.Binary(BinaryOp.SHIFT_RIGHT), x, by));
        }
        long[] powers = new long[Long.SIZE];
        for (int i = 0; i < powers.length; i++) {
            powers[i] = 1L << i;
        }
        Tensor factor = Tensor.of(powers).take(by.cast(DType.I32).minimum(Long.SIZE - 1), 0);
        return c.computed(x.mul(factor.cast(x.dtype())));
    }
}
