package fathom.nn.optim;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.compile.Profile;
import fathom.nn.Embedding;
import fathom.nn.Parameter;
import fathom.tensor.DType;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// A table of a million vectors, of which a step uses 1,600: what a step takes with [Lazy] and without. It
/// prints the figures of BENCHMARKS.md.
@Tag("slow")
class LargeTableTest {
    private static final int VOCABULARY = 1_000_000;
    private static final int WIDTH = 64;
    private static final int STEPS = 12;
    /// Enough for the compiler of the virtual machine to have done its work.
    private static final int LAZY_STEPS = 400;

    static Stream<UpdateRule> rules() {
        return Stream.of(Sgd.of(0.1), Adagrad.of(0.1), Adam.of(0.001));
    }

    /// What steps took, and where they led.
    ///
    /// @param bytes that the program of a step moves
    /// @param processor milliseconds of a step, of those of the second half
    /// @param rows some rows of the table afterwards, used ones and others
    private record Training(long bytes, double processor, List<Float> rows) {
        static Training by(UpdateRule rule, int steps) {
            int half = steps / 2;
            RandomStream random = RandomStream.of(5);
            Embedding model = new Embedding(Parameter.of(random.split("table").normal(Shape.of(VOCABULARY, WIDTH))));
            Optimizer optimizer = rule.on(model);
            for (int i = 0; i < half; i++) {
                step(optimizer, model, i);
            }
            Profile profile = Profile.of();
            Duration before = processorTime();
            profile.run(() -> {
                for (int i = half; i < steps; i++) {
                    step(optimizer, model, i);
                }
            });
            double nanos = processorTime().minus(before).toNanos();
            long bytes = profile.kernels().stream()
                    .mapToLong(k -> k.kernel().bytes() * k.calls())
                    .sum();
            Tensor some = Tensor.concat(0, tokens(0).flatten(0), tokens(half).flatten(0), Tensor.arange(50_000));
            float[] values = model.weight().value().take(some, 0).toFloats();
            return new Training(bytes / half, nanos / 1e6 / half, floats(values));
        }

        private static List<Float> floats(float[] values) {
            Float[] boxed = new Float[values.length];
            Arrays.setAll(boxed, i -> values[i]);
            return List.of(boxed);
        }
    }

    private static Tensor tokens(int step) {
        return RandomStream.of(6)
                .split("step " + step)
                .uniform(Shape.of(32, 50))
                .mul(VOCABULARY)
                .cast(DType.I32);
    }

    private static void step(Optimizer optimizer, Embedding model, int step) {
        optimizer.step(model.apply(tokens(step)).square().sum());
    }

    private static Duration processorTime() {
        return ProcessHandle.current().info().totalCpuDuration().orElse(Duration.ZERO);
    }

    @ParameterizedTest
    @MethodSource("rules")
    void aStepTakesWhatTheUsedRowsTake(UpdateRule rule) {
        Training lazy = Training.by(new Lazy(rule), LAZY_STEPS);
        Training dense = Training.by(rule, STEPS);
        IO.println("%s: a step moves %.1f MB and takes %.1f ms; lazily %.2f MB and %.1f ms"
                .formatted(
                        rule.getClass().getSimpleName(),
                        dense.bytes / 1e6,
                        dense.processor,
                        lazy.bytes / 1e6,
                        lazy.processor));
        assertThat(lazy.bytes).isLessThan(dense.bytes / 50);
        if (!(rule instanceof Adam)) {
            assertThat(Training.by(new Lazy(rule), STEPS).rows).isEqualTo(dense.rows);
        }
    }
}
