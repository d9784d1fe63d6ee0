package fathom.nn.train;

import fathom.nn.Loss;
import fathom.tensor.Batch;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Loss and metrics over many batches.
final class Sums {
    private final List<Metric> metrics;
    private double loss;
    private long samples;
    private final double[] totals;
    private final long[] counts;

    /// @param measures what is measured, of which sums are made of the [Metric]s alone
    Sums(List<Measure> measures) {
        this.metrics = measures.stream()
                .filter(Metric.class::isInstance)
                .map(Metric.class::cast)
                .toList();
        this.totals = new double[metrics.size()];
        this.counts = new long[metrics.size()];
    }

    /// What is to be computed for one batch.
    ///
    /// @param loss the mean loss
    /// @param totals for each metric the sum over the batch
    record Measures(Tensor loss, List<Tensor> totals) {}

    /// Records what is to be computed.
    Measures measure(Loss function, Tensor prediction, Batch batch) {
        Tensor value = function.of(prediction, batch.y());
        List<Tensor> sums = new ArrayList<>(metrics.size());
        for (Metric m : metrics) {
            sums.add(m.total(prediction, batch.y()));
        }
        return new Measures(value, sums);
    }

    /// Adds what has been computed.
    void add(Measures measures, Tensor prediction, Batch batch) {
        int n = batch.size();
        loss += measures.loss().item() * n;
        samples += n;
        for (int i = 0; i < totals.length; i++) {
            totals[i] += measures.totals().get(i).item();
            counts[i] += metrics.get(i).count(prediction, batch.y());
        }
    }

    long samples() {
        return samples;
    }

    /// The means so far, by name.
    Map<String, Double> averages() {
        Map<String, Double> averages = new LinkedHashMap<>();
        averages.put("loss", loss / samples);
        for (int i = 0; i < totals.length; i++) {
            Metric m = metrics.get(i);
            averages.put(m.name(), m.finish(totals[i] / counts[i]));
        }
        return averages;
    }

    void clear() {
        loss = 0;
        samples = 0;
        Arrays.fill(totals, 0);
        Arrays.fill(counts, 0);
    }

    void write(Map<String, String> metadata) {
        metadata.put("sums.samples", Long.toString(samples));
        metadata.put("sums.loss", Double.toString(loss));
        for (int i = 0; i < totals.length; i++) {
            String name = "sums." + metrics.get(i).name();
            metadata.put(name + ".total", Double.toString(totals[i]));
            metadata.put(name + ".count", Long.toString(counts[i]));
        }
    }

    void read(Metadata metadata) {
        samples = metadata.integer("sums.samples");
        loss = metadata.number("sums.loss");
        for (int i = 0; i < totals.length; i++) {
            String name = "sums." + metrics.get(i).name();
            totals[i] = metadata.number(name + ".total");
            counts[i] = metadata.integer(name + ".count");
        }
    }
}
