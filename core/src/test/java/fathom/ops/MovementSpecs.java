package fathom.ops;

import fathom.ir.Op;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// Operations that rearrange elements.
final class MovementSpecs {
    private MovementSpecs() {}

    static List<OpSpec> all() {
        return List.of(reshape(), permute(), broadcast(), slice(), pad(), concat());
    }

    private static OpSpec reshape() {
        return OpSpec.of(
                        Op.Reshape.class,
                        Sample.of(new Op.Reshape(Shape.of(5, 3)), Input.normal(3, 5)),
                        Sample.of(new Op.Reshape(Shape.of(2, 1, 3, 2)), Input.normal(12)),
                        Sample.of(new Op.Reshape(Shape.SCALAR), Input.normal(1, 1)),
                        Sample.of(new Op.Reshape(Shape.of(1)), Input.normal()),
                        Sample.of(new Op.Reshape(Shape.of(0, 7)), Input.normal(3, 0)),
                        Sample.flat(
                                new Op.Reshape(Shape.of(3, 2)), Input.of(DType.BF16, new int[] {6}, 1, 2, 3, 4, 5, 6)),
                        Sample.flat(new Op.Reshape(Shape.of(6)), Input.booleans(2, 3)))
                .refuses(new Op.Reshape(Shape.of(4)), List.of(Input.normal(3)), "4 elements", "[4]");
    }

    private static OpSpec permute() {
        return OpSpec.of(
                        Op.Permute.class,
                        Sample.of(new Op.Permute(List.of(1, 0)), Input.normal(3, 5)),
                        Sample.of(new Op.Permute(List.of(2, 0, 1)), Input.normal(2, 3, 4)),
                        Sample.of(new Op.Permute(List.of(0, 2, 1, 3)), Input.normal(2, 3, 2, 3)),
                        Sample.of(new Op.Permute(List.of(3, 2, 1, 0)), Input.normal(2, 1, 3, 2)),
                        Sample.of(new Op.Permute(List.of(1, 0)), Input.normal(3, 0)),
                        Sample.flat(new Op.Permute(List.of(1, 0)), Input.normal(67, 131)),
                        Sample.flat(new Op.Permute(List.of(1, 0)), Input.integers(DType.U8, 0, 255, 17, 19)),
                        Sample.flat(
                                new Op.Permute(List.of(1, 0)), Input.of(DType.F16, new int[] {2, 3}, 1, 2, 3, 4, 5, 6)))
                .refuses(new Op.Permute(List.of(0, 0)), List.of(Input.normal(2, 3)), "every axis");
    }

    private static OpSpec broadcast() {
        return OpSpec.of(
                        Op.Broadcast.class,
                        Sample.of(new Op.Broadcast(Shape.of(3, 5)), Input.normal(1, 5)),
                        Sample.of(new Op.Broadcast(Shape.of(3, 5)), Input.normal(3, 1)),
                        Sample.of(new Op.Broadcast(Shape.of(2, 3, 4)), Input.normal(1, 3, 1)),
                        Sample.of(new Op.Broadcast(Shape.of(4)), Input.normal(1)),
                        Sample.of(new Op.Broadcast(Shape.of(0, 3)), Input.normal(1, 3)),
                        Sample.of(new Op.Broadcast(Shape.of(3, 0)), Input.normal(1, 0)),
                        Sample.flat(new Op.Broadcast(Shape.of(300, 7)), Input.normal(300, 1)),
                        Sample.flat(new Op.Broadcast(Shape.of(3, 9)), Input.integers(DType.I64, 0, 9, 1, 9)))
                .refuses(new Op.Broadcast(Shape.of(3, 5)), List.of(Input.normal(2, 5)), "[3, 5]")
                .refuses(new Op.Broadcast(Shape.of(3, 5)), List.of(Input.normal(5)), "[3, 5]");
    }

    private static OpSpec slice() {
        return OpSpec.of(
                        Op.Slice.class,
                        sliced(List.of(1), List.of(3), List.of(1), 7),
                        sliced(List.of(1), List.of(3), List.of(2), 7),
                        sliced(List.of(6), List.of(7), List.of(-1), 7),
                        sliced(List.of(5), List.of(2), List.of(-3), 7),
                        sliced(List.of(3), List.of(1), List.of(-4), 7),
                        sliced(List.of(0), List.of(0), List.of(1), 7),
                        sliced(List.of(0), List.of(0), List.of(-2), 7),
                        sliced(List.of(0), List.of(0), List.of(1), 0),
                        sliced(List.of(1, 4), List.of(2, 2), List.of(1, -2), 3, 5),
                        sliced(List.of(0, 0, 3), List.of(2, 1, 1), List.of(1, 2, 1), 2, 3, 4),
                        Sample.flat(
                                new Op.Slice(List.of(1, 40), List.of(30, 20), List.of(3, -2)), Input.normal(100, 41)),
                        Sample.flat(new Op.Slice(List.of(2), List.of(5), List.of(3)), Input.booleans(20)))
                .refuses(new Op.Slice(List.of(5), List.of(3), List.of(1)), List.of(Input.normal(7)), "inside")
                .refuses(new Op.Slice(List.of(1), List.of(3), List.of(-1)), List.of(Input.normal(7)), "inside");
    }

    private static Sample sliced(List<Integer> starts, List<Integer> sizes, List<Integer> steps, int... shape) {
        return Sample.of(new Op.Slice(starts, sizes, steps), Input.normal(shape));
    }

    private static OpSpec pad() {
        List<Sample> samples = new ArrayList<>();
        for (double value : new double[] {0, -1.5, Double.NEGATIVE_INFINITY}) {
            Op line = new Op.Pad(List.of(2), List.of(1), List.of(0), value);
            samples.add(Sample.flat(line, Input.normal(5)));
            samples.add(Sample.flat(line, Input.normal(0)));
        }
        samples.add(Sample.of(new Op.Pad(List.of(2), List.of(1), List.of(0), 0), Input.normal(5)));
        samples.add(Sample.of(new Op.Pad(List.of(0), List.of(1), List.of(2), 3), Input.normal(5)));
        samples.add(Sample.of(new Op.Pad(List.of(1), List.of(0), List.of(2), 0), Input.normal(1)));
        samples.add(Sample.of(new Op.Pad(List.of(2), List.of(1), List.of(1), 0), Input.normal(0)));
        samples.add(Sample.of(new Op.Pad(List.of(1, 0), List.of(0, 2), List.of(1, 0), 0.5), Input.normal(3, 4)));
        samples.add(
                Sample.of(new Op.Pad(List.of(0, 1, 2), List.of(1, 0, 0), List.of(0, 1, 1), 0), Input.normal(2, 3, 2)));
        samples.add(Sample.flat(
                new Op.Pad(List.of(1, 1), List.of(1, 1), List.of(0, 0), 7), Input.integers(DType.I32, -9, 9, 3, 4)));
        samples.add(Sample.flat(new Op.Pad(List.of(1), List.of(1), List.of(1), 1), Input.booleans(4)));
        samples.add(Sample.flat(new Op.Pad(List.of(3, 5), List.of(5, 3), List.of(0, 0), 0), Input.normal(40, 50)));
        return OpSpec.of(Op.Pad.class, samples)
                .refuses(new Op.Pad(List.of(1), List.of(1), List.of(0), 0), List.of(Input.normal(2, 2)), "expected")
                .refuses(new Op.Pad(List.of(-1), List.of(1), List.of(0), 0), List.of(Input.normal(2)), "expected");
    }

    private static OpSpec concat() {
        return OpSpec.of(
                        Op.Concat.class,
                        Sample.of(new Op.Concat(0), Input.normal(2, 3), Input.normal(1, 3)),
                        Sample.of(new Op.Concat(1), Input.normal(2, 3), Input.normal(2, 0), Input.normal(2, 4)),
                        Sample.of(
                                new Op.Concat(2), Input.normal(2, 1, 3), Input.normal(2, 1, 1), Input.normal(2, 1, 2)),
                        Sample.of(new Op.Concat(0), Input.normal(0), Input.normal(0)),
                        Sample.of(new Op.Concat(0), Input.normal(1), Input.distinct(1)),
                        Sample.flat(new Op.Concat(1), Input.normal(70, 31), Input.normal(70, 5)),
                        Sample.flat(
                                new Op.Concat(0),
                                Input.integers(DType.U8, 0, 255, 2, 2),
                                Input.integers(DType.U8, 0, 255, 3, 2)),
                        Sample.flat(new Op.Concat(0), Input.booleans(3), Input.booleans(9)))
                .refuses(new Op.Concat(0), List.of(Input.normal(2, 3), Input.normal(2, 4)), "equal but for axis 0")
                .refuses(new Op.Concat(0), List.of(Input.normal(2), Input.integers(DType.I32, 0, 1, 2)), "one dtype");
    }
}
