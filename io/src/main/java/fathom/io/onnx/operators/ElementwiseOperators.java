package fathom.io.onnx.operators;

import fathom.io.onnx.format.OnnxType;
import fathom.io.onnx.run.Call;
import fathom.io.onnx.run.Layout;
import fathom.io.onnx.run.Operator;
import fathom.io.onnx.run.Value;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.List;
import java.util.function.UnaryOperator;

/// Functions of one operand, element by element: activations and the like.
final class ElementwiseOperators {
    private ElementwiseOperators() {}

    static List<Operator> table() {
        List<Operator> all = List.of(
                unary("Abs", 6, Tensor::abs),
                unary("Acos", 7, x -> Trigonometry.acos(x)),
                unary("Acosh", 9, x -> x.add(x.square().sub(1).sqrt()).log()),
                unary("Asin", 7, Trigonometry::asin),
                unary("Asinh", 9, Trigonometry::asinh),
                unary("Atan", 7, Trigonometry::atan),
                unary("Atanh", 9, x -> x.log1p().sub(x.neg().log1p()).mul(0.5)),
                unary("Ceil", 6, Tensor::ceil),
                unary("Cos", 7, Tensor::cos),
                unary("Cosh", 9, x -> x.exp().add(x.neg().exp()).mul(0.5)),
                unary("Erf", 9, Tensor::erf),
                unary("Exp", 6, Tensor::exp),
                unary("Floor", 6, Tensor::floor),
                unary("HardSwish", 14, x -> x.mul(hardSigmoid(x, 1.0 / 6, 0.5))),
                unary("Log", 6, Tensor::log),
                unary("Mish", 18, x -> x.mul(softplus(x).tanh())),
                unary("Neg", 6, Tensor::neg),
                unary("Reciprocal", 6, x -> x.rdiv(1)),
                unary("Relu", 6, Tensor::relu),
                unary("Round", 11, Tensor::round),
                unary("Sigmoid", 6, Tensor::sigmoid),
                unary("Sign", 9, Tensor::sign),
                unary("Sin", 7, Tensor::sin),
                unary("Sinh", 9, x -> x.expm1().sub(x.neg().expm1()).mul(0.5)),
                unary("Softplus", 1, ElementwiseOperators::softplus),
                unary("Softsign", 1, x -> x.div(x.abs().add(1))),
                unary("Sqrt", 6, Tensor::sqrt),
                unary("Tan", 7, x -> x.sin().div(x.cos())),
                unary("Tanh", 6, Tensor::tanh),
                Operator.of("Celu", 12, c -> c.computed(celu(c.tensor(0), c.number("alpha", 1)))),
                Operator.of("Elu", 6, c -> c.computed(elu(c.tensor(0), c.number("alpha", 1)))),
                Operator.of("Gelu", 20, c -> c.computed(gelu(c.tensor(0), c.text("approximate", "none")))),
                Operator.of(
                        "HardSigmoid",
                        6,
                        c -> c.computed(hardSigmoid(c.tensor(0), c.number("alpha", 0.2), c.number("beta", 0.5)))),
                Operator.of("LeakyRelu", 6, c -> c.computed(leaky(c.tensor(0), c.number("alpha", 0.01)))),
                Operator.of("PRelu", 7, c -> c.computed(prelu(c.tensor(0), c.tensor(1)))),
                Operator.of(
                        "PRelu",
                        6,
                        c -> c.computed(prelu(
                                c.tensor(0),
                                Layout.perChannel(c.tensor(1), c.shape(0).rank())))),
                Operator.of("Selu", 6, ElementwiseOperators::selu),
                Operator.of("Shrink", 9, ElementwiseOperators::shrink),
                Operator.of(
                        "Swish",
                        24,
                        c -> c.computed(c.tensor(0)
                                .mul(c.tensor(0).mul(c.number("alpha", 1)).sigmoid()))),
                Operator.of(
                        "ThresholdedRelu",
                        10,
                        c -> c.computed(
                                where(c.tensor(0).greater(c.number("alpha", 1)), c.tensor(0), zeros(c.tensor(0))))),
                Operator.of("Clip", 11, ElementwiseOperators::clip).settings(1, 2),
                Operator.of("Clip", 6, ElementwiseOperators::clipByAttributes),
                Operator.of("Identity", 1, c -> c.moved(c.tensor(0))),
                Operator.of("IsNaN", 9, c -> Value.of(c.tensor(0).isNaN())),
                Operator.of("IsInf", 10, ElementwiseOperators::isInfinite),
                Operator.of("Not", 1, c -> Value.of(c.tensor(0).not())),
                Operator.of("BitwiseNot", 18, c -> c.computed(inverted(c.tensor(0)))),
                Operator.of(
                        "Cast", 6, c -> Casts.to(c.value(0), c.elementType("to").orElseThrow(), c)),
                Operator.of(
                        "BitCast",
                        26,
                        c -> BitCasts.to(c.value(0), c.elementType("to").orElseThrow())),
                Operator.of("CastLike", 15, c -> Casts.to(c.value(0), c.type(1), c)));
        return all.stream().map(o -> o.kind(Operator.Kind.ELEMENTWISE)).toList();
    }

    private static Operator unary(String name, int since, UnaryOperator<Tensor> function) {
        return Operator.of(name, since, c -> c.computed(function.apply(c.tensor(0))));
    }

    static Tensor where(Tensor condition, Tensor ifTrue, Tensor ifFalse) {
        return condition.select(ifTrue, ifFalse);
    }

    static Tensor zeros(Tensor like) {
        return full(like, 0);
    }

    static Tensor full(Tensor like, double value) {
        return Tensor.full(like.shape(), like.dtype(), value);
    }

    static Tensor softplus(Tensor x) {
        return x.abs().neg().exp().log1p().add(x.relu());
    }

    static Tensor hardSigmoid(Tensor x, double slope, double shift) {
        return x.mul(slope).add(shift).clamp(0, 1);
    }

    static Tensor leaky(Tensor x, double slope) {
        return where(x.less(0), x.mul(slope), x);
    }

    static Tensor elu(Tensor x, double alpha) {
        return where(x.less(0), x.minimum(0).expm1().mul(alpha), x);
    }

    private static Tensor celu(Tensor x, double alpha) {
        return x.relu().add(x.div(alpha).minimum(0).expm1().mul(alpha).minimum(0));
    }

    static Tensor gelu(Tensor x, String approximation) {
        if (approximation.equals("tanh")) {
            Tensor inner = x.add(x.pow(3).mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
            return x.mul(inner.tanh().add(1)).mul(0.5);
        }
        return x.mul(x.mul(Math.sqrt(0.5)).erf().add(1)).mul(0.5);
    }

    private static Tensor prelu(Tensor x, Tensor slope) {
        return where(x.less(zeros(x)), x.mul(slope), x);
    }

    private static Value selu(Call c) {
        double alpha = c.number("alpha", 1.67326319217681884765625);
        double gamma = c.number("gamma", 1.05070102214813232421875);
        return c.computed(elu(c.tensor(0), alpha).mul(gamma));
    }

    private static Value shrink(Call c) {
        Tensor x = c.tensor(0);
        DType fractions = x.dtype() == DType.F64 ? DType.F64 : DType.F32;
        Tensor y = x.cast(fractions);
        double edge = c.number("lambd", 0.5);
        double bias = c.number("bias", 0);
        Tensor shrunk = where(y.less(-edge), y.add(bias), where(y.greater(edge), y.sub(bias), zeros(y)));
        return c.computed(shrunk.cast(x.dtype()));
    }

    private static Value clip(Call c) {
        Value x = c.value(0);
        Tensor bounded = Unsigned.ordered(x);
        if (c.has(1)) {
            bounded = bounded.maximum(Unsigned.ordered(c.value(1)).reshape(Shape.SCALAR));
        }
        if (c.has(2)) {
            bounded = bounded.minimum(Unsigned.ordered(c.value(2)).reshape(Shape.SCALAR));
        }
        return Unsigned.back(x.type(), bounded);
    }

    private static Value clipByAttributes(Call c) {
        Tensor x = c.tensor(0);
        if (c.gives("min")) {
            x = x.maximum(c.number("min", 0));
        }
        if (c.gives("max")) {
            x = x.minimum(c.number("max", 0));
        }
        return c.computed(x);
    }

    private static Value isInfinite(Call c) {
        Tensor x = c.tensor(0);
        Tensor positive = x.equal(Double.POSITIVE_INFINITY);
        Tensor negative = x.equal(Double.NEGATIVE_INFINITY);
        boolean up = c.flag("detect_positive", true);
        boolean down = c.flag("detect_negative", true);
        Tensor none = Tensor.full(x.shape(), DType.BOOL, 0);
        return Value.of(OnnxType.BOOL, up ? down ? positive.or(negative) : positive : down ? negative : none);
    }

    private static Tensor inverted(Tensor x) {
        return x.xor(full(x, x.dtype() == DType.U8 ? 255 : -1));
    }
}
