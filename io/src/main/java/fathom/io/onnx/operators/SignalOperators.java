package fathom.io.onnx.operators;

import fathom.io.onnx.format.OnnxType;
import fathom.io.onnx.run.Call;
import fathom.io.onnx.run.Operator;
import fathom.io.onnx.run.Value;
import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/// Operators on signals. Complex numbers have a last axis of two, the real and the imaginary part.
final class SignalOperators {
    private SignalOperators() {}

    static List<Operator> table() {
        return List.of(
                Operator.of("DFT", 17, SignalOperators::transform).settings(1, 2),
                Operator.of("STFT", 17, SignalOperators::shortTime).settings(1, 2, 3),
                Operator.of("HannWindow", 17, c -> window(c, 0.5, 0.5, 0)),
                Operator.of("HammingWindow", 17, c -> window(c, 25.0 / 46, 21.0 / 46, 0)),
                Operator.of("BlackmanWindow", 17, c -> window(c, 0.42, 0.5, 0.08)),
                Operator.of("MelWeightMatrix", 17, SignalOperators::mel));
    }

    /// `a - b cos(x) + d cos(2 x)` over one period.
    private static Value window(Call c, double a, double b, double d) {
        int n = Tables.size((long) c.scalar(0));
        double period = c.flag("periodic", true) ? n : Math.max(1, n - 1);
        double[] all = new double[n];
        Arrays.setAll(all, i -> {
            double x = 2 * Math.PI * i / period;
            return a - b * Math.cos(x) + d * Math.cos(2 * x);
        });
        return made(c, Tensor.of(all));
    }

    private static Value made(Call c, Tensor doubles) {
        OnnxType type = c.elementType("output_datatype").orElse(OnnxType.FLOAT);
        return Casts.to(Value.of(OnnxType.DOUBLE, doubles), type);
    }

    private static Value transform(Call c) {
        Tensor x = c.tensor(0);
        boolean input = c.opset() >= 20;
        int axis = input ? (c.has(2) ? (int) c.longs(2)[0] : -2) : c.integer("axis", 1);
        int a = x.shape().axis(axis);
        boolean parts = a < x.rank() - 1 && x.dim(-1) <= 2;
        Require.that(parts, "axis %s of %s, whose last axis has to be for the parts of numbers", axis, x.shape());
        int n = c.has(1) ? (int) c.scalar(1) : 0;
        boolean inverse = c.flag("inverse", false);
        boolean half = c.flag("onesided", false);
        Complex z = Complex.of(x);
        if (inverse && half) {
            int full = n > 0 ? n : 2 * (x.dim(a) - 1);
            Tensor y = z.mirrored(a, full).transformed(a, true).real().div(full);
            return c.computed(y.unsqueeze(x.rank() - 1));
        }
        n = n > 0 ? Tables.size(n) : x.dim(a);
        Complex y = z.sized(a, n).transformed(a, inverse);
        if (inverse) {
            y = y.mul(1.0 / n);
        }
        return c.computed((half ? y.slice(a, n / 2 + 1) : y).joined());
    }

    /// Transforms of pieces of a signal that overlap.
    private static Value shortTime(Call c) {
        Tensor x = c.tensor(0);
        boolean parts = x.rank() == 3 && x.dim(2) <= 2;
        Tensor signal = parts ? x : x.unsqueeze(2);
        int step = (int) c.scalar(1);
        int n = c.has(3) ? (int) c.scalar(3) : c.has(2) ? c.shape(2).size() : 0;
        boolean fits = step > 0 && n > 0 && n <= signal.dim(1);
        Require.that(fits, "pieces of %s every %s elements of %s", n, step, signal.shape());
        int count = (signal.dim(1) - n) / step + 1;
        int[] places = IntStream.range(0, Tables.size((long) count * n))
                .map(i -> i / n * step + i % n)
                .toArray();
        Complex frames = Complex.of(signal.take(Tensor.of(places, count, n), 1));
        if (c.has(2)) {
            frames = frames.mul(c.tensor(2));
        }
        Complex y = frames.transformed(2, false);
        return c.computed((c.flag("onesided", true) ? y.slice(2, n / 2 + 1) : y).joined());
    }

    /// Triangles that are evenly spaced on the mel scale.
    private static Value mel(Call c) {
        int bands = (int) c.scalar(0);
        int length = (int) c.scalar(1);
        double rate = c.scalar(2);
        double low = pitch(c.scalar(3));
        double high = pitch(c.scalar(4));
        int bins = length / 2 + 1;
        boolean fits = bands > 0 && bands < 1 << 16 && bins > 0;
        Require.that(fits, "%s bands of a spectrum of %s bins", bands, bins);
        int[] edges = new int[bands + 2];
        for (int i = 0; i < edges.length; i++) {
            double mel = low + i * ((high - low) / edges.length);
            double frequency = 700 * (Math.pow(10, mel / 2595) - 1);
            edges[i] = (int) Math.floor((length + 1) * frequency / rate);
        }
        double[] all = new double[Tables.size((long) bins * bands)];
        for (int band = 0; band < bands; band++) {
            int from = edges[band];
            int middle = edges[band + 1];
            int to = edges[band + 2];
            int rise = middle - from;
            if (rise == 0 && middle >= 0 && middle < bins) {
                all[middle * bands + band] = 1;
            }
            for (int bin = Math.max(0, from); rise > 0 && bin <= Math.min(middle, bins - 1); bin++) {
                all[bin * bands + band] = (double) (bin - from) / rise;
            }
            for (int bin = Math.max(0, middle); bin < Math.min(to, bins) && to > middle; bin++) {
                all[bin * bands + band] = (double) (to - bin) / (to - middle);
            }
        }
        return made(c, Tensor.of(all, bins, bands));
    }

    private static double pitch(double frequency) {
        return 2595 * Math.log10(1 + frequency / 700);
    }
}
