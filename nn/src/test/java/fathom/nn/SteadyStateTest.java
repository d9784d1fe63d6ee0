package fathom.nn;

import static fathom.nn.Layers.conv2d;
import static fathom.nn.Layers.flatten;
import static fathom.nn.Layers.linear;
import static fathom.nn.Layers.maxPool2d;
import static fathom.nn.Layers.relu;
import static org.assertj.core.api.Assertions.assertThat;

import fathom.nn.optim.Adam;
import fathom.nn.optim.Optimizer;
import fathom.tensor.Device;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/// That training in a steady state allocates no arrays of elements: a step, with the building of its
/// nodes and the search for its program, allocates less than half of one activation, however many of
/// them there are. What it does allocate is small objects, fewer the better the JIT has done.
class SteadyStateTest {
    private static final int STEPS = 10;
    private static final long PATIENCE_NANOS = 60_000_000_000L;
    private static final Object BEAN;
    private static final Method COUNTER;

    static {
        try {
            // By reflection, for the module under test does not read the one that counts.
            BEAN = Class.forName("java.lang.management.ManagementFactory")
                    .getMethod("getThreadMXBean")
                    .invoke(null);
            COUNTER = Class.forName("com.sun.management.ThreadMXBean").getMethod("getCurrentThreadAllocatedBytes");
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void perceptronAllocatesLessThanHalfAnActivation() {
        int batch = 2048;
        int width = 256;
        Layer layers = Sequential.of(linear(width), relu(), linear(width), relu(), linear(10));
        check(layers, Shape.of(width), batch, (long) batch * width * Float.BYTES / 2);
    }

    @Test
    void convolutionsAllocateLessThanHalfAnImage() {
        int batch = 32;
        int channels = 16;
        Layer layers = Sequential.of(
                conv2d(channels, 3),
                relu(),
                maxPool2d(2),
                conv2d(2 * channels, 3),
                relu(),
                maxPool2d(2),
                flatten(),
                linear(64),
                relu(),
                linear(10));
        check(layers, Shape.of(28, 28, 1), batch, (long) batch * 26 * 26 * channels * Float.BYTES / 2);
    }

    /// A normalisation is computed a few rows at a time, which must not cost objects each time.
    @Test
    void rowsTakenAFewAtATimeAllocateNothing() {
        try (Device device = Device.cpu(1)) {
            int rows = 512;
            int columns = 4096;
            long result = (long) rows * columns * Float.BYTES;
            long most = result + 192 * 1024;
            long bytes = device.call(() -> {
                Module norm = Layers.layerNorm().build(Shape.of(columns), RandomStream.of(1));
                Tensor x = RandomStream.of(2).normal(Shape.of(rows, columns)).evaluate();
                return leastAllocated(most, () -> norm.apply(x).evaluate());
            });
            assertThat(bytes).isBetween(result, most);
        }
    }

    /// Rows that fill half a vector are computed with vectors of half the width. That these have been in use
    /// must not cost the loops with whole ones, compiled later, objects for their vectors.
    @Test
    void vectorsOfTwoWidthsAllocateNothing() {
        int columns = 4096;
        long most = 192 * 1024;
        try (Device device = Device.cpu(1)) {
            device.run(() -> {
                Tensor halves = RandomStream.of(1).normal(Shape.of(512, 24)).evaluate();
                for (int depth = 1; depth < 6; depth++) {
                    for (int i = 0; i < 300; i++) {
                        chain(halves, depth).evaluate();
                        chain(halves, depth).sum(0).evaluate();
                    }
                }
                Tensor x = RandomStream.of(2).normal(Shape.of(512, columns)).evaluate();
                for (int depth = 0; depth < 6; depth++) {
                    for (int axis = 0; axis < 2; axis++) {
                        String what = depth + " operations, then their sum over axis " + axis;
                        int length = depth;
                        int over = axis;
                        long bytes = leastAllocated(
                                most, () -> chain(x, length).sum(over).evaluate());
                        assertThat(bytes).as(what).isLessThan(most);
                    }
                }
            });
        }
    }

    private static Tensor chain(Tensor x, int length) {
        Tensor y = x;
        for (int i = 0; i < length; i++) {
            y = i % 2 == 0 ? y.add(x) : y.mul(x);
        }
        return y;
    }

    private static void check(Layer layers, Shape sample, int batch, long most) {
        try (Device device = Device.cpu(1)) {
            long bytes = device.call(() -> {
                Module model = layers.build(sample, RandomStream.of(1));
                Optimizer optimizer = Adam.of(1e-3).on(model);
                Tensor x = RandomStream.of(2)
                        .normal(Shape.of(batch, sample.size()))
                        .reshape(batched(sample, batch))
                        .copy();
                Tensor y = Tensor.of(new int[batch], batch);
                return leastAllocated(most, () -> optimizer.step(Loss.crossEntropy(model.apply(x), y)));
            });
            assertThat(bytes).isLessThan(most);
        }
    }

    /// Bytes of one step, once they are fewer than `most` or the JIT has had its time.
    private static long leastAllocated(long most, Runnable step) {
        long least = Long.MAX_VALUE;
        long start = System.nanoTime();
        while (least >= most && System.nanoTime() - start < PATIENCE_NANOS) {
            long before = allocated();
            for (int i = 0; i < STEPS; i++) {
                step.run();
            }
            least = Math.min(least, (allocated() - before) / STEPS);
        }
        return least;
    }

    private static Shape batched(Shape sample, int batch) {
        List<Integer> sizes = new ArrayList<>(sample.toList());
        sizes.addFirst(batch);
        return Shape.of(sizes);
    }

    /// Bytes that this thread has allocated so far; with one thread that is all there are.
    private static long allocated() {
        try {
            return (long) COUNTER.invoke(BEAN);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
