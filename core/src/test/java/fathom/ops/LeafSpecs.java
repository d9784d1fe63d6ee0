package fathom.ops;

import fathom.ir.Op;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Operations without operands, and random bits.
final class LeafSpecs {
    private LeafSpecs() {}

    static List<OpSpec> all() {
        return List.of(
                OpSpec.of(
                        Op.Data.class,
                        new Sample("scalar", List.of(Input.normal()), in -> in.get(0), true, 1),
                        new Sample("matrix", List.of(Input.normal(3, 5)), in -> in.get(0), true, 1),
                        new Sample("empty", List.of(Input.normal(3, 0)), in -> in.get(0), true, 1),
                        new Sample(
                                "integers", List.of(Input.integers(DType.I64, -9, 9, 7)), in -> in.get(0), false, 1)),
                OpSpec.of(Op.Full.class, fulls()),
                OpSpec.of(Op.Iota.class, iotas())
                        .refuses(new Op.Iota(Shape.of(3), DType.BOOL, 0), List.of(), "numeric"),
                OpSpec.of(
                                Op.RandomBits.class,
                                Sample.flat(new Op.RandomBits(Shape.of(7, 3)), stream(1, 0)),
                                Sample.flat(new Op.RandomBits(Shape.SCALAR), stream(-5, 12)),
                                Sample.flat(new Op.RandomBits(Shape.of(0)), stream(0, 1)),
                                Sample.flat(new Op.RandomBits(Shape.of(1001)), stream(99, 1 << 30)),
                                Sample.flat(new Op.RandomBits(Shape.of(5)), stream(1L << 40, 1L << 33)))
                        .refuses(
                                new Op.RandomBits(Shape.of(2)), List.of(Input.integers(DType.I32, 0, 9, 2)), "I64[2]"));
    }

    private static Input stream(long key, long offset) {
        return Input.of(DType.I64, new int[] {2}, (double) key, (double) offset);
    }

    private static List<Sample> fulls() {
        List<Sample> samples = new ArrayList<>();
        for (DType dtype : DType.values()) {
            for (double value : new double[] {0, 1, 200, 0.1, -3, Double.POSITIVE_INFINITY}) {
                boolean whole = value == (long) value && (dtype != DType.U8 || value >= 0);
                boolean fits = dtype.isFloating()
                        || dtype.isHalf()
                        || whole && (dtype != DType.BOOL || value == 0 || value == 1);
                if (fits && !Double.isInfinite(value) || dtype.isFloating()) {
                    samples.add(new Sample(
                            value + " " + dtype, List.of(), in -> Tensor.full(Shape.of(3, 1), dtype, value), false, 1));
                }
            }
        }
        return samples;
    }

    private static List<Sample> iotas() {
        List<Sample> samples = new ArrayList<>();
        for (DType dtype : List.of(DType.F32, DType.F64, DType.I32, DType.I64, DType.U8)) {
            samples.add(Sample.flat(new Op.Iota(Shape.of(5), dtype, 0)));
            samples.add(Sample.flat(new Op.Iota(Shape.of(2, 3, 4), dtype, 1)));
            samples.add(Sample.flat(new Op.Iota(Shape.of(2, 0), dtype, 0)));
        }
        samples.add(Sample.flat(new Op.Iota(Shape.of(300, 3), DType.I32, 0)));
        samples.add(Sample.flat(new Op.Iota(Shape.of(3, 300), DType.F32, 1)));
        return samples;
    }
}
