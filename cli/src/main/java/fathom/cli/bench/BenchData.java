package fathom.cli.bench;

import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;

/// Made-up batches that can be learned, held in memory as tensors. Each of the few input batches
/// returns with several labellings of which three labels in ten are wrong: a network can learn the
/// rest, so the loss falls, but not to nothing, so that no run ends in arithmetic on denormals. The
/// numbers are the same as the peers'.
final class BenchData {
    private static final int INPUTS = 8;
    private static final int LABELS = 64;
    private static final int CLASSES = 10;
    private static final int PIXELS = 784;

    private final List<Tensor> x = new ArrayList<>();
    private final List<Tensor> y = new ArrayList<>();

    /// Gaussian noise over a faint pattern of the sample's class, in batches of the given shape.
    BenchData(int batch, int... shape) {
        SplittableRandom random = new SplittableRandom(42);
        float[][] pattern = new float[CLASSES][PIXELS];
        for (float[] p : pattern) {
            for (int i = 0; i < PIXELS; i++) {
                p[i] = 0.3f * (float) random.nextGaussian();
            }
        }
        int[][] truth = new int[INPUTS][batch];
        for (int k = 0; k < INPUTS; k++) {
            float[] values = new float[batch * PIXELS];
            for (int b = 0; b < batch; b++) {
                int c = random.nextInt(CLASSES);
                truth[k][b] = c;
                for (int i = 0; i < PIXELS; i++) {
                    values[b * PIXELS + i] = (float) random.nextGaussian() + pattern[c][i];
                }
            }
            x.add(Tensor.of(values, shape));
        }
        for (int k = 0; k < LABELS; k++) {
            int[] labels = new int[batch];
            for (int b = 0; b < batch; b++) {
                labels[b] = random.nextDouble() < 0.7 ? truth[k % INPUTS][b] : random.nextInt(CLASSES);
            }
            y.add(Tensor.of(labels, batch));
        }
    }

    /// The inputs of a step.
    Tensor x(long step) {
        return x.get((int) (step % INPUTS));
    }

    /// The labels of a step.
    Tensor y(long step) {
        return y.get((int) (step % LABELS));
    }

    /// A square matrix of numbers from a standard normal distribution.
    static Tensor gaussian(int side, int seed) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[side * side];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Tensor.of(values, side, side);
    }
}
