package fathom.data;

import fathom.ir.Buffer;
import fathom.ir.Require;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Mean and standard deviation of a data set's inputs, one pair for each channel: for each place
/// along the sample's last axis, over all samples and all other axes.
///
/// For rows of features `[D]` that is one pair a feature, for images `[H, W, C]` one a colour.
///
/// @param mean the means
/// @param deviation the standard deviations of the whole population: divided by N, not N - 1
public record Statistics(List<Double> mean, List<Double> deviation) {
    private static final int CHUNK = 1 << 20;

    public Statistics {
        mean = List.copyOf(mean);
        deviation = List.copyOf(deviation);
        String message = "statistics: %s means and %s deviations, expected as many";
        Require.that(mean.size() == deviation.size(), message, mean.size(), deviation.size());
        deviation.forEach(d -> Require.notNegative("statistics: a standard deviation of", d));
    }

    /// The statistics of some samples, read in chunks.
    static Statistics of(Samples samples, int[] members) {
        int width = samples.shape().size();
        int channels = channels(samples);
        double[] mean = new double[channels];
        double[] squares = new double[channels];
        long seen = 0;
        int rows = Math.max(1, CHUNK / Math.max(1, width));
        for (int from = 0; from < members.length; from += rows) {
            int[] chunk = Arrays.copyOfRange(members, from, Math.min(members.length, from + rows));
            Buffer values = Buffer.allocate(samples.dtype(), chunk.length * width);
            samples.read(chunk, values);
            long each = values.size() / channels;
            for (int channel = 0; channel < channels; channel++) {
                merge(values, channel, seen, each, mean, squares);
            }
            seen += each;
        }
        List<Double> means = new ArrayList<>();
        List<Double> deviations = new ArrayList<>();
        for (int channel = 0; channel < channels; channel++) {
            means.add(mean[channel]);
            deviations.add(Math.sqrt(squares[channel] / seen));
        }
        return new Statistics(means, deviations);
    }

    static int channels(Samples samples) {
        return samples.shape().rank() == 0 ? 1 : samples.shape().dim(-1);
    }

    /// Adds a chunk's mean and sum of squared differences to those of what was seen before: sums of
    /// plain squares would cancel where the mean is large. Chan, Golub, LeVeque 1979.
    private static void merge(Buffer values, int channel, long seen, long each, double[] mean, double[] squares) {
        int step = mean.length;
        double sum = 0;
        for (int i = channel; i < values.size(); i += step) {
            sum += values.getDouble(i);
        }
        double here = sum / each;
        double differences = 0;
        for (int i = channel; i < values.size(); i += step) {
            double d = values.getDouble(i) - here;
            differences += d * d;
        }
        double apart = here - mean[channel];
        double all = seen + each;
        mean[channel] += apart * each / all;
        squares[channel] += differences + apart * apart * seen / all * each;
    }
}
