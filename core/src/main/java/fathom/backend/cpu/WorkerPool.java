package fathom.backend.cpu;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/// A fixed set of threads that share the tasks of one parallel region after the other.
///
/// The calling thread takes part as worker 0. Between regions the others spin for a moment, since
/// the kernels of a training step follow each other within microseconds, and then sleep. Regions
/// from several threads take turns; a region begun inside a task runs its tasks in place. Which
/// worker runs a task is left open, so results must not depend on it.
public final class WorkerPool implements AutoCloseable {
    /// How long an idle worker, or a caller with nothing left to do, spins before it sleeps.
    private static final long SPIN_NANOS = 50_000;

    /// Below this many multiply-adds tasks are not worth waking anybody for.
    private static final long WORTH_SHARING = 1 << 16;

    /// One task of a parallel region.
    @FunctionalInterface
    public interface Body {
        /// Runs the task.
        ///
        /// @param task from 0 to the number of tasks - 1
        /// @param worker the worker that runs it, from 0 to [#threads] - 1
        void run(int task, int worker);
    }

    private final Worker[] workers;
    private final Scratch[] scratch;
    private final Scratch shared = new Scratch();
    private final ReentrantLock turn = new ReentrantLock();
    private volatile @Nullable Region region;
    private long regions;

    /// Whether the thread that holds the turn is inside a task.
    private boolean isCallerInTask;

    private volatile boolean closed;

    /// A pool of the given number of threads, the caller's included.
    public WorkerPool(int threads) {
        if (threads < 1) {
            throw new IllegalArgumentException("worker pool: " + threads + " threads, expected at least 1");
        }
        scratch = new Scratch[threads];
        for (int i = 0; i < threads; i++) {
            scratch[i] = new Scratch();
        }
        workers = new Worker[threads - 1];
        for (int i = 0; i < workers.length; i++) {
            workers[i] = new Worker(i + 1);
            workers[i].start();
        }
    }

    /// The number of workers, the caller included.
    public int threads() {
        return scratch.length;
    }

    /// Runs tasks 0 to `tasks - 1` and returns when all are done. Everything written before is
    /// visible to the tasks, and everything they wrote is visible afterwards.
    ///
    /// If tasks throw, the rest still run, and the first exception is thrown here with the others
    /// suppressed.
    public void parallel(int tasks, Body body) {
        int nested = currentWorker();
        if (nested >= 0) {
            runAll(tasks, nested, body);
            return;
        }
        turn.lock();
        try {
            if (closed) {
                throw new IllegalStateException("worker pool: used after close");
            }
            isCallerInTask = true;
            if (tasks <= 1 || workers.length == 0) {
                runAll(tasks, 0, body);
            } else {
                share(new Region(++regions, tasks, body, Thread.currentThread()));
            }
        } finally {
            isCallerInTask = false;
            turn.unlock();
        }
    }

    /// The same for tasks of so many multiply-adds together. Few of them are not worth waking anybody
    /// for: the calling thread runs them. Before it
    /// uses a workspace it has the turn, as inside of [#exclusively].
    void parallel(long work, int tasks, Body body) {
        if (work < WORTH_SHARING) {
            for (int task = 0; task < tasks; task++) {
                body.run(task, Math.max(0, currentWorker()));
            }
        } else {
            parallel(tasks, body);
        }
    }

    /// The worker whose task the current thread is inside of, or -1.
    private int currentWorker() {
        if (Thread.currentThread() instanceof Worker worker && worker.pool() == this) {
            return worker.index;
        }
        return turn.isHeldByCurrentThread() && isCallerInTask ? 0 : -1;
    }

    /// Runs a kernel that has several parallel regions and keeps data for them in the workspace it
    /// is given, so that no other thread's regions come in between.
    void exclusively(Consumer<Scratch> kernel) {
        if (currentWorker() >= 0) {
            // Inside a task, where the shared workspace may be in use.
            kernel.accept(new Scratch());
            return;
        }
        turn.lock();
        try {
            kernel.accept(shared);
        } finally {
            turn.unlock();
        }
    }

    /// The worker's own workspace: only for use inside a task, by kernels that begin no region in
    /// there.
    Scratch scratch(int worker) {
        return scratch[worker];
    }

    /// Ends the threads. Regions already running are finished.
    @Override
    public void close() {
        turn.lock();
        try {
            closed = true;
            for (Worker worker : workers) {
                LockSupport.unpark(worker);
            }
        } finally {
            turn.unlock();
        }
    }

    private static void runAll(int tasks, int worker, Body body) {
        Throwable failure = null;
        for (int task = 0; task < tasks; task++) {
            try {
                body.run(task, worker);
            } catch (Throwable e) {
                failure = joined(failure, e);
            }
        }
        rethrow(failure);
    }

    private static Throwable joined(@Nullable Throwable first, Throwable next) {
        if (first == null) {
            return next;
        }
        if (first != next) {
            first.addSuppressed(next);
        }
        return first;
    }

    private static void rethrow(@Nullable Throwable failure) {
        switch (failure) {
            case null -> {}
            case RuntimeException e -> throw e;
            case Error e -> throw e;
            case Throwable e -> throw new IllegalStateException(e);
        }
    }

    private void share(Region next) {
        region = next;
        for (Worker worker : workers) {
            if (worker.asleep) {
                LockSupport.unpark(worker);
            }
        }
        next.work(0);
        next.awaitOthers();
        region = null;
        rethrow(next.failure());
    }

    /// One call of [#parallel]. A worker that comes late finds no task left and nothing to spoil.
    private static final class Region {
        private final long number;
        private final int tasks;
        private final Body body;
        private final Thread caller;
        private final AtomicInteger claimed = new AtomicInteger();
        private final AtomicInteger finished = new AtomicInteger();
        private volatile boolean callerAsleep;
        private @Nullable Throwable failure;

        Region(long number, int tasks, Body body, Thread caller) {
            this.number = number;
            this.tasks = tasks;
            this.body = body;
            this.caller = caller;
        }

        void work(int worker) {
            for (int task = claimed.getAndIncrement(); task < tasks; task = claimed.getAndIncrement()) {
                try {
                    body.run(task, worker);
                } catch (Throwable e) {
                    fail(e);
                }
                if (finished.incrementAndGet() == tasks && callerAsleep) {
                    LockSupport.unpark(caller);
                }
            }
        }

        private synchronized void fail(Throwable e) {
            failure = joined(failure, e);
        }

        void awaitOthers() {
            long start = System.nanoTime();
            while (finished.get() < tasks) {
                if (!callerAsleep) {
                    Thread.onSpinWait();
                    callerAsleep = System.nanoTime() - start > SPIN_NANOS;
                } else {
                    LockSupport.park(this);
                }
            }
        }

        synchronized @Nullable Throwable failure() {
            return failure;
        }
    }

    private final class Worker extends Thread {
        private final int index;
        private volatile boolean asleep;

        Worker(int index) {
            super("fathom-worker-" + index);
            this.index = index;
            setDaemon(true);
        }

        WorkerPool pool() {
            return WorkerPool.this;
        }

        @Override
        public void run() {
            long last = 0;
            for (Region next = next(last); next != null; next = next(last)) {
                // Only the number is kept while waiting: a region holds on to its kernel's data.
                last = next.number;
                next.work(index);
            }
        }

        /// Waits for a region other than the last; null when the pool is closed.
        private @Nullable Region next(long last) {
            long start = System.nanoTime();
            while (true) {
                Region now = region;
                if (now != null && now.number != last) {
                    asleep = false;
                    return now;
                }
                if (closed) {
                    return null;
                }
                if (!asleep) {
                    Thread.onSpinWait();
                    // Announced first and checked once more, so that a wake-up cannot be missed.
                    asleep = System.nanoTime() - start > SPIN_NANOS;
                } else {
                    LockSupport.park(WorkerPool.this);
                }
            }
        }
    }
}
