package fathom.nn.train;

import fathom.ir.Require;
import fathom.tensor.Batch;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Loss, its parts and metrics over many batches.
final class Sums {
    static final String LOSS = "loss";
    private static final String PARTS = "sums.parts.";
    private static final String COUNT = PARTS + "count";

    private final List<Measured<Metric>> metrics;
    private final double[] totals;
    private final long[] counts;
    private final Map<String, Part> parts = new LinkedHashMap<>();
    private double loss;
    private long samples;

    /// A part of the loss over the batches that have it.
    ///
    /// @param total the sum of its means times the batches' sizes
    private record Part(double total, long samples) {
        Part plus(Part other) {
            return new Part(total + other.total, samples + other.samples);
        }
    }

    /// @param measures what is measured, of which sums are made of the [Metric]s alone
    Sums(List<Measure> measures) {
        this.metrics = Measured.of(measures, Metric.class);
        this.totals = new double[metrics.size()];
        this.counts = new long[metrics.size()];
    }

    /// What is to be computed for one batch.
    ///
    /// @param totals for each metric the sum over the batch
    record Measures(Outcome outcome, Batch batch, List<Tensor> totals) {
        /// All but the loss.
        List<Tensor> besidesLoss() {
            List<Tensor> all = new ArrayList<>(totals);
            all.addAll(outcome.parts().values());
            return all;
        }
    }

    /// Records what is to be computed.
    Measures measure(Outcome outcome, Batch batch) {
        List<Tensor> sums = new ArrayList<>(metrics.size());
        for (Measured<Metric> m : metrics) {
            String name = m.name();
            boolean free = !outcome.parts().containsKey(name);
            Require.that(free, "outcome: a part %s, which is also a metric, expected different names", name);
            Outcome.Output o = m.in(outcome, batch);
            sums.add(m.measure().total(o.prediction(), o.target()));
        }
        return new Measures(outcome, batch, sums);
    }

    /// Adds what has been computed.
    void add(Measures measures) {
        Outcome outcome = measures.outcome();
        Batch batch = measures.batch();
        int n = batch.size();
        loss += outcome.loss().item() * n;
        samples += n;
        outcome.parts().forEach((name, part) -> parts.merge(name, new Part(part.item() * n, n), Part::plus));
        for (int i = 0; i < totals.length; i++) {
            Outcome.Output o = metrics.get(i).in(outcome, batch);
            totals[i] += measures.totals().get(i).item();
            counts[i] += metrics.get(i).measure().count(o.prediction(), o.target());
        }
    }

    long samples() {
        return samples;
    }

    /// The means so far, by name.
    Map<String, Double> averages() {
        Map<String, Double> averages = new LinkedHashMap<>();
        averages.put(LOSS, loss / samples);
        parts.forEach((name, part) -> averages.put(name, part.total() / part.samples()));
        for (int i = 0; i < totals.length; i++) {
            Measured<Metric> m = metrics.get(i);
            averages.put(m.name(), m.measure().finish(totals[i] / counts[i]));
        }
        return averages;
    }

    void clear() {
        loss = 0;
        samples = 0;
        parts.clear();
        Arrays.fill(totals, 0);
        Arrays.fill(counts, 0);
    }

    void write(Map<String, String> metadata) {
        metadata.put("sums.samples", Long.toString(samples));
        metadata.put("sums.loss", Double.toString(loss));
        metadata.put(COUNT, Integer.toString(parts.size()));
        int next = 0;
        for (Map.Entry<String, Part> e : parts.entrySet()) {
            String prefix = PARTS + next++;
            metadata.put(prefix, e.getKey());
            metadata.put(prefix + ".total", Double.toString(e.getValue().total()));
            metadata.put(prefix + ".samples", Long.toString(e.getValue().samples()));
        }
        for (int i = 0; i < totals.length; i++) {
            String name = "sums." + metrics.get(i).name();
            metadata.put(name + ".total", Double.toString(totals[i]));
            metadata.put(name + ".count", Long.toString(counts[i]));
        }
    }

    void read(Metadata metadata) {
        samples = metadata.integer("sums.samples");
        loss = metadata.number("sums.loss");
        parts.clear();
        // Checkpoints from before losses had parts do not say so.
        int count = metadata.entries().containsKey(COUNT) ? metadata.small(COUNT) : 0;
        for (int i = 0; i < count; i++) {
            String prefix = PARTS + i;
            parts.put(
                    metadata.text(prefix),
                    new Part(metadata.number(prefix + ".total"), metadata.integer(prefix + ".samples")));
        }
        for (int i = 0; i < totals.length; i++) {
            String name = "sums." + metrics.get(i).name();
            totals[i] = metadata.number(name + ".total");
            counts[i] = metadata.integer(name + ".count");
        }
    }
}
