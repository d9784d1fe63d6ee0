package fathom.io.onnx.operators;

import fathom.io.onnx.run.Call;
import fathom.io.onnx.run.Layout;
import fathom.io.onnx.run.Value;
import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.util.Arrays;
import java.util.stream.IntStream;

/// Elements around a tensor; negative padding takes some away.
final class Padding {
    private Padding() {}

    static Value pad(Call c) {
        Tensor x = c.tensor(0);
        Layout layout = Layout.of(x);
        Tensor y = layout.tensor();
        int[] pads = c.integers("pads", 1).orElseThrow();
        int[] axes = c.has(3) ? c.ints(3) : IntStream.range(0, x.rank()).toArray();
        Require.that(pads.length == 2 * axes.length, "pads %s for %s axes", Arrays.toString(pads), axes.length);
        String mode = c.text("mode", "constant");
        double value = c.has(2) ? c.scalar(2) : c.number("value", 0);
        for (int i = 0; i < axes.length; i++) {
            y = pad(y, layout.axis(x.shape().axis(axes[i])), pads[i], pads[axes.length + i], mode, value);
        }
        return c.moved(layout.back(y));
    }

    private static Tensor pad(Tensor x, int axis, int before, int after, String mode, double value) {
        if (before == 0 && after == 0) {
            return x;
        }
        int n = x.dim(axis);
        if (mode.equals("constant")) {
            Tensor kept = x.slice(axis, Math.max(0, -before), Math.max(0, n - Math.max(0, -after)));
            return kept.pad(axis, Math.max(0, before), Math.max(0, after), value);
        }
        Require.that(n > 0, "mode %s along axis %s of %s, which is empty", mode, axis, x.shape());
        int[] places =
                IntStream.range(-before, n + after).map(i -> place(i, n, mode)).toArray();
        return x.take(Tensor.of(places), axis);
    }

    private static int place(int i, int n, String mode) {
        return switch (mode) {
            case "edge" -> Math.clamp(i, 0, n - 1);
            case "wrap" -> Math.floorMod(i, n);
            case "reflect" -> {
                int period = Math.max(1, 2 * (n - 1));
                int p = Math.floorMod(i, period);
                yield p < n ? p : period - p;
            }
            default ->
                throw new IllegalArgumentException("mode '" + mode + "', expected constant, reflect, edge or wrap");
        };
    }
}
