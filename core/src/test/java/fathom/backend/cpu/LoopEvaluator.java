package fathom.backend.cpu;

import fathom.backend.cpu.LoopKernel.Binary;
import fathom.backend.cpu.LoopKernel.BitCast;
import fathom.backend.cpu.LoopKernel.Cast;
import fathom.backend.cpu.LoopKernel.Coordinate;
import fathom.backend.cpu.LoopKernel.Load;
import fathom.backend.cpu.LoopKernel.RandomBits;
import fathom.backend.cpu.LoopKernel.ReduceColumns;
import fathom.backend.cpu.LoopKernel.ReduceRows;
import fathom.backend.cpu.LoopKernel.Scalar;
import fathom.backend.cpu.LoopKernel.Select;
import fathom.backend.cpu.LoopKernel.Store;
import fathom.backend.cpu.LoopKernel.Unary;
import fathom.ir.BinaryOp;
import fathom.ir.Halves;
import fathom.ir.Philox;
import fathom.ir.ReduceOp;
import fathom.ir.UnaryOp;
import fathom.tensor.DType;
import java.lang.reflect.Array;
import java.util.Arrays;

/// Evaluates loop kernels point by point with boxed numbers, by the plain meaning of each
/// instruction. Values: Float, Double, Integer (I32 and U8), Long, Boolean, Short (halves).
final class LoopEvaluator {
    private LoopEvaluator() {}

    static void run(LoopKernel kernel, LoopArguments arguments, int rows, int columns) {
        int inputs = kernel.inputStrides().size();
        int outputs = kernel.outputs().size();
        var types = kernel.types();
        var kept = new Object[outputs][rows][columns];
        for (int row = 0; row < rows; row++) {
            for (int column = 0; column < columns; column++) {
                var values = values(kernel, arguments, row, column);
                for (int i = 0; i < outputs; i++) {
                    kept[i][row][column] = values[kernel.outputs().get(i).value()];
                }
            }
        }
        for (int i = 0; i < outputs; i++) {
            var type = types.get(kernel.outputs().get(i).value());
            int at = inputs + i;
            switch (kernel.outputs().get(i)) {
                case Store _ -> {
                    for (int row = 0; row < rows; row++) {
                        for (int column = 0; column < columns; column++) {
                            write(arguments, at, row, column, kept[i][row][column], type);
                        }
                    }
                }
                case ReduceColumns(ReduceOp op, int _) -> {
                    for (int row = 0; row < rows; row++) {
                        write(arguments, at, row, 0, reduceRow(op, type, kept[i][row]), type);
                    }
                }
                case ReduceRows(ReduceOp op, int _) -> {
                    for (int column = 0; column < columns; column++) {
                        Object sum = identity(op, type);
                        for (int row = 0; row < rows; row++) {
                            sum = combine(op, type, sum, kept[i][row][column]);
                        }
                        write(arguments, at, 0, column, sum, type);
                    }
                }
            }
        }
    }

    /// In pieces of 4096, each over 32 partial results that are combined by halving.
    private static Object reduceRow(ReduceOp op, DType type, Object[] values) {
        Object total = identity(op, type);
        for (int from = 0; from < Math.max(1, values.length); from += 4096) {
            var lanes = new Object[32];
            Arrays.fill(lanes, identity(op, type));
            for (int j = from; j < Math.min(values.length, from + 4096); j++) {
                int lane = (j - from) % 32;
                lanes[lane] = combine(op, type, lanes[lane], values[j]);
            }
            for (int half = 16; half >= 1; half /= 2) {
                for (int lane = 0; lane < half; lane++) {
                    lanes[lane] = combine(op, type, lanes[lane], lanes[lane + half]);
                }
            }
            // Not combined with the identity, which would turn -0.0 into 0.0.
            total = from == 0 ? lanes[0] : combine(op, type, total, lanes[0]);
        }
        return total;
    }

    static Object identity(ReduceOp op, DType type) {
        return value(LoopIdentity.bits(op, type, LoopType.of(type)), type);
    }

    private static Object combine(ReduceOp op, DType type, Object x, Object y) {
        return binary(
                switch (op) {
                    case SUM -> BinaryOp.ADD;
                    case PRODUCT -> BinaryOp.MULTIPLY;
                    case MAX -> BinaryOp.MAXIMUM;
                    case MIN -> BinaryOp.MINIMUM;
                },
                type,
                x,
                y);
    }

    private static Object bits(Object value) {
        return switch (value) {
            case Float f -> Float.floatToIntBits(f);
            case Double d -> Double.doubleToLongBits(d);
            case Integer i -> Float.intBitsToFloat(i);
            case Long l -> Double.longBitsToDouble(l);
            default -> throw new IllegalStateException("bits of " + value);
        };
    }

    private static Object[] values(LoopKernel kernel, LoopArguments arguments, int row, int column) {
        var types = kernel.types();
        var values = new Object[types.size()];
        int arrays = kernel.inputStrides().size() + kernel.outputs().size();
        for (int i = 0; i < values.length; i++) {
            values[i] = switch (kernel.instructions().get(i)) {
                case Load(int input, DType type) -> read(arguments, input, row, column, type);
                case Scalar(int index, DType type) -> value(arguments.scalars()[index], type);
                case Coordinate(int index) -> address(arguments, arrays + index, row, column);
                case Unary(UnaryOp op, int a) -> unary(op, types.get(a), values[a]);
                case Binary(BinaryOp op, int a, int b) -> binary(op, types.get(a), values[a], values[b]);
                case Select(int c, int a, int b) -> (boolean) values[c] ? values[a] : values[b];
                case Cast(DType to, int a) -> cast(values[a], types.get(a), to);
                case BitCast(DType _, int a) -> bits(values[a]);
                case RandomBits(int seed, int offset, int index) -> {
                    long element = ((Number) values[index]).longValue();
                    yield Philox.word((long) values[seed], (long) values[offset] + (element >>> 2), (int) element & 3);
                }
            };
        }
        return values;
    }

    private static int address(LoopArguments arguments, int k, int row, int column) {
        return arguments.offsets()[k]
                + row * arguments.rowStrides()[k]
                + column * arguments.columnStrides()[k];
    }

    private static Object read(LoopArguments arguments, int k, int row, int column, DType type) {
        Object array = arguments.arrays()[k];
        int at = address(arguments, k, row, column);
        return switch (type) {
            case U8 -> ((byte[]) array)[at] & 0xFF;
            case BOOL -> ((byte[]) array)[at] != 0;
            default -> Array.get(array, at);
        };
    }

    private static void write(LoopArguments arguments, int k, int row, int column, Object value, DType type) {
        Object array = arguments.arrays()[k];
        int at = address(arguments, k, row, column);
        switch (type) {
            case U8 -> ((byte[]) array)[at] = ((Integer) value).byteValue();
            case BOOL -> ((byte[]) array)[at] = (byte) ((boolean) value ? 1 : 0);
            default -> Array.set(array, at, value);
        }
    }

    private static Object value(long bits, DType type) {
        return switch (type) {
            case F32 -> Float.intBitsToFloat((int) bits);
            case F64 -> Double.longBitsToDouble(bits);
            case I32, U8 -> (int) bits;
            case I64 -> bits;
            case BOOL -> bits != 0;
            case F16, BF16 -> (short) bits;
        };
    }

    /// A number as the type, rounded or wrapped as Java does.
    private static Object as(DType type, double floating, long whole) {
        return switch (type) {
            case F32 -> (float) floating;
            case F64 -> floating;
            case I32 -> (int) whole;
            case I64 -> whole;
            case U8 -> (int) whole & 0xFF;
            default -> throw new IllegalArgumentException("no arithmetic on " + type);
        };
    }

    private static Object unary(UnaryOp op, DType type, Object x) {
        if (op == UnaryOp.NOT) {
            return !(boolean) x;
        }
        double d = ((Number) x).doubleValue();
        long n = ((Number) x).longValue();
        return switch (op) {
            case NEGATE -> as(type, -d, -n);
            case ABS -> as(type, Math.abs(d), Math.abs(n));
            case SIGN -> as(type, Math.signum(d), Long.signum(n));
            case EXP -> as(type, StrictMath.exp(d), 0);
            case LOG -> as(type, StrictMath.log(d), 0);
            case EXPM1 -> as(type, StrictMath.expm1(d), 0);
            case LOG1P -> as(type, StrictMath.log1p(d), 0);
            case SQRT -> as(type, Math.sqrt(d), 0);
            case SIN -> as(type, StrictMath.sin(d), 0);
            case COS -> as(type, StrictMath.cos(d), 0);
            case TANH -> as(type, StrictMath.tanh(d), 0);
            case ERF -> as(type, MathErf.erf(d), 0);
            case SIGMOID -> {
                double e = StrictMath.exp(-Math.abs(d));
                yield as(type, (d < 0 ? e : 1) / (1 + e), 0);
            }
            case FLOOR -> as(type, Math.floor(d), 0);
            case CEIL -> as(type, Math.ceil(d), 0);
            case ROUND -> as(type, Math.rint(d), 0);
            case NOT -> throw new IllegalStateException();
        };
    }

    static Object binary(BinaryOp op, DType type, Object x, Object y) {
        if (type == DType.BOOL) {
            boolean a = (boolean) x;
            boolean b = (boolean) y;
            return switch (op) {
                case MAXIMUM, OR -> a | b;
                case MINIMUM, AND -> a & b;
                case XOR, NOT_EQUAL -> a ^ b;
                case EQUAL -> a == b;
                default -> throw new IllegalArgumentException(op + " of booleans");
            };
        }
        return type.isFloating()
                ? floating(op, type, ((Number) x).doubleValue(), ((Number) y).doubleValue())
                : whole(op, type, ((Number) x).longValue(), ((Number) y).longValue());
    }

    private static Object floating(BinaryOp op, DType type, double a, double b) {
        return switch (op) {
            case ADD -> as(type, a + b, 0);
            case SUBTRACT -> as(type, a - b, 0);
            case MULTIPLY -> as(type, a * b, 0);
            case DIVIDE -> as(type, a / b, 0);
            case POWER -> as(type, StrictMath.pow(a, b), 0);
            case MAXIMUM -> as(type, Math.max(a, b), 0);
            case MINIMUM -> as(type, Math.min(a, b), 0);
            case MODULO -> as(type, modulo(a, b), 0);
            case LESS -> a < b;
            case LESS_EQUAL -> a <= b;
            case EQUAL -> a == b;
            case NOT_EQUAL -> a != b;
            default -> throw new IllegalArgumentException(op + " of floats");
        };
    }

    private static double modulo(double a, double b) {
        double quotient = Math.floor(a / b);
        double rest = Math.fma(-quotient, b, a);
        return rest != 0 && rest < 0 != b < 0 ? rest + b : rest;
    }

    private static Object whole(BinaryOp op, DType type, long a, long b) {
        return switch (op) {
            case ADD -> as(type, 0, a + b);
            case SUBTRACT -> as(type, 0, a - b);
            case MULTIPLY -> as(type, 0, a * b);
            case DIVIDE -> as(type, 0, b == 0 ? 0 : a / b);
            case MODULO -> as(type, 0, b == 0 ? 0 : Math.floorMod(a, b));
            case MAXIMUM -> as(type, 0, Math.max(a, b));
            case MINIMUM -> as(type, 0, Math.min(a, b));
            case LESS -> a < b;
            case LESS_EQUAL -> a <= b;
            case EQUAL -> a == b;
            case NOT_EQUAL -> a != b;
            case AND -> as(type, 0, a & b);
            case OR -> as(type, 0, a | b);
            case XOR -> as(type, 0, a ^ b);
            case SHIFT_RIGHT -> type == DType.I64 ? (Object) (a >>> b) : (Object) ((int) a >>> (int) b);
            case POWER -> throw new IllegalArgumentException(op + " of integers");
        };
    }

    private static Object cast(Object x, DType from, DType to) {
        if (from == to) {
            return x;
        }
        return switch (from) {
            case F16 -> cast(Float.float16ToFloat((short) x), DType.F32, to);
            case BF16 -> cast(Halves.bfloat16ToFloat((short) x), DType.F32, to);
            case BOOL -> cast((boolean) x ? 1 : 0, DType.I32, to);
            default -> number((Number) x, from, to);
        };
    }

    private static Object number(Number x, DType from, DType to) {
        return switch (to) {
            case F32 -> x.floatValue();
            case F64 -> x.doubleValue();
            case I32 -> x.intValue();
            case I64 -> x.longValue();
            case U8 -> from.isFloating() ? Math.clamp(x.intValue(), 0, 0xFF) : x.intValue() & 0xFF;
            case BOOL -> x.doubleValue() != 0;
            case F16 -> Float.floatToFloat16(x.floatValue());
            case BF16 -> Halves.floatToBfloat16(x.floatValue());
        };
    }
}
