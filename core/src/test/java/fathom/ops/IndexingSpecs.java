package fathom.ops;

import fathom.ir.Op;
import fathom.tensor.DType;
import java.util.List;

/// Gather and scatter-add.
final class IndexingSpecs {
    private IndexingSpecs() {}

    static List<OpSpec> all() {
        return List.of(gather(), scatterAdd());
    }

    private static Input indices(int size, int... shape) {
        return Input.integers(DType.I32, 0, size - 1, shape);
    }

    private static OpSpec gather() {
        return OpSpec.of(
                        Op.Gather.class,
                        Sample.of(new Op.Gather(0, 0), Input.normal(5, 3), indices(5, 4)),
                        Sample.of(new Op.Gather(0, 0), Input.normal(5, 3), indices(5, 2, 3)),
                        Sample.of(new Op.Gather(1, 0), Input.normal(3, 5), indices(5, 4)),
                        Sample.of(new Op.Gather(1, 0), Input.normal(2, 3, 2), indices(3, 2, 2)),
                        Sample.of(new Op.Gather(1, 1), Input.normal(3, 5), indices(5, 3, 2)),
                        Sample.of(new Op.Gather(1, 1), Input.normal(3, 5), indices(5, 3)),
                        Sample.of(new Op.Gather(2, 1), Input.normal(2, 3, 4), indices(4, 2, 3)),
                        Sample.of(new Op.Gather(1, 1), Input.normal(2, 3, 4), indices(3, 2, 2)),
                        Sample.of(new Op.Gather(0, 0), Input.normal(5), indices(5)),
                        Sample.of(new Op.Gather(0, 0), Input.normal(5, 3), indices(5, 0)),
                        Sample.of(new Op.Gather(0, 0), Input.normal(5, 0), indices(5, 2)),
                        Sample.of(new Op.Gather(0, 0), Input.normal(1), indices(1, 3)),
                        Sample.of(new Op.Gather(0, 0), Input.normal(5, 3), Input.integers(DType.I64, 0, 4, 4)),
                        Sample.flat(new Op.Gather(0, 0), Input.normal(211, 37), indices(211, 300)),
                        Sample.flat(new Op.Gather(0, 0), Input.integers(DType.U8, 0, 255, 9), indices(9, 20)),
                        Sample.flat(new Op.Gather(0, 0), Input.booleans(9), indices(9, 20)),
                        Sample.flat(new Op.Gather(0, 0), Input.special(23, 2), indices(23, 20)))
                .refuses(new Op.Gather(0, 0), List.of(Input.normal(5), Input.normal(2)), "I32 or I64 indices")
                .refuses(
                        new Op.Gather(1, 1), List.of(Input.normal(3, 5), indices(5, 2, 2)), "agree in the first 1 axes")
                .refuses(new Op.Gather(2, 0), List.of(Input.normal(3, 5), indices(5, 2)), "an axis of it");
    }

    private static OpSpec scatterAdd() {
        return OpSpec.of(
                        Op.ScatterAdd.class,
                        Sample.of(new Op.ScatterAdd(0, 0, 5), Input.normal(4, 3), indices(5, 4)),
                        Sample.of(new Op.ScatterAdd(0, 0, 5), Input.normal(2, 3, 3), indices(5, 2, 3)),
                        Sample.of(new Op.ScatterAdd(1, 0, 5), Input.normal(3, 4), indices(5, 4)),
                        Sample.of(new Op.ScatterAdd(1, 1, 5), Input.normal(3, 2), indices(5, 3, 2)),
                        Sample.of(new Op.ScatterAdd(1, 1, 5), Input.normal(3), indices(5, 3)),
                        Sample.of(new Op.ScatterAdd(2, 1, 4), Input.normal(2, 3, 3), indices(4, 2, 3)),
                        Sample.of(new Op.ScatterAdd(0, 0, 5), Input.normal(), indices(5)),
                        Sample.of(new Op.ScatterAdd(0, 0, 5), Input.normal(0, 3), indices(5, 0)),
                        Sample.of(new Op.ScatterAdd(0, 0, 0), Input.normal(0, 3), indices(5, 0)),
                        Sample.of(new Op.ScatterAdd(0, 0, 2), Input.normal(2, 0), indices(2, 2)),
                        Sample.of(new Op.ScatterAdd(0, 0, 3), Input.normal(6), Input.integers(DType.I64, 0, 2, 6)),
                        Sample.flat(new Op.ScatterAdd(0, 0, 11), Input.normal(300, 37), indices(11, 300))
                                .within(30),
                        Sample.flat(new Op.ScatterAdd(0, 0, 4), Input.integers(DType.I32, -9, 9, 30), indices(4, 30)),
                        Sample.flat(new Op.ScatterAdd(0, 0, 4), Input.integers(DType.U8, 0, 255, 30), indices(4, 30)))
                .refuses(new Op.ScatterAdd(0, 0, 5), List.of(Input.normal(4, 3), indices(5, 3)), "axes of the indices")
                .refuses(new Op.ScatterAdd(0, 0, 5), List.of(Input.booleans(3), indices(5, 3)), "numeric updates");
    }
}
