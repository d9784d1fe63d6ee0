package fathom.io;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// How many values lie in each of TensorBoard's buckets, which grow by a tenth from 1e-12 to 1e20
/// on both sides of zero.
///
/// @param limits the upper ends of the buckets that are kept; a value equal to one lies in the next
/// @param counts how many values are in each
record Histogram(
        double least, double most, double count, double sum, double squares, List<Double> limits, List<Double> counts) {
    private static final double[] LIMITS = bucketLimits();

    private static double[] bucketLimits() {
        double smallest = 1e-12;
        double largest = 1e20;
        double growth = 1.1;
        double[] positive = new double[1000];
        int n = 0;
        for (double v = smallest; v < largest; v *= growth) {
            positive[n++] = v;
        }
        positive[n++] = Double.MAX_VALUE;
        double[] all = new double[2 * n + 1];
        for (int i = 0; i < n; i++) {
            all[n + 1 + i] = positive[i];
            all[n - 1 - i] = -positive[i];
        }
        return all;
    }

    /// Counts values, which are all finite.
    static Histogram of(double[] values) {
        double least = Double.MAX_VALUE;
        double most = -Double.MAX_VALUE;
        double sum = 0;
        double squares = 0;
        double[] counts = new double[LIMITS.length];
        for (double v : values) {
            least = Math.min(least, v);
            most = Math.max(most, v);
            sum += v;
            squares += v * v;
            counts[bucket(v)]++;
        }
        List<Double> limits = new ArrayList<>();
        List<Double> kept = new ArrayList<>();
        for (int i = 0; i < LIMITS.length; i++) {
            // Runs of empty buckets become one, which is how TensorBoard's own writer saves space.
            if (!kept.isEmpty() && counts[i] == 0 && kept.getLast() == 0) {
                limits.set(limits.size() - 1, LIMITS[i]);
            } else {
                limits.add(LIMITS[i]);
                kept.add(counts[i]);
            }
        }
        return new Histogram(least, most, values.length, sum, squares, List.copyOf(limits), List.copyOf(kept));
    }

    /// The first bucket whose limit is above the value.
    private static int bucket(double value) {
        int found = Arrays.binarySearch(LIMITS, value == 0 ? 0.0 : value);
        return Math.min(found < 0 ? -found - 1 : found + 1, LIMITS.length - 1);
    }
}
