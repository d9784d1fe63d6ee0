package fathom.io.onnx.operators;

import fathom.io.onnx.run.Call;
import fathom.ir.Require;
import fathom.ir.Window;
import java.util.Arrays;
import java.util.stream.IntStream;

/// How a window slides over the axes of images, whose number may be any.
///
/// @param kernel the window's sizes
/// @param strides steps
/// @param dilations distances between taps
/// @param begin padding before
/// @param end padding after
/// @param more how much more there is at the end because the number of windows is rounded up
@SuppressWarnings("ArrayRecordComponent") // Neither compared nor given out.
record Sliding(int[] kernel, int[] strides, int[] dilations, int[] begin, int[] end, int[] more) {

    /// That of a node, over images of the given sizes.
    static Sliding of(Call c, int[] kernel, int[] sizes) {
        int n = kernel.length;
        Require.that(sizes.length == n, "a window of %s axes over images of %s", n, sizes.length);
        int[] strides = all(c, "strides", n, 1);
        int[] dilations = all(c, "dilations", n, 1);
        int[] pads = all(c, "pads", 2 * n, 0);
        int[] begin = Arrays.copyOf(pads, n);
        int[] end = Arrays.copyOfRange(pads, n, 2 * n);
        String auto = c.text("auto_pad", "NOTSET");
        int[] more = new int[n];
        for (int i = 0; i < n; i++) {
            boolean fits = kernel[i] >= 1 && strides[i] >= 1 && dilations[i] >= 1;
            Require.that(
                    fits, "kernel %s, stride %s, dilation %s: expected 1 or more", kernel[i], strides[i], dilations[i]);
            int extent = Math.addExact(Math.multiplyExact(kernel[i] - 1, dilations[i]), 1);
            if (auto.startsWith("SAME")) {
                int missing = Math.max(0, (Math.ceilDiv(sizes[i], strides[i]) - 1) * strides[i] + extent - sizes[i]);
                begin[i] = auto.equals("SAME_LOWER") ? missing - missing / 2 : missing / 2;
                end[i] = missing - begin[i];
            } else if (auto.equals("VALID")) {
                begin[i] = 0;
                end[i] = 0;
            }
            if (c.flag("ceil_mode", false)) {
                int room = sizes[i] + begin[i] + end[i] - extent;
                int windows = Math.ceilDiv(room, strides[i]) + 1;
                if ((windows - 1) * strides[i] >= sizes[i] + begin[i]) {
                    windows--; // One that would start in the padding.
                }
                more[i] = Math.max(0, (windows - 1) * strides[i] - room);
            }
        }
        return new Sliding(kernel, strides, dilations, begin, end, more);
    }

    /// An attribute with a number for each axis.
    static int[] all(Call c, String name, int count, int otherwise) {
        int[] values = c.integers(name)
                .orElseGet(() -> IntStream.range(0, count).map(_ -> otherwise).toArray());
        Require.that(values.length == count, "%s %s, expected %s of them", name, Arrays.toString(values), count);
        return values;
    }

    int rank() {
        return kernel.length;
    }

    /// The window over the last two axes; where there is one axis, images of one row.
    Window window() {
        int w = rank() - 1;
        int h = w - 1;
        return h < 0
                ? new Window(1, kernel[w], 1, strides[w], 0, 0, begin[w], end[w] + more[w], 1, dilations[w])
                : new Window(
                        kernel[h],
                        kernel[w],
                        strides[h],
                        strides[w],
                        begin[h],
                        end[h] + more[h],
                        begin[w],
                        end[w] + more[w],
                        dilations[h],
                        dilations[w]);
    }

    /// The window along one axis alone, over images of one column.
    Window column(int axis) {
        return new Window(
                kernel[axis], 1, strides[axis], 1, begin[axis], end[axis] + more[axis], 0, 0, dilations[axis], 1);
    }

    /// How many windows there are along an axis of a size.
    int windows(int axis, int size) {
        int extent = (kernel[axis] - 1) * dilations[axis] + 1;
        return Math.floorDiv(size + begin[axis] + end[axis] + more[axis] - extent, strides[axis]) + 1;
    }

    /// The same without the first axis.
    Sliding rest() {
        int n = rank();
        return new Sliding(
                Arrays.copyOfRange(kernel, 1, n),
                Arrays.copyOfRange(strides, 1, n),
                Arrays.copyOfRange(dilations, 1, n),
                Arrays.copyOfRange(begin, 1, n),
                Arrays.copyOfRange(end, 1, n),
                Arrays.copyOfRange(more, 1, n));
    }
}
