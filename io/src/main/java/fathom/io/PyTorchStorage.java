package fathom.io;

import fathom.ir.Buffer;
import fathom.ir.Require;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import java.util.Map;

/// The bytes of a storage, and the tensors that look at them.
///
/// @param type how its elements are stored
record PyTorchStorage(NpyType type, MemorySegment bytes) {
    private static final Map<String, String> TYPES = Map.of(
            "HalfStorage", "f2",
            "FloatStorage", "f4",
            "DoubleStorage", "f8",
            "CharStorage", "i1",
            "ShortStorage", "i2",
            "IntStorage", "i4",
            "LongStorage", "i8",
            "ByteStorage", "u1",
            "BoolStorage", "b1");

    /// @param where for errors
    /// @throws IllegalArgumentException if no dtype can hold such elements
    static NpyType type(String where, String storage, ByteOrder order) {
        if (storage.equals("BFloat16Storage")) {
            return new NpyType(order, "f2", DType.BF16);
        }
        String kind = TYPES.get(storage);
        String message = "%s: elements of a %s, expected one of %s or BFloat16Storage";
        Require.that(kind != null, message, where, storage, TYPES.keySet());
        return NpyType.parse(where, (order == ByteOrder.BIG_ENDIAN ? ">" : "<") + kind);
    }

    /// The sizes of a view's axes.
    ///
    /// @param where for errors
    /// @throws IllegalArgumentException if they are not those of a tensor
    static Shape shape(String where, Pickle.View view) {
        long elements = 1;
        for (long size : view.sizes()) {
            boolean fits = size >= 0 && size <= Integer.MAX_VALUE;
            elements = fits ? Math.min(elements * size, 1L << 31) : 1L << 31;
        }
        Require.that(elements < 1L << 31, "%s: sizes %s, expected fewer than 2^31 elements", where, view.sizes());
        return Shape.of(view.sizes().stream().mapToInt(Long::intValue).toArray());
    }

    /// The elements that a view has, side by side.
    ///
    /// @param where for errors
    /// @throws IllegalArgumentException if it looks beyond the storage
    Tensor tensor(String where, Pickle.View view) {
        int rank = view.sizes().size();
        long most = Integer.MAX_VALUE;
        boolean fits = rank == view.strides().size() && view.offset() >= 0 && view.offset() <= most;
        long last = view.offset();
        long elements = 1;
        for (int i = 0; fits && i < rank; i++) {
            long size = view.sizes().get(i);
            long stride = view.strides().get(i);
            fits = size >= 0 && size <= most && stride >= 0 && stride <= most;
            elements = fits ? Math.min(elements * size, most + 1) : 0;
            last += fits && size > 0 ? (size - 1) * stride : 0;
        }
        long there = bytes.byteSize() / type.width();
        fits = fits && elements <= most && last <= most && (elements == 0 || last < there);
        String message = "%s: sizes %s, strides %s and offset %s, where there are %s elements";
        Require.that(fits, message, where, view.sizes(), view.strides(), view.offset(), there);

        int[] sizes = view.sizes().stream().mapToInt(Long::intValue).toArray();
        Shape shape = Shape.of(sizes);
        if (elements == 0) {
            return Tensor.of(Buffer.allocate(type.dtype(), 0), shape);
        }
        Buffer all = Buffer.allocate(type.dtype(), (int) (last - view.offset() + 1));
        type.read(bytes, view.offset() * type.width(), all);
        ElementBytes.checkBooleans(where, all);
        int[] strides = view.strides().stream().mapToInt(Long::intValue).toArray();
        if (isInOrder(sizes, strides)) {
            return Tensor.of(all, shape);
        }
        // The place of each element, by going through the axes like the hands of a clock.
        int[] places = new int[shape.size()];
        int[] at = new int[rank];
        for (int i = 0, place = 0; i < places.length; i++) {
            places[i] = place;
            for (int axis = rank - 1; axis >= 0; axis--) {
                place += strides[axis];
                if (++at[axis] < sizes[axis]) {
                    break;
                }
                place -= sizes[axis] * strides[axis];
                at[axis] = 0;
            }
        }
        return Tensor.of(all, Shape.of(all.size()))
                .take(Tensor.of(places, places.length), 0)
                .reshape(shape)
                .evaluate();
    }

    private static boolean isInOrder(int[] sizes, int[] strides) {
        long expected = 1;
        boolean inOrder = true;
        for (int axis = sizes.length - 1; axis >= 0; axis--) {
            inOrder &= sizes[axis] == 1 || strides[axis] == expected;
            expected *= sizes[axis];
        }
        return inOrder;
    }
}
