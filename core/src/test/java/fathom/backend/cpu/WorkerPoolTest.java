package fathom.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WorkerPoolTest {
    @ParameterizedTest
    @ValueSource(ints = {1, 2, 3, 8})
    void runsEachTaskOnce(int threads) {
        try (WorkerPool pool = new WorkerPool(threads)) {
            for (int round = 0; round < 300; round++) {
                int tasks = round % 17;
                AtomicIntegerArray runs = new AtomicIntegerArray(17);
                pool.parallel(tasks, (task, worker) -> {
                    assertThat(worker).isBetween(0, threads - 1);
                    runs.incrementAndGet(task);
                });
                for (int i = 0; i < 17; i++) {
                    assertThat(runs.get(i)).isEqualTo(i < tasks ? 1 : 0);
                }
            }
        }
    }

    @Test
    void makesPlainWritesVisibleBothWays() {
        try (WorkerPool pool = new WorkerPool(3)) {
            int[] values = new int[64];
            for (int round = 1; round <= 2000; round++) {
                int expected = round - 1;
                pool.parallel(values.length, (task, worker) -> {
                    if (values[task] != expected) {
                        throw new IllegalStateException("stale: " + values[task]);
                    }
                    values[task]++;
                });
            }
            assertThat(values).containsOnly(2000);
        }
    }

    @Test
    void wakesSleepingWorkers() throws InterruptedException {
        try (WorkerPool pool = new WorkerPool(2)) {
            for (int round = 0; round < 20; round++) {
                Thread.sleep(2);
                AtomicInteger both = new AtomicInteger();
                pool.parallel(2, (task, worker) -> {
                    both.incrementAndGet();
                    // Ends only if two workers are here at once.
                    while (both.get() < 2) {
                        Thread.onSpinWait();
                    }
                });
                assertThat(both).hasValue(2);
            }
        }
    }

    @Test
    void throwsTheFirstFailureAndGoesOn() {
        try (WorkerPool pool = new WorkerPool(2)) {
            AtomicInteger runs = new AtomicInteger();
            assertThatThrownBy(() -> pool.parallel(10, (task, worker) -> {
                        runs.incrementAndGet();
                        if (task % 5 == 0) {
                            throw new IllegalArgumentException("bad");
                        }
                    }))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("bad")
                    .satisfies(e -> assertThat(e.getSuppressed()).hasSize(1));
            assertThat(runs).hasValue(10);
            pool.parallel(3, (task, worker) -> runs.incrementAndGet());
            assertThat(runs).hasValue(13);
        }
    }

    @Test
    void runsNestedRegionsInPlace() {
        try (WorkerPool pool = new WorkerPool(3)) {
            AtomicInteger runs = new AtomicInteger();
            pool.parallel(
                    4,
                    (outer, worker) -> pool.parallel(5, (inner, nested) -> {
                        assertThat(nested).isEqualTo(worker);
                        pool.exclusively(s -> runs.incrementAndGet());
                    }));
            assertThat(runs).hasValue(20);
        }
    }

    @Test
    void letsCallersTakeTurns() throws InterruptedException {
        try (WorkerPool pool = new WorkerPool(2)) {
            AtomicInteger inside = new AtomicInteger();
            AtomicReference<Throwable> failure = new AtomicReference<>();
            List<Thread> callers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                callers.add(Thread.ofVirtual().start(() -> {
                    try {
                        for (int round = 0; round < 100; round++) {
                            pool.parallel(6, (task, worker) -> {
                                assertThat(inside.incrementAndGet()).isLessThanOrEqualTo(2);
                                inside.decrementAndGet();
                            });
                        }
                    } catch (Throwable e) {
                        failure.set(e);
                    }
                }));
            }
            for (Thread caller : callers) {
                caller.join();
            }
            assertThat(failure).hasNullValue();
        }
    }

    @Test
    void refusesWorkWhenClosedAndBadSizes() {
        WorkerPool pool = new WorkerPool(2);
        pool.close();
        pool.close();
        assertThatThrownBy(() -> pool.parallel(1, (task, worker) -> {}))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("close");
        assertThatThrownBy(() -> new WorkerPool(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("0 threads");
    }
}
