package fathom.cli.bench;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// How fast one library did one workload.
///
/// @param peer the library
/// @param workload the workload's name
/// @param unit what is counted
/// @param best the best window
/// @param median the median window
/// @param threads how many threads it had
public record Measurement(String peer, String workload, String unit, double best, double median, int threads) {
    private static final Pattern LINE =
            Pattern.compile("peer=(\\S+) workload=(\\S+) unit=(\\S+) best=(\\S+) median=(\\S+)" + " threads=(\\d+)");

    /// The measurement that windows make up.
    static Measurement of(String peer, Workload workload, double[] rates, int threads) {
        return new Measurement(
                peer, workload.id(), workload.unit(), Arrays.stream(rates).max().orElseThrow(), median(rates), threads);
    }

    /// Reads what [#line] wrote.
    ///
    /// @throws IllegalArgumentException if it is no such line
    static Measurement parse(String line) {
        Matcher m = LINE.matcher(line.strip());
        if (!m.matches()) {
            throw new IllegalArgumentException("not a measurement: " + line);
        }
        return new Measurement(
                m.group(1),
                m.group(2),
                m.group(3),
                Double.parseDouble(m.group(4)),
                Double.parseDouble(m.group(5)),
                Integer.parseInt(m.group(6)));
    }

    /// Several measurements of one thing as one: the best of the bests, the median of the medians.
    static Measurement together(List<Measurement> parts) {
        Measurement first = parts.getFirst();
        return new Measurement(
                first.peer,
                first.workload,
                first.unit,
                parts.stream().mapToDouble(Measurement::best).max().orElseThrow(),
                median(parts.stream().mapToDouble(Measurement::median).toArray()),
                first.threads);
    }

    /// The line that scripts read.
    public String line() {
        return "peer=%s workload=%s unit=%s best=%s median=%s threads=%d"
                .formatted(peer, workload, unit, number(best), number(median), threads);
    }

    /// The same as a JSON object.
    public String json() {
        return "{\"peer\":\"%s\",\"workload\":\"%s\",\"unit\":\"%s\",\"best\":%s,\"median\":%s,\"threads\":%d}"
                .formatted(peer, workload, unit, number(best), number(median), threads);
    }

    static double median(double[] values) {
        double[] sorted = Arrays.stream(values).sorted().toArray();
        int n = sorted.length;
        return n % 2 == 1 ? sorted[n / 2] : (sorted[n / 2 - 1] + sorted[n / 2]) / 2;
    }

    static String numbers(double[] values) {
        return Arrays.stream(values).mapToObj(Measurement::number).collect(Collectors.joining(" ", "[", "]"));
    }

    private static String number(double v) {
        return String.format(Locale.ROOT, v >= 1000 ? "%.0f" : "%.1f", v);
    }
}
