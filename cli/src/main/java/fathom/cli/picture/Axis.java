package fathom.cli.picture;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;

/// What the points of a chart stand over, from left (0) to right (1).
///
/// @param name what stands beneath
/// @param shares where each point stands
/// @param marks labels, by where they stand
public record Axis(String name, List<Double> shares, Map<Double, String> marks) {
    private static final int ABOUT = 10;

    public Axis {
        shares = List.copyOf(shares);
        marks = Collections.unmodifiableMap(new TreeMap<>(marks));
    }

    /// Epochs from 1 on.
    static Axis epochs(int count) {
        List<Double> shares = IntStream.range(0, count)
                .mapToObj(i -> count == 1 ? 0.5 : i / (count - 1.0))
                .toList();
        int every = Math.max(1, (int) Ticks.over(1, Math.max(2, count), ABOUT).step());
        Map<Double, String> marks = new TreeMap<>();
        for (int e = 1; e <= count; e++) {
            if (e == 1 || e % every == 0) {
                marks.put(shares.get(e - 1), Integer.toString(e));
            }
        }
        return new Axis("epoch", shares, marks);
    }

    /// Rising values above 0, by their logarithms, marked at powers of ten.
    public static Axis logarithmic(String name, List<Double> values) {
        double low = Math.log10(values.getFirst());
        double high = Math.log10(values.getLast());
        double span = high > low ? high - low : 1;
        List<Double> shares = new ArrayList<>();
        values.forEach(v -> shares.add((Math.log10(v) - low) / span));
        Map<Double, String> marks = new TreeMap<>();
        // A hair's breadth of rounding must not lose the mark at an end.
        DoubleStream.iterate(Math.ceil(low - 1e-9), p -> p <= high + 1e-9, p -> p + 1)
                .forEach(p -> marks.put((p - low) / span, "1e" + Math.round(p)));
        return new Axis(name, shares, marks);
    }
}
