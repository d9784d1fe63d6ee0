package fathom.backend.cpu;

import java.util.ArrayList;
import java.util.List;

/// Has the JVM compile kernels before there is work for them. Vector code that is not compiled yet is
/// hundreds of times slower than compiled; as calls are counted, calls on next to no data are the
/// cheapest way to have it compiled.
///
/// Once the JIT has been asked by enough calls it is left the processor, but for a few calls now and then
/// that show whether it is done: with two processors, calls all the time would take one of them from the
/// JIT and from what the program is doing meanwhile.
final class WarmUp {
    /// Calls by which the JIT has been asked, whatever it does first.
    private static final int ASKING_CALLS = 1_500;

    private static final int CALLS = 100;
    private static final int WAITING_CALLS = 20;
    private static final long PAUSE_MILLIS = 2;

    /// Rounds that must have found a kernel compiled, for compiled code may be replaced once more.
    private static final int SURE = 3;

    /// A kernel, or what several have in common.
    ///
    /// @param call one call on next to no data, given the number of the call
    /// @param compiledNanos what such a call takes at most when it is compiled
    /// @param whenCompiled what is done then
    record Kernel(Call call, long compiledNanos, Runnable whenCompiled) {
        Kernel(Call call, long compiledNanos) {
            this(call, compiledNanos, () -> {});
        }
    }

    /// One call.
    @FunctionalInterface
    interface Call {
        void run(int number);
    }

    private static final class Waiting {
        private final Kernel kernel;
        private int calls;
        private int fast;

        Waiting(Kernel kernel) {
            this.kernel = kernel;
        }

        /// Whether the kernel is compiled for sure.
        boolean isDone() {
            int end = calls + (calls < ASKING_CALLS ? CALLS : WAITING_CALLS);
            long best = Long.MAX_VALUE;
            for (; calls < end; calls++) {
                long before = System.nanoTime();
                kernel.call.run(calls);
                best = Math.min(best, System.nanoTime() - before);
            }
            fast = best < kernel.compiledNanos ? fast + 1 : 0;
            if (fast == SURE) {
                kernel.whenCompiled.run();
            }
            return fast >= SURE;
        }
    }

    private WarmUp() {}

    /// Calls kernels until they are compiled, or until the time for it is up. For a thread of its own.
    ///
    /// @return whether all are compiled
    static boolean run(List<Kernel> kernels, long mostNanos) {
        long start = System.nanoTime();
        List<Waiting> waiting =
                new ArrayList<>(kernels.stream().map(Waiting::new).toList());
        try {
            while (!waiting.isEmpty() && System.nanoTime() - start < mostNanos) {
                waiting.removeIf(Waiting::isDone);
                Thread.sleep(PAUSE_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        return waiting.isEmpty();
    }
}
