package fathom.io.onnx.export;

import fathom.io.onnx.format.OnnxType;
import fathom.ir.BinaryOp;
import fathom.ir.UnaryOp;
import fathom.tensor.DType;

/// Elementwise operations in the operators of ONNX.
final class ElementwiseNodes {
    private static final double GREAT = 1e30;
    private static final double TINY = 1e-30;

    private final GraphBuilder builder;

    ElementwiseNodes(GraphBuilder builder) {
        this.builder = builder;
    }

    String unary(UnaryOp function, DType dtype, String x) {
        return switch (function) {
            case NEGATE -> builder.node("Neg", x);
            case ABS -> builder.node("Abs", x);
            case SIGN -> builder.node("Sign", x);
            case EXP -> builder.node("Exp", x);
            case LOG -> builder.node("Log", x);
            case EXPM1 -> expm1(dtype, x);
            case LOG1P -> log1p(dtype, x);
            case SQRT -> builder.node("Sqrt", x);
            case SIN -> builder.node("Sin", x);
            case COS -> builder.node("Cos", x);
            case TANH -> builder.node("Tanh", x);
            case ERF -> builder.node("Erf", x);
            case SIGMOID -> builder.node("Sigmoid", x);
            case FLOOR -> builder.node("Floor", x);
            case CEIL -> builder.node("Ceil", x);
            case ROUND -> builder.node("Round", x);
            case NOT -> builder.node("Not", x);
        };
    }

    /// `tanh(x / 2) * (e^x + 1)`, which is exact near zero.
    private String expm1(DType dtype, String x) {
        String half = builder.node("Tanh", builder.node("Mul", x, builder.scalar(dtype, 0.5)));
        return builder.node("Mul", half, builder.node("Add", builder.node("Exp", x), builder.scalar(dtype, 1)));
    }

    /// `ln(u) + (x - (u - 1)) / u` for `u = 1 + x`: what was lost in the sum is added.
    private String log1p(DType dtype, String x) {
        String one = builder.scalar(dtype, 1);
        String finite = builder.node("Min", x, builder.scalar(dtype, GREAT));
        String u = builder.node("Add", finite, one);
        String lost = builder.node("Sub", finite, builder.node("Sub", u, one));
        String divisor = builder.node("Max", u, builder.scalar(dtype, TINY));
        String logarithm = builder.node("Log", builder.node("Add", x, one));
        return builder.node("Add", logarithm, builder.node("Div", lost, divisor));
    }

    /// @param divides whether the second operand is known not to have zeros
    String binary(BinaryOp function, DType dtype, String x, String y, boolean divides) {
        boolean truth = dtype == DType.BOOL;
        return switch (function) {
            case ADD -> builder.node("Add", x, y);
            case SUBTRACT -> builder.node("Sub", x, y);
            case MULTIPLY -> builder.node("Mul", x, y);
            case DIVIDE -> dtype.isFloating() || divides ? builder.node("Div", x, y) : guarded("Div", dtype, x, y);
            case POWER -> builder.node("Pow", x, y);
            case MAXIMUM -> builder.node("Max", x, y);
            case MINIMUM -> builder.node("Min", x, y);
            case MODULO -> modulo(dtype, x, y, divides);
            case LESS -> builder.node("Less", x, y);
            case LESS_EQUAL -> builder.node("LessOrEqual", x, y);
            case EQUAL -> builder.node("Equal", x, y);
            case NOT_EQUAL -> builder.node("Not", builder.node("Equal", x, y));
            case AND -> builder.node(truth ? "And" : "BitwiseAnd", x, y);
            case OR -> builder.node(truth ? "Or" : "BitwiseOr", x, y);
            case XOR -> builder.node(truth ? "Xor" : "BitwiseXor", x, y);
            case SHIFT_RIGHT -> shifted(dtype, x, y);
        };
    }

    private String modulo(DType dtype, String x, String y, boolean divides) {
        if (dtype.isFloating()) {
            String whole = builder.node("Floor", builder.node("Div", x, y));
            return builder.node("Sub", x, builder.node("Mul", whole, y));
        }
        return divides ? builder.node("Mod", x, y) : guarded("Mod", dtype, x, y);
    }

    /// An operation on integers that gives 0 for a divisor of 0.
    private String guarded(String operator, DType dtype, String x, String y) {
        String zero = builder.scalar(dtype, 0);
        String none = builder.node("Equal", y, zero);
        String divisor = builder.node("Where", none, builder.scalar(dtype, 1), y);
        return builder.node("Where", none, zero, builder.node(operator, x, divisor));
    }

    /// Shifts are there for types without sign only.
    private String shifted(DType dtype, String x, String y) {
        OnnxType unsigned = switch (dtype) {
            case I64 -> OnnxType.UINT64;
            case I32 -> OnnxType.UINT32;
            default -> OnnxType.UINT8;
        };
        Attributes right = Attributes.none().with("direction", "RIGHT");
        String bits = builder.node("Cast", Casts.to(unsigned), x);
        String count = builder.node("Cast", Casts.to(unsigned), y);
        return builder.node("Cast", Casts.to(dtype), builder.node("BitShift", right, bits, count));
    }
}
