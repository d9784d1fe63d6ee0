package fathom.backend.cpu;

import fathom.tensor.DType;
import java.util.Arrays;

/// The run-time half of a [LoopKernel]: where its arrays lie and what its scalars are.
///
/// The arrays are the kernel's inputs followed by its outputs; `offsets`, `rowStrides` and
/// `columnStrides` have one entry per array in that order, then one per coordinate. Element (row,
/// column) of array `k` is `arrays[k][offsets[k] + row * rowStrides[k] + column *
/// columnStrides[k]]`; the same formula without the array is the value of a coordinate. The column
/// stride is ignored where the kernel fixes it (contiguous 1, broadcast 0); of a row reduction's
/// output the column stride is taken as 1 and its row stride as 0, of a column reduction's output
/// only the row stride is used.
///
/// Array classes: `float[]` F32, `double[]` F64, `int[]` I32, `long[]` I64, `byte[]` U8 and BOOL,
/// `short[]` F16 and BF16. An output may be the same array as an input only if both have the same
/// addresses.
///
/// @param arrays the inputs, then the outputs
/// @param offsets index of element (0, 0)
/// @param rowStrides elements from one row to the next
/// @param columnStrides elements from one column to the next
/// @param scalars run-time scalars in the encoding of [#encode]
record LoopArguments(Object[] arrays, int[] offsets, int[] rowStrides, int[] columnStrides, long[] scalars) {

    /// The encoding of a scalar: raw bits of a float or a double, the value of an integer or
    /// boolean.
    static long encode(DType type, double value) {
        return switch (type) {
            case F32, F64, I32, I64 -> LoopType.of(type).bits(value);
            case F16 -> Float.floatToFloat16((float) value);
            case BF16 -> MathCalls.floatToBfloat((float) value);
            case U8 -> (int) value & 0xFF;
            case BOOL -> value != 0 ? 1 : 0;
        };
    }

    /// Those of some columns of a row, as copies, so that nothing comes of what is computed with them.
    ///
    /// @param kernel one without strided arrays
    LoopArguments sample(LoopKernel kernel, int row, int columnStart, int columns) {
        Object[] copies = arrays.clone();
        int[] starts = offsets.clone();
        for (int k = 0; k < rowStrides.length; k++) {
            starts[k] += row * rowStrides[k];
            if (k >= arrays.length) {
                starts[k] += columnStart * columnStrides[k];
            } else {
                copies[k] = copy(arrays[k], isContiguous(kernel, k) ? starts[k] + columnStart : starts[k], columns);
                starts[k] = 0;
            }
        }
        return new LoopArguments(copies, starts, new int[rowStrides.length], columnStrides, scalars);
    }

    private static boolean isContiguous(LoopKernel kernel, int array) {
        int inputs = kernel.inputStrides().size();
        return array < inputs
                ? kernel.inputStrides().get(array) != LoopKernel.ColumnStride.BROADCAST
                : !(kernel.outputs().get(array - inputs) instanceof LoopKernel.ReduceColumns);
    }

    /// So many elements from one on, with zeros after the array's last.
    private static Object copy(Object array, int from, int count) {
        return switch (array) {
            case float[] a -> Arrays.copyOfRange(a, from, from + count);
            case double[] a -> Arrays.copyOfRange(a, from, from + count);
            case int[] a -> Arrays.copyOfRange(a, from, from + count);
            case long[] a -> Arrays.copyOfRange(a, from, from + count);
            case byte[] a -> Arrays.copyOfRange(a, from, from + count);
            case short[] a -> Arrays.copyOfRange(a, from, from + count);
            default -> throw new IllegalStateException("a " + array.getClass().getSimpleName() + " is no array");
        };
    }
}
