package fathom.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import fathom.autodiff.Gradients;
import fathom.ir.Window;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class ThreadsTest {
    /// A convolutional network's training step and some reductions that are large enough to be
    /// split.
    private static float[] compute() {
        RandomStream random = RandomStream.of(7);
        Tensor x = random.normal(Shape.of(9, 28, 28, 3));
        Variable w = Variable.of(random.normal(Shape.of(3, 3, 3, 24)).mul(0.2));
        Variable dense = Variable.of(random.normal(Shape.of(13 * 13 * 24, 10)).mul(0.02));
        Tensor h = x.conv2d(w.value(), Window.of(3, 3, 1, 0, 1), 1)
                .relu()
                .maxPool2d(2)
                .flatten(1)
                .matmul(dense.value());
        Tensor loss = h.logSoftmax(1).square().mean();
        List<Tensor> g = Gradients.of(loss, List.of(w.value(), dense.value()));
        Tensor big = random.normal(Shape.of(1_000_003));
        Tensor wide = random.normal(Shape.of(7, 50_001));
        Tensor sums = Tensor.concat(
                0,
                List.of(
                        loss.reshape(1),
                        g.get(0).flatten(0),
                        g.get(1).flatten(0),
                        big.sum().reshape(1),
                        big.exp().mean().reshape(1),
                        wide.sum(1),
                        wide.softmax(1).square().sum(1),
                        wide.sum(0).slice(0, 0, 1000)));
        return sums.toFloats();
    }

    @Test
    void theBitsDoNotDependOnTheNumberOfThreads() {
        float[] one = on(1);
        assertThat(on(2)).isEqualTo(one);
        assertThat(on(3)).isEqualTo(one);
        assertThat(one).doesNotContain(Float.NaN);
    }

    private static float[] on(int threads) {
        try (Device device = Device.cpu(threads)) {
            return device.call(ThreadsTest::compute);
        }
    }

    @Test
    void severalThreadsMayEvaluateAtOnce() throws InterruptedException {
        Tensor shared = Tensor.arange(1000).cast(DType.F64).square();
        List<Double> sums = Collections.synchronizedList(new ArrayList<>());
        List<Thread> threads = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            double factor = i;
            threads.add(Thread.ofVirtual()
                    .start(() -> sums.add(shared.mul(factor).sum().item() / 332833500)));
        }
        for (Thread t : threads) {
            t.join();
        }
        assertThat(sums).containsExactlyInAnyOrder(0d, 1d, 2d, 3d, 4d, 5d, 6d, 7d);
    }

    @Test
    void aDeviceHasAtLeastOneThread() {
        assertThatThrownBy(() -> Device.cpu(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("threads 0, expected at least 1");
    }

    @Test
    void theDeviceIsThatOfTheInnermostRun() {
        Device reference = TestDevice.REFERENCE.device();
        Device cpu = TestDevice.CPU.device();
        reference.run(() -> {
            assertThat(Device.current()).isSameAs(reference);
            cpu.run(() -> assertThat(Device.current()).isSameAs(cpu));
            assertThat(Device.current()).isSameAs(reference);
        });
    }

    @Test
    void failuresInsideReachTheCaller() {
        assertThatThrownBy(() -> TestDevice.REFERENCE.call(() -> {
                    throw new java.io.IOException("disk full");
                }))
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("disk full");
    }
}
