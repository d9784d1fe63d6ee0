package fathom.io.onnx.format;

import fathom.ir.Buffer;
import fathom.ir.Require;
import fathom.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// Fills sparse tensors with zeros. What that takes is bounded by what the shape says, not by what the
/// file holds; so a limit is set.
final class SparseTensors {
    private static final int MOST_ELEMENTS = 1 << 26;

    private SparseTensors() {}

    /// @param values `[n]`
    /// @param indices I64, `[n]` places in row-major order or `[n, rank]` coordinates
    static TensorProto dense(TensorProto values, TensorProto indices, long[] sizes) {
        List<Integer> shape = new ArrayList<>();
        for (long size : sizes) {
            shape.add(Math.toIntExact(Math.min(size, Integer.MAX_VALUE)));
        }
        Shape all = Shape.of(shape);
        Require.that(all.size() <= MOST_ELEMENTS, "sparse tensor %s, expected at most %s elements", all, MOST_ELEMENTS);
        boolean whole = values.content() instanceof TensorProto.Inline && indices.type() == OnnxType.INT64;
        Require.that(whole, "sparse tensor '%s': expected numbers and int64 indices", values.name());
        if (!(values.content() instanceof TensorProto.Inline v && indices.content() instanceof TensorProto.Inline i)) {
            throw new IllegalArgumentException("sparse tensor '" + values.name() + "': expected numbers in this file");
        }
        int count = v.elements().size();
        boolean flat = indices.shape().size() == 1;
        int expected = flat ? count : count * all.rank();
        String message = "sparse tensor '%s': %s indices for %s values of shape %s";
        Require.that(
                i.elements().size() == expected,
                message,
                values.name(),
                i.elements().size(),
                count,
                all);
        int[] strides = all.strides();
        Buffer out = Buffer.allocate(values.type().carrier(), all.size());
        for (int n = 0; n < count; n++) {
            long place = flat ? i.elements().getLong(n) : 0;
            for (int a = 0; !flat && a < strides.length; a++) {
                long index = i.elements().getLong(n * strides.length + a);
                Require.that(index >= 0 && index < all.dim(a), message, values.name(), index, count, all);
                place += index * strides[a];
            }
            Require.that(place >= 0 && place < all.size(), message, values.name(), place, count, all);
            System.arraycopy(v.elements().array(), n, out.array(), (int) place, 1);
        }
        return new TensorProto(values.name(), values.type(), shape, new TensorProto.Inline(out));
    }
}
