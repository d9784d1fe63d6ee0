package fathom.ops;

import fathom.ir.BinaryOp;
import fathom.ir.Op;
import fathom.ir.UnaryOp;
import fathom.tensor.DType;
import java.util.ArrayList;
import java.util.List;

/// Operations that work element by element.
final class ElementwiseSpecs {
    private static final List<DType> INTEGERS = List.of(DType.I32, DType.I64, DType.U8);

    private ElementwiseSpecs() {}

    static List<OpSpec> all() {
        return List.of(
                unary(),
                binary(),
                OpSpec.of(
                                Op.Select.class,
                                Sample.of(
                                        new Op.Select(),
                                        Input.booleans(5, 7),
                                        Input.normal(5, 7),
                                        Input.distinct(5, 7)),
                                Sample.of(new Op.Select(), Input.booleans(), Input.normal(), Input.distinct()),
                                Sample.of(
                                        new Op.Select(), Input.booleans(3, 0), Input.normal(3, 0), Input.normal(3, 0)),
                                Sample.flat(new Op.Select(), Input.booleans(29), Input.special(29), Input.normal(29)),
                                Sample.flat(
                                        new Op.Select(),
                                        Input.booleans(9),
                                        Input.integers(DType.I64, -9, 9, 9),
                                        Input.integers(DType.I64, 10, 99, 9)),
                                Sample.flat(
                                        new Op.Select(),
                                        Input.booleans(9),
                                        Input.integers(DType.BOOL, 0, 0, 9),
                                        Input.integers(DType.BOOL, 1, 1, 9)))
                        .refuses(
                                new Op.Select(),
                                List.of(Input.normal(2), Input.normal(2), Input.normal(2)),
                                "BOOL condition")
                        .refuses(
                                new Op.Select(),
                                List.of(Input.booleans(2), Input.normal(2), Input.integers(DType.I32, 0, 1, 2)),
                                "one dtype"),
                OpSpec.of(Op.Cast.class, casts()),
                OpSpec.of(
                                Op.BitCast.class,
                                Sample.flat(new Op.BitCast(DType.I32), as(DType.F32, Input.special(23))),
                                Sample.flat(new Op.BitCast(DType.I32), as(DType.F32, Input.uniform(-300, 300, 5, 13))),
                                Sample.flat(new Op.BitCast(DType.F32), Input.integers(DType.I32, -9, 9, 3, 0)),
                                Sample.flat(
                                        new Op.BitCast(DType.F32),
                                        as(DType.I32, Input.values(new int[] {3}, 1065353216, -1082130432, 1))),
                                Sample.flat(new Op.BitCast(DType.I64), as(DType.F64, Input.special(23))),
                                Sample.flat(new Op.BitCast(DType.F64), Input.integers(DType.I64, -9, 9)))
                        .refuses(new Op.BitCast(DType.I64), List.of(as(DType.F32, Input.normal(2))), "of as many bits"),
                OpSpec.of(
                        Op.StopGradient.class,
                        Sample.flat(new Op.StopGradient(), Input.normal(3, 5)),
                        Sample.flat(new Op.StopGradient(), Input.integers(DType.U8, 0, 255, 3)),
                        Sample.flat(new Op.StopGradient(), Input.normal(0))));
    }

    private static OpSpec unary() {
        List<Sample> samples = new ArrayList<>();
        for (UnaryOp f : UnaryOp.values()) {
            Op op = new Op.Unary(f);
            if (f == UnaryOp.NOT) {
                samples.add(Sample.flat(op, Input.booleans(3, 7)));
                samples.add(Sample.flat(op, Input.booleans()));
                samples.add(Sample.flat(op, Input.booleans(0)));
                continue;
            }
            samples.add(Sample.of(op, domain(f, 3, 5)));
            samples.add(Sample.of(op, domain(f)));
            samples.add(Sample.of(op, domain(f, 1)));
            samples.add(Sample.of(op, domain(f, 2, 0)));
            samples.add(Sample.flat(op, domain(f, 3, 67)));
            boolean periodic = f == UnaryOp.SIN || f == UnaryOp.COS;
            if (!periodic) {
                samples.add(Sample.flat(op, Input.special(41)));
            }
            samples.add(Sample.flat(op, Input.uniform(-90, 90, 517)));
            if (!f.floatingOnly()) {
                for (DType d : INTEGERS) {
                    samples.add(Sample.flat(op, integers(d, 37)));
                }
            }
        }
        return OpSpec.of(Op.Unary.class, samples)
                .refuses(new Op.Unary(UnaryOp.EXP), List.of(Input.integers(DType.I32, 0, 1, 2, 3)), "F32 or F64")
                .refuses(new Op.Unary(UnaryOp.NEGATE), List.of(Input.booleans(2)), "numeric")
                .refuses(new Op.Unary(UnaryOp.NOT), List.of(Input.normal(2)), "BOOL");
    }

    /// Values at which the function is smooth.
    private static Input domain(UnaryOp f, int... shape) {
        return switch (f) {
            case LOG, SQRT -> Input.uniform(0.5, 3, shape);
            case LOG1P -> Input.uniform(-0.5, 3, shape);
            case ABS, SIGN, FLOOR, CEIL, ROUND -> Input.distinct(shape);
            case NEGATE, EXP, EXPM1, SIN, COS, TANH, ERF, SIGMOID, NOT -> Input.normal(shape);
        };
    }

    private static OpSpec binary() {
        List<Sample> samples = new ArrayList<>();
        for (BinaryOp f : BinaryOp.values()) {
            Op op = new Op.Binary(f);
            boolean logical = f == BinaryOp.AND || f == BinaryOp.OR || f == BinaryOp.XOR;
            boolean floating = !logical && f != BinaryOp.SHIFT_RIGHT;
            if (floating) {
                for (int[] shape : new int[][] {{3, 5}, {}, {1}, {2, 0}}) {
                    samples.add(Sample.of(op, left(f, shape), right(f, shape)));
                }
                samples.add(Sample.flat(op, left(f, 3, 67), right(f, 3, 67)));
                if (f == BinaryOp.MODULO) {
                    // A quotient next to a whole number falls on either side, by rounding.
                    samples.add(Sample.flat(op, Input.distinct(9, 9), Input.uniform(3, 4, 9, 9)));
                } else {
                    samples.add(Sample.flat(op, Input.specialPairs(), Input.specialSquare()));
                }
            }
            if (f != BinaryOp.POWER) {
                for (DType d : INTEGERS) {
                    boolean shift = f == BinaryOp.SHIFT_RIGHT;
                    samples.add(Sample.flat(op, integers(d, 37), shift ? Input.integers(d, 0, 7, 37) : small(d, 37)));
                    samples.add(Sample.flat(op, integers(d, 3, 0), integers(d, 3, 0)));
                }
            }
            if (logical || f == BinaryOp.EQUAL || f == BinaryOp.NOT_EQUAL) {
                samples.add(Sample.flat(
                        op,
                        Input.of(DType.BOOL, new int[] {4}, 0, 0, 1, 1),
                        Input.of(DType.BOOL, new int[] {4}, 0, 1, 0, 1)));
            }
        }
        return OpSpec.of(Op.Binary.class, samples)
                .refuses(
                        new Op.Binary(BinaryOp.ADD),
                        List.of(Input.normal(2, 3), Input.integers(DType.I32, 0, 1, 2, 3)),
                        "one dtype",
                        "cast()")
                .refuses(new Op.Binary(BinaryOp.MULTIPLY), List.of(Input.normal(2, 3), Input.normal(3)), "one shape")
                .refuses(
                        new Op.Binary(BinaryOp.AND),
                        List.of(Input.normal(2), Input.normal(2)),
                        "AND is not defined on F32")
                .refuses(
                        new Op.Binary(BinaryOp.POWER),
                        List.of(Input.integers(DType.I32, 0, 1, 2), Input.integers(DType.I32, 0, 1, 2)),
                        "POWER is not defined on I32");
    }

    private static Input left(BinaryOp f, int... shape) {
        return switch (f) {
            case POWER -> Input.uniform(0.5, 3, shape);
            // Neither the difference nor the quotient of these and the right operands is a step.
            case MAXIMUM, MINIMUM, MODULO -> Input.distinct(shape);
            default -> Input.normal(shape);
        };
    }

    private static Input right(BinaryOp f, int... shape) {
        return switch (f) {
            case DIVIDE -> Input.uniform(0.5, 3, shape);
            case MAXIMUM, MINIMUM -> {
                Input in = Input.distinct(shape);
                double[] v = in.values().clone();
                for (int i = 0; i < v.length; i++) {
                    v[i] = v[v.length - 1 - i] + 0.125;
                }
                yield new Input(in.shape(), false, in.dtype(), v);
            }
            case MODULO -> {
                // Quotients end in .3: far from whole.
                Input in = Input.distinct(shape);
                double[] v = in.values().clone();
                for (int i = 0; i < v.length; i++) {
                    v[i] = v[i] / (i % 5 - 2 + 0.3);
                }
                yield new Input(in.shape(), false, in.dtype(), v);
            }
            default -> Input.uniform(-2, 2, shape);
        };
    }

    private static Input integers(DType d, int... shape) {
        return d == DType.U8
                ? Input.integers(d, 0, 255, shape)
                : Input.integers(d, -1_000_000_000, 1_000_000_000, shape);
    }

    /// Small numbers, zero among them.
    private static Input small(DType d, int... shape) {
        return d == DType.U8 ? Input.integers(d, 0, 6, shape) : Input.integers(d, -3, 3, shape);
    }

    private static List<Sample> casts() {
        List<Sample> samples = new ArrayList<>();
        for (DType to : DType.values()) {
            Op op = new Op.Cast(to);
            for (DType from : DType.values()) {
                if (from == to) {
                    continue;
                }
                if (from.isFloating() || from.isHalf()) {
                    samples.add(Sample.flat(op, as(from, Input.special(23))));
                    samples.add(Sample.flat(op, as(from, Input.uniform(-300, 300, 5, 13))));
                    samples.add(Sample.flat(op, as(from, Input.normal(0))));
                } else {
                    samples.add(Sample.flat(op, integersOrBooleans(from, 41)));
                    samples.add(Sample.flat(op, integersOrBooleans(from)));
                }
            }
        }
        samples.add(Sample.flat(new Op.Cast(DType.I32), Input.values(new int[] {4}, 3e9, -3e9, 2147483000.0, -0.9)));
        samples.add(Sample.flat(new Op.Cast(DType.I64), Input.values(new int[] {4}, 3e19, -3e19, 9e15, -0.9)));
        return samples;
    }

    private static Input as(DType dtype, Input in) {
        return new Input(in.shape(), true, dtype, in.values());
    }

    private static Input integersOrBooleans(DType d, int... shape) {
        return d == DType.BOOL ? Input.booleans(shape) : integers(d, shape);
    }
}
