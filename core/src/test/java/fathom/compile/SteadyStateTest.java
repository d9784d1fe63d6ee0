package fathom.compile;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.backend.cpu.CpuBackend;
import fathom.ir.Buffer;
import fathom.ir.Graph;
import fathom.ir.Node;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/// A step whose program is there already allocates small objects only, and no arrays of elements:
/// those are borrowed, or the variables' own.
///
/// All of it is counted, on one thread. The JVM allocates more until it has compiled the code, so the
/// steps go on until what they allocate is within the bounds, or for good.
class SteadyStateTest {
    private static final int MOST_STEPS = 20_000;
    private static final int STEPS = 20;

    private static final Object BEAN;
    private static final Method COUNTER;

    static {
        try {
            BEAN = Class.forName("java.lang.management.ManagementFactory")
                    .getMethod("getThreadMXBean")
                    .invoke(null);
            COUNTER = Class.forName("com.sun.management.ThreadMXBean").getMethod("getCurrentThreadAllocatedBytes");
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Objects that record an operation and find it again in the program, in all.
    private static final int BYTES_OF_OPERATION = 2_000;

    /// What a step allocates.
    ///
    /// @param run bytes by running the program
    /// @param whole bytes in all, building the nodes and finding the program included
    private record Cost(long run, long whole) {}

    @Test
    void perceptronAllocatesLessThanHalfAnActivation() {
        int batch = 2048;
        int width = 256;
        check(TrainingSteps.perceptron(batch, width), batch * width * Float.BYTES / 2);
    }

    @Test
    void convolutionsAllocateLessThanHalfAnImage() {
        int batch = 32;
        int channels = 16;
        check(TrainingSteps.convolutional(batch, channels), batch * 26 * 26 * channels * Float.BYTES / 2);
    }

    private static void check(Supplier<TrainingSteps.Step> model, long mostInRun) {
        try (CpuBackend backend = new CpuBackend(1, true)) {
            Counting program = new Counting(backend, model.get().roots());
            long most = mostInRun
                    + (long) BYTES_OF_OPERATION * program.graph.entries().size();
            Cost cost = program.steps(model);
            for (int i = 0; i < MOST_STEPS && (cost.run >= mostInRun || cost.whole >= most); i += STEPS) {
                cost = program.steps(model);
            }
            assertThat(cost.run).isLessThan(mostInRun);
            assertThat(cost.whole).isLessThan(most);
        }
    }

    /// A program that counts.
    private static final class Counting {
        final Graph graph;
        final Program program;
        final List<@Nullable Buffer> targets = new ArrayList<>();
        private long inRun;

        Counting(Backend backend, List<Node> roots) {
            graph = Graph.of(roots).graph();
            program = backend.compile(graph);
            for (Node n : roots) {
                targets.add(Buffer.allocate(n.dtype(), n.shape().size()));
            }
        }

        Cost steps(Supplier<TrainingSteps.Step> model) {
            inRun = 0;
            long before = allocated();
            for (int i = 0; i < STEPS; i++) {
                step(model);
            }
            return new Cost(inRun / STEPS, (allocated() - before) / STEPS);
        }

        private void step(Supplier<TrainingSteps.Step> model) {
            Graph.Call call = Graph.of(model.get().roots());
            assertThat(call.graph().equals(graph)).isTrue();
            List<Buffer> leaves = call.leaves().stream().map(Node::value).toList();
            long before = allocated();
            program.run(leaves, call.scalars(), targets);
            inRun += allocated() - before;
        }
    }

    /// Bytes that this thread has allocated so far. By reflection, for the module under test does not
    /// read `jdk.management`.
    private static long allocated() {
        try {
            return (long) COUNTER.invoke(BEAN);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }
}
