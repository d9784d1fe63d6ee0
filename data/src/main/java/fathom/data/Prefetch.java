package fathom.data;

import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Queue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.function.IntFunction;

/// The results of `make.apply(from)`, ..., `make.apply(to - 1)`, in that order, the next few of
/// which are made on other threads while one is used.
///
/// Nothing is started before the first [#next]. No thread waits for the consumer, so an iterator
/// that is given up needs no closing: what was begun ends by itself, and so do its threads.
///
/// These are no virtual threads: one of those that loads a class keeps its processor while it waits, and if all
/// that there are wait for a lock, as that of a jar, whose owner has none, they wait for ever.
final class Prefetch<T> implements Iterator<T> {
    private static final long IDLE_SECONDS = 1;

    private final int to;
    private final int ahead;
    private final IntFunction<T> make;
    private final Queue<Future<T>> begun = new ArrayDeque<>();
    private final ThreadPoolExecutor threads;
    private int next;

    Prefetch(int from, int to, int ahead, IntFunction<T> make) {
        this.next = from;
        this.to = to;
        this.ahead = ahead;
        this.make = make;
        int most = Math.clamp(ahead, 1, Runtime.getRuntime().availableProcessors());
        threads = new ThreadPoolExecutor(
                most,
                most,
                IDLE_SECONDS,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                Thread.ofPlatform().daemon().name("fathom-prefetch-", 0).factory());
        threads.allowCoreThreadTimeOut(true);
    }

    @Override
    public boolean hasNext() {
        return next < to;
    }

    /// The next result. What `make` throws is thrown here. Neither disturbed by an interrupt nor
    /// clearing it.
    @Override
    public T next() {
        if (!hasNext()) {
            throw new NoSuchElementException("no batch " + next + ", the last was " + (to - 1));
        }
        if (ahead == 0) {
            return make.apply(next++);
        }
        while (begun.size() <= ahead && next + begun.size() < to) {
            begin(next + begun.size());
        }
        next++;
        return result(begun.remove());
    }

    private void begin(int index) {
        begun.add(threads.submit(() -> make.apply(index)));
    }

    private static <T> T result(Future<T> task) {
        boolean interrupted = false;
        try {
            while (true) {
                try {
                    return task.get();
                } catch (InterruptedException e) {
                    interrupted = true;
                } catch (ExecutionException e) {
                    throw unwrapped(e);
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    private static RuntimeException unwrapped(ExecutionException e) {
        return switch (e.getCause()) {
            case RuntimeException r -> r;
            case Error error -> throw error;
            case null, default -> new IllegalStateException(e.getMessage(), e);
        };
    }
}
