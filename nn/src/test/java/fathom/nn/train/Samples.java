package fathom.nn.train;

import fathom.tensor.Batch;
import fathom.tensor.Batches;
import fathom.tensor.RandomStream;
import fathom.tensor.Tensor;
import java.util.Iterator;
import java.util.stream.IntStream;

/// Points of the plane with labels, in a new order every epoch.
@SuppressWarnings("ArrayRecordComponent") // Nobody compares them.
record Samples(float[][] points, int[] labels, int batchSize, boolean shuffled) implements Batches {
    /// Two spirals, wound around each other.
    static Samples spirals(int perArm, int batchSize) {
        float[][] points = new float[2 * perArm][2];
        int[] labels = new int[2 * perArm];
        for (int i = 0; i < 2 * perArm; i++) {
            int place = i / 2;
            double part = (place + 0.5) / perArm;
            double angle = part * 2 * Math.PI + (i % 2) * Math.PI;
            points[i][0] = (float) (3 * part * Math.cos(angle));
            points[i][1] = (float) (3 * part * Math.sin(angle));
            labels[i] = i % 2;
        }
        return new Samples(points, labels, batchSize, true);
    }

    Samples inOrder() {
        return new Samples(points, labels, batchSize, false);
    }

    Samples batch(int size) {
        return new Samples(points, labels, size, shuffled);
    }

    @Override
    public int count() {
        return Math.ceilDiv(labels.length, batchSize);
    }

    @Override
    public int samples() {
        return labels.length;
    }

    @Override
    public Iterator<Batch> epoch(int epoch, int skip) {
        int[] order = shuffled
                ? RandomStream.of(9).split("epoch " + epoch).shuffled(labels.length)
                : IntStream.range(0, labels.length).toArray();
        return IntStream.range(skip, count())
                .mapToObj(b -> {
                    int from = b * batchSize;
                    int n = Math.min(batchSize, labels.length - from);
                    float[] x = new float[2 * n];
                    int[] y = new int[n];
                    for (int i = 0; i < n; i++) {
                        x[2 * i] = points[order[from + i]][0];
                        x[2 * i + 1] = points[order[from + i]][1];
                        y[i] = labels[order[from + i]];
                    }
                    return new Batch(Tensor.of(x, n, 2), Tensor.of(y, n));
                })
                .iterator();
    }
}
