package fathom.io;

import static fathom.nn.Layers.linear;
import static fathom.nn.Layers.tanh;

import fathom.nn.Loss;
import fathom.nn.Modules;
import fathom.nn.Sequential;
import fathom.nn.optim.Adam;
import fathom.nn.optim.Schedule;
import fathom.nn.train.Metric;
import fathom.nn.train.Trainer;
import fathom.tensor.Batch;
import fathom.tensor.Batches;
import fathom.tensor.Tensor;
import java.util.Arrays;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Trainings that take a moment.
final class Trainings {
    /// Four batches of points, to be told by the sign of their coordinates' product.
    static final Batches DATA = new Points(List.of(batch(1), batch(2), batch(3), batch(4)));

    private Trainings() {}

    private record Points(List<Batch> all) implements Batches {
        @Override
        public int count() {
            return all.size();
        }

        @Override
        public int samples() {
            return all.stream().mapToInt(Batch::size).sum();
        }

        @Override
        public Iterator<Batch> epoch(int epoch, int skip) {
            return all.subList(skip, all.size()).iterator();
        }
    }

    private static Batch batch(int scale) {
        float[][] x = {{scale, 1}, {-scale, 1}, {scale, -1}, {-scale, -1}};
        return new Batch(Tensor.of(x), Tensor.of(new int[] {1, 0, 0, 1}));
    }

    static Trainer small() {
        return Trainer.of(Sequential.of(linear(8), tanh(), linear(2)))
                .loss(Loss.crossEntropy())
                .optimizer(Adam.of(0.02).scheduled(Schedule.step(4, 0.5)))
                .metrics(Metric.accuracy())
                .seed(3)
                .progress(false);
    }

    static Map<String, List<Float>> weights(Trainer trainer) {
        Map<String, List<Float>> all = new TreeMap<>();
        Modules.state(trainer.model()).forEach((path, w) -> {
            Float[] values = new Float[w.shape().size()];
            float[] floats = w.toFloats();
            Arrays.setAll(values, i -> floats[i]);
            all.put(path, List.of(values));
        });
        return all;
    }
}
