package fathom.testing;

import com.sun.management.ThreadMXBean;
import java.io.UncheckedIOException;
import java.lang.management.ManagementFactory;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/// Lets a reader read one file after the other on a thread of its own, and judges what becomes of it.
final class Watch implements AutoCloseable {
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    /// Beyond so much work it is taken for an endless loop, and beyond so much time for one that waits for ever: a
    /// machine with other work may stand still for minutes.
    private static final long MOST_SECONDS = 20;

    private static final long MOST_SECONDS_ON_THE_CLOCK = 600;
    private static final long MOST_NANOSECONDS = TimeUnit.SECONDS.toNanos(2);
    private static final long MOST_MEMORY = 64L << 20;
    private static final int LONGEST_MESSAGE = 4000;

    /// Frames of a stack that tell one error from the other.
    private static final int FRAMES = 5;

    private final String folder;
    private ExecutorService worker = worker();

    /// @param folder whose name, or that of a file in it, each message has to have
    Watch(String folder) {
        this.folder = folder;
    }

    /// What became of it.
    ///
    /// @param kind the same for all files that end at the same place in the same way
    /// @param problem if it may not be so
    record Verdict(String kind, Optional<String> problem) {}

    private static ExecutorService worker() {
        return Executors.newSingleThreadExecutor(
                Thread.ofPlatform().daemon().name("fuzz").factory());
    }

    /// Reads a file.
    ///
    /// @param size of the file, to which the memory may be in proportion
    Verdict of(long size, Runnable reading) {
        CompletableFuture<Thread> thread = new CompletableFuture<>();
        var running = worker.submit(() -> {
            thread.complete(Thread.currentThread());
            return run(size, reading);
        });
        long begin = System.nanoTime();
        long before = THREADS.getThreadCpuTime(thread.join().threadId());
        try {
            while (true) {
                try {
                    return running.get(MOST_SECONDS, TimeUnit.SECONDS);
                } catch (TimeoutException e) {
                    long work = THREADS.getThreadCpuTime(thread.join().threadId()) - before;
                    long clock = System.nanoTime() - begin;
                    if (work > TimeUnit.SECONDS.toNanos(MOST_SECONDS)
                            || clock > TimeUnit.SECONDS.toNanos(MOST_SECONDS_ON_THE_CLOCK)) {
                        StackTraceElement[] stack = thread.join().getStackTrace();
                        worker = worker(); // The old one is lost.
                        return new Verdict("endless", Optional.of("endless at\n" + frames(stack, 20)));
                    }
                }
            }
        } catch (ExecutionException e) {
            throw new AssertionError(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    private Verdict run(long size, Runnable reading) {
        long memory = THREADS.getCurrentThreadAllocatedBytes();
        long time = THREADS.getCurrentThreadCpuTime();
        Throwable thrown = null;
        try {
            reading.run();
        } catch (Throwable e) { // Errors of the virtual machine, too: these are looked for.
            thrown = e;
        }
        time = THREADS.getCurrentThreadCpuTime() - time;
        memory = THREADS.getCurrentThreadAllocatedBytes() - memory;
        String kind = thrown == null
                ? "sound"
                : thrown.getClass().getName() + "\n" + frames(origin(thrown).getStackTrace(), FRAMES);
        if (memory > MOST_MEMORY + 1000 * size) {
            return new Verdict(
                    "memory\n" + kind, Optional.of(memory + " bytes of memory for " + size + " of the file\n" + kind));
        }
        if (time > MOST_NANOSECONDS) {
            return new Verdict("time\n" + kind, Optional.of(time / 1_000_000 + " ms\n" + kind));
        }
        return new Verdict(kind, Optional.ofNullable(thrown).map(this::problem));
    }

    private static Throwable origin(Throwable thrown) {
        Throwable last = thrown;
        while (last.getCause() != null && last.getCause() != last) {
            last = last.getCause();
        }
        return last;
    }

    private @Nullable String problem(Throwable thrown) {
        // Kinds that the reader has made are meant, too, and those of the library, such as of numbers, are not.
        boolean isArgument = thrown instanceof IllegalArgumentException
                && (thrown.getClass() == IllegalArgumentException.class
                        || thrown.getClass().getName().startsWith("fathom."));
        boolean isMeant = isArgument || thrown instanceof UncheckedIOException;
        String message = String.valueOf(thrown.getMessage());
        if (!isMeant || origin(thrown) instanceof VirtualMachineError) {
            return thrown + " of " + origin(thrown) + "\n"
                    + frames(origin(thrown).getStackTrace(), 20);
        }
        if (!message.contains(folder) || message.length() > LONGEST_MESSAGE) {
            String shown = message.substring(0, Math.min(message.length(), LONGEST_MESSAGE));
            return "a message of %s letters that has to name %s: %s%n%s"
                    .formatted(message.length(), folder, shown, frames(thrown.getStackTrace(), 20));
        }
        return null;
    }

    private static String frames(StackTraceElement[] stack, int most) {
        StringBuilder frames = new StringBuilder();
        for (int i = 0; i < Math.min(stack.length, most); i++) {
            frames.append("  ").append(stack[i]).append('\n');
        }
        return frames.toString();
    }

    @Override
    public void close() {
        worker.shutdownNow();
    }
}
