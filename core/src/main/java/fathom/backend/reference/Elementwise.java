package fathom.backend.reference;

import fathom.ir.BinaryOp;
import fathom.ir.UnaryOp;
import fathom.tensor.DType;

/// The operations that work element by element.
final class Elementwise {
    private Elementwise() {}

    static void unary(UnaryOp function, Array out, Array x) {
        for (int i = 0; i < out.size(); i++) {
            if (x.isFractional()) {
                out.set(i, unary(function, x.get(i)));
            } else {
                out.setLong(i, unary(function, x.getLong(i)));
            }
        }
    }

    private static double unary(UnaryOp function, double x) {
        return switch (function) {
            case NEGATE -> -x;
            case ABS -> Math.abs(x);
            case SIGN -> Math.signum(x);
            case EXP -> Math.exp(x);
            case LOG -> Math.log(x);
            case EXPM1 -> Math.expm1(x);
            case LOG1P -> Math.log1p(x);
            case SQRT -> Math.sqrt(x);
            case SIN -> Math.sin(x);
            case COS -> Math.cos(x);
            case TANH -> Math.tanh(x);
            case ERF -> ErrorFunction.erf(x);
            case SIGMOID -> 1 / (1 + Math.exp(-x));
            case FLOOR -> Math.floor(x);
            case CEIL -> Math.ceil(x);
            case ROUND -> Math.rint(x);
            case NOT -> throw undefined(function, "floating elements");
        };
    }

    private static long unary(UnaryOp function, long x) {
        return switch (function) {
            case NEGATE -> -x;
            case ABS -> Math.abs(x);
            case SIGN -> Long.signum(x);
            case NOT -> x == 0 ? 1 : 0;
            case EXP, LOG, EXPM1, LOG1P, SQRT, SIN, COS, TANH, ERF, SIGMOID, FLOOR, CEIL, ROUND ->
                throw undefined(function, "integers");
        };
    }

    static void binary(BinaryOp function, Array out, Array x, Array y) {
        for (int i = 0; i < out.size(); i++) {
            if (function.isComparison()) {
                boolean holds = x.isFractional()
                        ? holds(function, x.get(i) < y.get(i), x.get(i) == y.get(i))
                        : holds(function, x.getLong(i) < y.getLong(i), x.getLong(i) == y.getLong(i));
                out.setLong(i, holds ? 1 : 0);
            } else if (x.isFractional()) {
                out.set(i, binary(function, x.get(i), y.get(i)));
            } else {
                out.setLong(i, binary(function, x.dtype(), x.getLong(i), y.getLong(i)));
            }
        }
    }

    /// A comparison, by what is known of its operands; with NaN neither is the case.
    private static boolean holds(BinaryOp function, boolean less, boolean equal) {
        return switch (function) {
            case LESS -> less;
            case LESS_EQUAL -> less || equal;
            case EQUAL -> equal;
            case NOT_EQUAL -> !equal;
            default -> throw undefined(function, "a comparison");
        };
    }

    static double binary(BinaryOp function, double x, double y) {
        return switch (function) {
            case ADD -> x + y;
            case SUBTRACT -> x - y;
            case MULTIPLY -> x * y;
            case DIVIDE -> x / y;
            case POWER -> Math.pow(x, y);
            case MAXIMUM -> Math.max(x, y);
            case MINIMUM -> Math.min(x, y);
            case MODULO -> x - Math.floor(x / y) * y;
            case LESS, LESS_EQUAL, EQUAL, NOT_EQUAL, AND, OR, XOR, SHIFT_RIGHT ->
                throw undefined(function, "floating elements");
        };
    }

    static long binary(BinaryOp function, DType dtype, long x, long y) {
        return switch (function) {
            case ADD -> x + y;
            case SUBTRACT -> x - y;
            case MULTIPLY -> x * y;
            case DIVIDE -> y == 0 ? 0 : x / y;
            case MAXIMUM -> Math.max(x, y);
            case MINIMUM -> Math.min(x, y);
            case MODULO -> y == 0 ? 0 : Math.floorMod(x, y);
            case AND -> x & y;
            case OR -> x | y;
            case XOR -> x ^ y;
            case SHIFT_RIGHT -> dtype == DType.I64 ? x >>> y : (int) x >>> y;
            case POWER, LESS, LESS_EQUAL, EQUAL, NOT_EQUAL -> throw undefined(function, "integers");
        };
    }

    static void select(Array out, Array condition, Array yes, Array no) {
        for (int i = 0; i < out.size(); i++) {
            Movement.copy(out, i, condition.getLong(i) != 0 ? yes : no, i);
        }
    }

    static void cast(Array out, Array x) {
        for (int i = 0; i < out.size(); i++) {
            if (!x.isFractional()) {
                castLong(out, i, x.getLong(i));
            } else if (out.isFractional()) {
                out.set(i, x.get(i));
            } else {
                out.setLong(i, truncated(out.dtype(), x.get(i)));
            }
        }
    }

    static void bitCast(Array out, Array x) {
        for (int i = 0; i < out.size(); i++) {
            switch (out.dtype()) {
                case I32 -> out.setLong(i, Float.floatToIntBits((float) x.get(i)));
                case I64 -> out.setLong(i, Double.doubleToLongBits(x.get(i)));
                case F32 -> out.set(i, Float.intBitsToFloat((int) x.getLong(i)));
                case F64 -> out.set(i, Double.longBitsToDouble(x.getLong(i)));
                case F16, BF16, U8, BOOL -> throw new IllegalStateException("bits of " + out.dtype());
            }
        }
    }

    private static void castLong(Array out, int i, long value) {
        switch (out.dtype()) {
            // Rounded once: by way of a double it would be twice.
            case F32, F16, BF16 -> out.set(i, (float) value);
            case F64 -> out.set(i, (double) value);
            case I32, I64, U8, BOOL -> out.setLong(i, value);
        }
    }

    /// Toward zero, kept within the dtype; NaN gives 0.
    static long truncated(DType dtype, double x) {
        return switch (dtype) {
            case I32 -> (int) x;
            case I64 -> (long) x;
            case U8 -> Math.clamp((long) x, 0, 255);
            case BOOL -> x != 0 ? 1 : 0;
            case F32, F64, F16, BF16 -> throw new IllegalStateException(dtype + " has fractions");
        };
    }

    private static IllegalStateException undefined(Enum<?> function, String on) {
        return new IllegalStateException(function + " is not defined on " + on);
    }
}
