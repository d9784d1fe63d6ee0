package fathom.ops;

import fathom.ir.Op;
import fathom.ir.ReduceOp;
import fathom.tensor.DType;
import java.util.ArrayList;
import java.util.List;

/// Reductions and scans.
final class ReductionSpecs {
    private ReductionSpecs() {}

    static List<OpSpec> all() {
        return List.of(reduce(), argReduce(), cumulativeSum(), argSort());
    }

    private static OpSpec reduce() {
        List<Sample> samples = new ArrayList<>();
        for (ReduceOp how : ReduceOp.values()) {
            samples.add(reduced(how, List.of(1), 3, 5));
            samples.add(reduced(how, List.of(0), 3, 5));
            samples.add(reduced(how, List.of(0, 1), 3, 5));
            samples.add(reduced(how, List.of(1), 3, 4, 2));
            samples.add(reduced(how, List.of(0, 2), 3, 2, 4));
            samples.add(reduced(how, List.of(0, 3), 2, 3, 1, 4));
            samples.add(reduced(how, List.of(0), 1));
            samples.add(reduced(how, List.of(0), 7));
            // Over nothing, and nothing at all.
            samples.add(reduced(how, List.of(1), 3, 0));
            samples.add(reduced(how, List.of(0), 3, 0));
            samples.add(reduced(how, List.of(0, 1), 0, 3));
            // No axis.
            samples.add(reduced(how, List.of()));
            // Large enough to be split and to have tails.
            samples.add(wide(how, List.of(1), 5, 1037));
            samples.add(wide(how, List.of(0), 1037, 5));
            samples.add(wide(how, List.of(0, 1), 131, 67));
            samples.add(wide(how, List.of(0, 2), 19, 23, 29));
            samples.add(wide(how, List.of(0), 20011));
            samples.add(Sample.flat(new Op.Reduce(how, List.of(0)), Input.special(41)));
            samples.add(Sample.flat(
                    new Op.Reduce(how, List.of(1)),
                    Input.values(
                            new int[] {4, 3},
                            1,
                            Double.NaN,
                            2,
                            Double.POSITIVE_INFINITY,
                            1,
                            2,
                            Double.NEGATIVE_INFINITY,
                            -1,
                            -2,
                            -0.0,
                            0.0,
                            -0.0)));
            for (DType d : List.of(DType.I32, DType.I64, DType.U8)) {
                int low = d == DType.U8 ? 0 : -7;
                samples.add(Sample.flat(new Op.Reduce(how, List.of(1)), Input.integers(d, low, 9, 5, 37)));
                samples.add(Sample.flat(new Op.Reduce(how, List.of(0)), Input.integers(d, low, 9, 37, 5)));
                samples.add(Sample.flat(new Op.Reduce(how, List.of(1)), Input.integers(d, 0, 9, 2, 0)));
            }
            if (how == ReduceOp.MAX || how == ReduceOp.MIN) {
                samples.add(Sample.flat(new Op.Reduce(how, List.of(1)), Input.booleans(9, 2)));
                samples.add(Sample.flat(new Op.Reduce(how, List.of(0)), Input.booleans(9, 37)));
                samples.add(Sample.flat(new Op.Reduce(how, List.of(0)), Input.booleans(0, 2)));
            }
        }
        Op product = new Op.Reduce(ReduceOp.PRODUCT, List.of(0));
        samples.add(Sample.of(product, Input.values(new int[] {3}, 0, 1.5, -2)));
        samples.add(Sample.of(product, Input.values(new int[] {4}, 0, 2, 0, 3)));
        return OpSpec.of(Op.Reduce.class, samples)
                .refuses(new Op.Reduce(ReduceOp.SUM, List.of(0)), List.of(Input.booleans(3)), "numeric")
                .refuses(
                        new Op.Reduce(ReduceOp.MAX, List.of(0)),
                        List.of(Input.of(DType.F16, new int[] {2}, 1, 2)),
                        "numeric or BOOL");
    }

    private static Sample reduced(ReduceOp how, List<Integer> axes, int... shape) {
        Op op = new Op.Reduce(how, axes);
        return switch (how) {
            case SUM -> Sample.of(op, Input.normal(shape));
            case PRODUCT -> Sample.of(op, Input.distinct(shape));
            case MAX, MIN -> {
                // Infinite over nothing: no difference quotient.
                Input in = Input.distinct(shape);
                yield in.values().length == 0 ? Sample.flat(op, in) : Sample.of(op, in);
            }
        };
    }

    private static Sample wide(ReduceOp how, List<Integer> axes, int... shape) {
        Op op = new Op.Reduce(how, axes);
        return how == ReduceOp.PRODUCT
                ? Sample.flat(op, Input.uniform(0.9, 1.1, shape)).within(300)
                : Sample.flat(op, Input.normal(shape)).within(20);
    }

    private static OpSpec argReduce() {
        List<Sample> samples = new ArrayList<>();
        for (boolean greatest : new boolean[] {true, false}) {
            for (int axis = 0; axis < 3; axis++) {
                Op op = new Op.ArgReduce(greatest, axis);
                samples.add(Sample.flat(op, Input.distinct(3, 5, 7)));
                samples.add(Sample.flat(op, Input.integers(DType.I32, 0, 2, 3, 9, 4)));
                samples.add(Sample.flat(op, Input.integers(DType.U8, 0, 255, 1, 1, 1)));
            }
            Op first = new Op.ArgReduce(greatest, 0);
            samples.add(Sample.flat(first, Input.special(41)));
            samples.add(Sample.flat(first, Input.distinct(2003)));
            samples.add(Sample.flat(new Op.ArgReduce(greatest, 1), Input.special(4, 11)));
            samples.add(Sample.flat(first, Input.distinct(3, 0)));
            samples.add(Sample.flat(first, Input.integers(DType.I64, -3, 3, 33)));
            samples.add(Sample.flat(
                    new Op.ArgReduce(greatest, 1),
                    Input.values(new int[] {3, 4}, 1, 3, 3, 1, 0.0, -0.0, 0.0, -0.0, 2, Double.NaN, 5, Double.NaN)));
            double infinity = greatest ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
            samples.add(Sample.flat(first, Input.values(new int[] {3}, infinity, infinity, infinity)));
        }
        return OpSpec.of(Op.ArgReduce.class, samples)
                .refuses(new Op.ArgReduce(true, 1), List.of(Input.normal(3, 0)), "at least one element along axis 1")
                .refuses(new Op.ArgReduce(false, 0), List.of(Input.booleans(3)), "numeric dtype");
    }

    private static OpSpec cumulativeSum() {
        List<Sample> samples = new ArrayList<>();
        for (boolean reverse : new boolean[] {false, true}) {
            for (int axis = 0; axis < 3; axis++) {
                Op op = new Op.CumulativeSum(axis, reverse);
                samples.add(Sample.of(op, Input.normal(2, 3, 4)));
                samples.add(Sample.of(op, Input.normal(1, 1, 1)));
                samples.add(Sample.of(op, Input.normal(2, 0, 3)));
                samples.add(Sample.flat(op, Input.integers(DType.I32, -9, 9, 3, 5, 7)));
            }
            Op first = new Op.CumulativeSum(0, reverse);
            samples.add(Sample.flat(first, Input.normal(1003)).within(100));
            samples.add(Sample.flat(first, Input.integers(DType.U8, 0, 255, 19)));
            samples.add(Sample.flat(first, Input.integers(DType.I64, -9, 9, 19)));
            samples.add(Sample.flat(first, Input.values(new int[] {4}, 1, Double.NaN, 2, 3)));
        }
        return OpSpec.of(Op.CumulativeSum.class, samples)
                .refuses(new Op.CumulativeSum(0, false), List.of(Input.booleans(3)), "numeric dtype");
    }

    private static OpSpec argSort() {
        List<Sample> samples = new ArrayList<>();
        for (boolean descending : new boolean[] {false, true}) {
            for (int axis = 0; axis < 3; axis++) {
                Op op = new Op.ArgSort(axis, descending);
                samples.add(Sample.flat(op, Input.distinct(3, 5, 7)));
                samples.add(Sample.flat(op, Input.integers(DType.I32, 0, 2, 3, 9, 4)));
                samples.add(Sample.flat(op, Input.normal(2, 0, 3)));
                samples.add(Sample.flat(op, Input.normal(1, 1, 1)));
            }
            Op first = new Op.ArgSort(0, descending);
            samples.add(Sample.flat(first, Input.special(101)));
            samples.add(Sample.flat(first, Input.distinct(1501)));
            samples.add(Sample.flat(first, Input.integers(DType.U8, 0, 5, 77)));
            samples.add(Sample.flat(first, Input.integers(DType.I64, -3, 3, 77)));
        }
        return OpSpec.of(Op.ArgSort.class, samples)
                .refuses(new Op.ArgSort(0, false), List.of(Input.booleans(3)), "numeric dtype");
    }
}
