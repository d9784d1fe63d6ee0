package fathom.data;

import fathom.ir.Buffer;
import fathom.ir.Require;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import java.util.stream.IntStream;

/// How to cut a series of measurements into samples: some steps to look at, and those after them to
/// be predicted.
///
/// Cut a series into training and test data before, not its windows after: windows overlap.
///
/// ```
/// Dataset days = Windows.of(24, 1).over(hours, 0);
/// ```
///
/// @param length steps of an input
/// @param horizon steps of a target, which begin right after the input
/// @param stride steps from one sample's start to the next
public record Windows(int length, int horizon, int stride) {
    public Windows {
        Require.positive("windows: a length of", length);
        Require.positive("windows: a horizon of", horizon);
        Require.positive("windows: a stride of", stride);
    }

    /// A sample at each step.
    ///
    /// @throws IllegalArgumentException if a number is below 1
    public static Windows of(int length, int horizon) {
        return new Windows(length, horizon, 1);
    }

    /// With more steps between samples.
    public Windows stride(int steps) {
        return new Windows(length, horizon, steps);
    }

    /// The samples of a series, F32: inputs `[length, channels]`, targets `[horizon, columns]`. The
    /// series is kept once, however much the samples overlap.
    ///
    /// @param series `[steps][channels]`
    /// @param columns the channels to be predicted; none: all
    /// @throws IllegalArgumentException if rows differ in length, there are too few steps for one
    ///   sample, or no such column
    public Dataset over(float[][] series, int... columns) {
        String few = "windows: %s steps, expected at least %s: %s to look at and %s to predict";
        int span = Math.addExact(length, horizon);
        Require.that(series.length >= span, few, series.length, span, length, horizon);
        int channels = series[0].length;
        float[] values = new float[Math.multiplyExact(series.length, channels)];
        for (int step = 0; step < series.length; step++) {
            String message = "windows: %s channels at step %s, expected %s";
            Require.that(series[step].length == channels, message, series[step].length, step, channels);
            System.arraycopy(series[step], 0, values, step * channels, channels);
        }
        for (int column : columns) {
            boolean fits = column >= 0 && column < channels;
            Require.that(fits, "windows: column %s, expected 0 to %s", column, channels - 1);
        }
        int[] all = IntStream.range(0, channels).toArray();
        int count = (series.length - span) / stride + 1;
        return Dataset.of(
                new Part(values, channels, count, stride, 0, length, all),
                new Part(
                        values, channels, count, stride, length, horizon, columns.length == 0 ? all : columns.clone()));
    }

    /// Some columns of some steps of each window.
    private record Part(float[] values, int channels, int count, int stride, int from, int steps, int[] columns)
            implements Samples {
        @Override
        public Shape shape() {
            return Shape.of(steps, columns.length);
        }

        @Override
        public DType dtype() {
            return DType.F32;
        }

        @Override
        public void read(int[] indices, Buffer into) {
            float[] result = (float[]) into.array();
            int at = 0;
            for (int index : indices) {
                int first = index * stride + from;
                for (int step = first; step < first + steps; step++) {
                    for (int column : columns) {
                        result[at++] = values[step * channels + column];
                    }
                }
            }
        }
    }
}
