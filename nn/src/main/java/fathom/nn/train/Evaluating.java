package fathom.nn.train;

import fathom.compile.Profile;
import fathom.nn.Context;
import fathom.nn.Module;
import fathom.tensor.Batch;
import fathom.tensor.Batches;
import fathom.tensor.Device;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/// Measures a model on data, without changing it.
final class Evaluating {
    private Evaluating() {}

    /// Loss and metrics over all batches, or null if it was stopped.
    ///
    /// @param observer is given every batch with its predictions, evaluated
    static @Nullable Evaluation run(
            Module model,
            TrainStep step,
            List<Measure> metrics,
            Batches batches,
            @Nullable BiConsumer<Tensor, Batch> observer,
            BooleanSupplier stop) {
        return Profile.span("evaluate", () -> measure(model, step, metrics, batches, observer, stop));
    }

    private static @Nullable Evaluation measure(
            Module model,
            TrainStep step,
            List<Measure> metrics,
            Batches batches,
            @Nullable BiConsumer<Tensor, Batch> observer,
            BooleanSupplier stop) {
        long start = System.nanoTime();
        Sums sums = new Sums(metrics);
        List<StreamingMetric.Running<?>> running = new ArrayList<>();
        Measured.of(metrics, StreamingMetric.class)
                .forEach(m -> running.add(m.measure().begin(m)));
        Iterator<Batch> iterator = batches.epoch(0, 0);
        try {
            while (!stop.getAsBoolean()) {
                if (!iterator.hasNext()) {
                    Map<String, Double> values = sums.averages();
                    running.forEach(r -> values.put(r.of().name(), r.value()));
                    return new Evaluation(values, sums.samples(), (System.nanoTime() - start) / 1e9);
                }
                Batch batch = Profile.span("load", iterator::next);
                Outcome outcome = Context.inference(() -> step.apply(model, batch));
                Sums.Measures measures = sums.measure(outcome, batch);
                List<Tensor> wanted = new ArrayList<>(measures.besidesLoss());
                wanted.add(outcome.loss());
                if (observer != null) {
                    wanted.add(outcome.prediction());
                }
                running.forEach(r -> wanted.add(r.of().in(outcome, batch).prediction()));
                Device.current().evaluate(wanted);
                sums.add(measures);
                running.forEach(r -> r.add(r.of().in(outcome, batch)));
                if (observer != null) {
                    observer.accept(outcome.prediction(), batch);
                }
            }
            return null;
        } catch (RuntimeException e) {
            // As in training: a loader that was interrupted while it waited means to stop.
            if (Thread.currentThread().isInterrupted() && stop.getAsBoolean()) {
                return null;
            }
            throw e;
        } finally {
            Loop.close(iterator);
        }
    }
}
