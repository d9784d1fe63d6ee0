package fathom.io.onnx.export;

import fathom.io.onnx.format.AttributeValue;
import fathom.io.onnx.format.OnnxType;
import fathom.io.onnx.format.TensorProto;
import fathom.ir.Buffer;
import fathom.ir.Op;
import fathom.tensor.DType;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/// Gathering and its adjoint.
final class IndexingNodes {
    private final Emitter e;
    private final MovementNodes movement;

    IndexingNodes(Emitter emitter, MovementNodes movement) {
        this.e = emitter;
        this.movement = movement;
    }

    Value gather(Term t) {
        Op.Gather op = (Op.Gather) t.op();
        Term x = t.in(0);
        int axis = op.axis();
        int batch = op.batch();
        String indices = e.natural(t.in(1));
        if (batch == 0) {
            return e.made(t, e.node("Gather", Attributes.none().with("axis", axis), e.natural(x), indices));
        }
        int spread = t.in(1).rank() - batch;
        if (batch == axis && axis == x.rank() - 1 && spread == 1) {
            Attributes along = Attributes.none().with("axis", axis);
            return e.made(t, e.node("GatherElements", along, e.natural(x), indices));
        }
        // The axis that is picked from comes right after those that both have; what is between goes behind.
        int middle = axis - batch;
        int[] places = IntStream.range(0, x.rank())
                .map(i -> i < batch || i > axis ? i : i == axis ? batch : i + 1)
                .toArray();
        String turned = e.arranger()
                .ordered(e.value(x), places, IntStream.range(0, x.rank()).toArray());
        String each = e.node(
                "Unsqueeze", wide(t.in(1), indices), e.builder().longs(t.in(1).rank()));
        String picked = e.node("GatherND", Attributes.none().with("batch_dims", batch), turned, each);
        int[] result = IntStream.range(0, t.rank())
                .map(i -> i < batch || i >= axis + spread ? i : i < axis ? i + spread : i - middle)
                .toArray();
        return e.made(t, picked, result);
    }

    private String wide(Term indices, String name) {
        return indices.dtype() == DType.I64 ? name : e.node("Cast", Casts.to(DType.I64), name);
    }

    Value scatterAdd(Term t) {
        Op.ScatterAdd op = (Op.ScatterAdd) t.op();
        Term updates = t.in(0);
        Term indices = t.in(1);
        int axis = op.axis();
        int batch = op.batch();
        int spread = indices.rank() - batch;
        // All places that are picked along one axis.
        List<Size> flat = new ArrayList<>(updates.sizes().subList(0, axis));
        Size picked = updates.size(axis, axis + spread);
        flat.add(picked);
        flat.addAll(updates.sizes().subList(axis + spread, updates.rank()));
        String added = movement.reshaped(e.natural(updates), updates.sizes(), flat);
        int probes = picked.count();
        List<Size> placed = new ArrayList<>(indices.sizes().subList(0, batch));
        placed.addAll(Collections.nCopies(axis - batch, Size.fixed(1, probes)));
        placed.add(picked);
        placed.addAll(Collections.nCopies(flat.size() - axis - 1, Size.fixed(1, probes)));
        String where = movement.reshaped(e.natural(indices), indices.sizes(), placed);
        if (!placed.equals(flat)) {
            where = e.node("Expand", where, e.sizes().vector(flat));
        }
        Attributes along = Attributes.none().with("axis", axis).with("reduction", "add");
        return e.made(t, e.node("ScatterElements", along, zeros(t.dtype(), t.sizes()), where, added));
    }

    /// Zeros of some sizes.
    String zeros(DType dtype, List<Size> sizes) {
        TensorProto zero =
                new TensorProto("", OnnxType.of(dtype), List.of(1), new TensorProto.Inline(Buffer.allocate(dtype, 1)));
        Attributes value = Attributes.none().with("value", new AttributeValue.Elements(zero));
        return e.node("ConstantOfShape", value, e.sizes().vector(sizes));
    }
}
