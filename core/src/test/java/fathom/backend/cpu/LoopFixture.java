package fathom.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.backend.cpu.LoopKernel.ColumnStride;
import fathom.backend.cpu.LoopKernel.ReduceColumns;
import fathom.backend.cpu.LoopKernel.ReduceRows;
import fathom.backend.cpu.LoopKernel.Store;
import fathom.ir.Buffer;
import fathom.ir.Halves;
import fathom.tensor.DType;
import java.lang.reflect.Array;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;

/// Arrays, layouts and comparisons for tests of loops.
final class LoopFixture {
    /// The vector widths under test: those that the machine has.
    static final int[] WIDTHS = IntStream.of(VectorSupport.SCALAR, 128, 256, 512)
            .filter(bits -> bits <= VectorSupport.preferredBits())
            .toArray();

    /// Every width there is. Those that the machine lacks work too, if slowly.
    static final int[] ALL_WIDTHS = VectorSupport.available()
            ? new int[] {VectorSupport.SCALAR, 128, 256, 512}
            : new int[] {VectorSupport.SCALAR};

    private static final double[] SPECIAL = {
        0,
        -0.0,
        1,
        -1,
        0.5,
        -0.5,
        1.5,
        -1.5,
        2.5,
        Double.NaN,
        Double.POSITIVE_INFINITY,
        Double.NEGATIVE_INFINITY,
        1e-40,
        -1e-40,
        3e38,
        -3e38,
        8388607.5,
        -8388608.5,
        1e10,
        -1e10
    };

    private LoopFixture() {}

    /// Random elements, a quarter of them special.
    static Object array(DType type, int length, Random random) {
        Object array = Buffer.allocate(type, length).array();
        for (int i = 0; i < length; i++) {
            double value = random.nextInt(4) == 0 ? SPECIAL[random.nextInt(SPECIAL.length)] : random.nextGaussian() * 3;
            switch (array) {
                case float[] a -> a[i] = (float) value;
                case double[] a -> a[i] = value;
                case int[] a -> a[i] = random.nextInt(3) == 0 ? random.nextInt() : (int) value;
                case long[] a -> a[i] = random.nextInt(3) == 0 ? random.nextLong() : (long) value;
                case byte[] a -> a[i] = type == DType.BOOL ? (byte) random.nextInt(2) : (byte) random.nextInt(256);
                case short[] a ->
                    a[i] = type == DType.F16
                            ? Float.floatToFloat16((float) value)
                            : Halves.floatToBfloat16((float) value);
                default -> throw new IllegalStateException();
            }
        }
        return array;
    }

    /// Arguments for a kernel over rows × columns with gaps between the rows, offsets, and for
    /// strided arrays a column stride of 3.
    static LoopArguments arguments(LoopKernel kernel, int rows, int columns, long[] scalars, Random random) {
        int inputs = kernel.inputStrides().size();
        int arrays = inputs + kernel.outputs().size();
        int all = arrays + kernel.coordinates();
        var offsets = new int[all];
        var rowStrides = new int[all];
        var columnStrides = new int[all];
        var storage = new Object[arrays];
        var types = kernel.types();
        for (int k = 0; k < all; k++) {
            offsets[k] = 5 + k;
            if (k >= arrays) {
                rowStrides[k] = 7;
                columnStrides[k] = -2;
                continue;
            }
            var stride = k < inputs ? kernel.inputStrides().get(k) : ColumnStride.CONTIGUOUS;
            rowStrides[k] = columns + 2;
            if (k >= inputs) {
                switch (kernel.outputs().get(k - inputs)) {
                    case Store(int _, ColumnStride given) -> stride = given;
                    case ReduceColumns _ -> {
                        stride = ColumnStride.BROADCAST;
                        rowStrides[k] = 2;
                    }
                    case ReduceRows _ -> rowStrides[k] = 0;
                }
            }
            columnStrides[k] = switch (stride) {
                case CONTIGUOUS, REPEATED -> 1;
                case BROADCAST -> 0;
                case STRIDED -> 3;
            };
            if (stride == ColumnStride.REPEATED) {
                rowStrides[k] = 0;
            }
            if (stride == ColumnStride.STRIDED) {
                rowStrides[k] = 3 * columns + 1;
            }
            int length = 10 + k + rows * Math.max(1, rowStrides[k]) + columns * 3;
            var type = k < inputs
                    ? kernel.inputTypes().get(k)
                    : types.get(kernel.outputs().get(k - inputs).value());
            storage[k] = array(type, length, random);
        }
        return new LoopArguments(storage, offsets, rowStrides, columnStrides, scalars);
    }

    /// The same arguments with copies of the arrays.
    static LoopArguments copy(LoopArguments arguments) {
        var arrays = arguments.arrays().clone();
        for (int k = 0; k < arrays.length; k++) {
            int length = Array.getLength(arrays[k]);
            Object copy = Array.newInstance(arrays[k].getClass().getComponentType(), length);
            System.arraycopy(arrays[k], 0, copy, 0, length);
            arrays[k] = copy;
        }
        return new LoopArguments(
                arrays, arguments.offsets(), arguments.rowStrides(), arguments.columnStrides(), arguments.scalars());
    }

    /// Runs the kernel at a width without warming up.
    static void run(LoopKernel kernel, int bits, LoopArguments arguments, int rows, int columns) {
        new LoopBody(LoopExpansion.expand(kernel), bits, LoopWarmUp.none()).run(arguments, rows, columns);
    }

    /// Checks that a kernel yields what the evaluator says at every width, within so many units in
    /// the last place, and that all widths agree to the bit.
    static void check(LoopKernel kernel, int rows, int columns, long[] scalars, double ulps, Random random) {
        var start = arguments(kernel, rows, columns, scalars, random);
        var expected = copy(start);
        LoopEvaluator.run(kernel, expected, rows, columns);
        LoopArguments first = null;
        for (int bits : WIDTHS) {
            var actual = copy(start);
            run(kernel, bits, actual, rows, columns);
            for (int k = 0; k < start.arrays().length; k++) {
                assertClose(actual.arrays()[k], expected.arrays()[k], ulps, kernel, bits);
                if (first != null) {
                    assertSameBits(actual.arrays()[k], first.arrays()[k], kernel, bits);
                }
            }
            first = first == null ? actual : first;
        }
    }

    static void assertSameBits(Object actual, Object expected, LoopKernel kernel, int bits) {
        // The non-raw bits have one NaN only.
        switch (actual) {
            case float[] a ->
                assertThat(bits(a)).as("%s, %d bits", kernel, bits).isEqualTo(bits((float[]) expected));
            case double[] a ->
                assertThat(bits(a)).as("%s, %d bits", kernel, bits).isEqualTo(bits((double[]) expected));
            default -> assertThat(actual).as("%s, %d bits", kernel, bits).isEqualTo(expected);
        }
    }

    private static int[] bits(float[] values) {
        var bits = new int[values.length];
        Arrays.setAll(bits, i -> Float.floatToIntBits(values[i]));
        return bits;
    }

    private static long[] bits(double[] values) {
        return Arrays.stream(values).mapToLong(Double::doubleToLongBits).toArray();
    }

    private static void assertClose(Object actual, Object expected, double ulps, LoopKernel kernel, int bits) {
        if (ulps == 0) {
            assertSameBits(actual, expected, kernel, bits);
            return;
        }
        for (int i = 0; i < Array.getLength(actual); i++) {
            double a = Array.getDouble(actual, i);
            double b = Array.getDouble(expected, i);
            double unit = actual instanceof float[] ? Math.ulp((float) b) : Math.ulp(b);
            if (Double.compare(a, b) != 0 && !(Math.abs(a - b) <= ulps * unit)) {
                assertThat(a).as("element %d of %s, %d bits", i, kernel, bits).isEqualTo(b);
            }
        }
    }
}
