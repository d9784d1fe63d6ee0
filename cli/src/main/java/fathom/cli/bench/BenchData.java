package fathom.cli.bench;

import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;

/// Made-up batches that can be learned, held in memory as tensors. In part the labels are wrong: a
/// network can learn the rest, so the loss falls, but not to nothing, so that no run ends in
/// arithmetic on denormals. The numbers are the same as the peers'.
///
/// @param x inputs, taken in turns
/// @param y labels, taken in turns
public record BenchData(List<Tensor> x, List<Tensor> y) {
    private static final int INPUTS = 8;
    private static final int LABELS = 64;
    private static final int CLASSES = 10;

    /// Gaussian noise over a faint pattern of the sample's class. Each of the few input batches
    /// returns with several labellings of which three labels in ten are wrong.
    ///
    /// @param batch samples in a batch
    /// @param sample the shape of a sample
    static BenchData images(int batch, Shape sample) {
        SplittableRandom random = new SplittableRandom(42);
        float[][] pattern = new float[CLASSES][sample.size()];
        for (float[] p : pattern) {
            for (int i = 0; i < p.length; i++) {
                p[i] = 0.3f * (float) random.nextGaussian();
            }
        }
        int[] sizes = IntStream.concat(
                        IntStream.of(batch), sample.toList().stream().mapToInt(Integer::intValue))
                .toArray();
        List<Tensor> x = new ArrayList<>();
        int[][] truth = new int[INPUTS][batch];
        for (int k = 0; k < INPUTS; k++) {
            float[] values = new float[batch * sample.size()];
            for (int b = 0; b < batch; b++) {
                int c = random.nextInt(CLASSES);
                truth[k][b] = c;
                for (int i = 0; i < sample.size(); i++) {
                    values[b * sample.size() + i] = (float) random.nextGaussian() + pattern[c][i];
                }
            }
            x.add(Tensor.of(values, sizes));
        }
        return new BenchData(x, noisy(truth, CLASSES, random));
    }

    /// Sequences of tokens `[batch, time]` of two classes, which prefer different halves of the
    /// vocabulary. Three labels in ten are wrong.
    static BenchData sequences(int batch, int time, int vocabulary) {
        SplittableRandom random = new SplittableRandom(43);
        int half = vocabulary / 2;
        List<Tensor> x = new ArrayList<>();
        int[][] truth = new int[INPUTS][batch];
        for (int k = 0; k < INPUTS; k++) {
            int[] tokens = new int[batch * time];
            for (int b = 0; b < batch; b++) {
                int c = random.nextInt(2);
                truth[k][b] = c;
                for (int t = 0; t < time; t++) {
                    int side = random.nextDouble() < 0.7 ? c : 1 - c;
                    tokens[b * time + t] = side * half + random.nextInt(half);
                }
            }
            x.add(Tensor.of(tokens, batch, time));
        }
        return new BenchData(x, noisy(truth, 2, random));
    }

    /// Several labellings of each batch.
    private static List<Tensor> noisy(int[][] truth, int classes, SplittableRandom random) {
        List<Tensor> y = new ArrayList<>();
        for (int k = 0; k < LABELS; k++) {
            int[] labels = truth[k % truth.length].clone();
            for (int b = 0; b < labels.length; b++) {
                if (random.nextDouble() >= 0.7) {
                    labels[b] = random.nextInt(classes);
                }
            }
            y.add(Tensor.of(labels, labels.length));
        }
        return y;
    }

    /// Noisy chains of tokens `[batch, time]`, each labelled with the next: with probability 0.6 it
    /// follows from the token before.
    static BenchData language(int batch, int time, int vocabulary) {
        SplittableRandom random = new SplittableRandom(44);
        List<Tensor> x = new ArrayList<>();
        List<Tensor> y = new ArrayList<>();
        for (int k = 0; k < LABELS; k++) {
            int[] tokens = new int[batch * time];
            int[] next = new int[batch * time];
            for (int b = 0; b < batch; b++) {
                int token = random.nextInt(vocabulary);
                for (int t = 0; t < time; t++) {
                    tokens[b * time + t] = token;
                    token = random.nextDouble() < 0.6 ? (7 * token + 3) % vocabulary : random.nextInt(vocabulary);
                    next[b * time + t] = token;
                }
            }
            x.add(Tensor.of(tokens, batch, time));
            y.add(Tensor.of(next, batch, time));
        }
        return new BenchData(x, y);
    }

    /// The inputs of a step.
    public Tensor x(long step) {
        return x.get((int) (step % x.size()));
    }

    /// The labels of a step.
    public Tensor y(long step) {
        return y.get((int) (step % y.size()));
    }

    /// Numbers from a standard normal distribution.
    static Tensor gaussian(int seed, int... shape) {
        SplittableRandom random = new SplittableRandom(seed);
        float[] values = new float[Shape.of(shape).size()];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return Tensor.of(values, shape);
    }
}
