package fathom.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class PrefetchTest {
    @Test
    void keepsTheOrder() {
        List<Integer> seen = new ArrayList<>();
        new Prefetch<>(3, 500, 7, i -> i).forEachRemaining(seen::add);
        assertThat(seen).isEqualTo(IntStream.range(3, 500).boxed().toList());
    }

    @Test
    void beginsAFewAheadAndNoMore() throws InterruptedException {
        AtomicInteger begun = new AtomicInteger();
        CountDownLatch fourBegun = new CountDownLatch(4);
        Prefetch<Integer> prefetch = new Prefetch<>(0, 100, 3, i -> {
            begun.incrementAndGet();
            fourBegun.countDown();
            return i;
        });
        assertThat(begun).hasValue(0);
        assertThat(prefetch.next()).isZero();
        fourBegun.await();
        assertThat(begun).hasValue(4);
    }

    /// A thread that loads a class cannot be taken off its processor. If those that make results could not be left
    /// there either, all processors could be waiting for a lock whose owner has none, as when data and classes come
    /// from one jar.
    @Test
    @Timeout(value = 30, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
    void threadsThatLoadClassesDoNotLockOthersOut() {
        int processors = Runtime.getRuntime().availableProcessors();
        Object jar = new Object();
        CountDownLatch jarInUse = new CountDownLatch(1);
        CountDownLatch othersWait = new CountDownLatch(processors);
        ClassLoader loader = new ClassLoader() {
            @Override
            protected Class<?> findClass(String name) throws ClassNotFoundException {
                othersWait.countDown();
                synchronized (jar) {
                    throw new ClassNotFoundException(name);
                }
            }
        };
        Prefetch<Integer> prefetch = new Prefetch<>(0, processors + 1, processors, i -> {
            try {
                if (i > 0) {
                    jarInUse.await();
                    Class.forName("Missing" + i, true, loader);
                }
                synchronized (jar) {
                    jarInUse.countDown();
                    boolean allWait = othersWait.await(1, TimeUnit.SECONDS);
                    return allWait ? 1 : 0;
                }
            } catch (InterruptedException | ClassNotFoundException e) {
                return i;
            }
        });
        prefetch.forEachRemaining(made -> assertThat(made).isNotNegative());
    }

    @Test
    void nothingIsMadeAheadWhenThatIsAskedFor() {
        Thread here = Thread.currentThread();
        Prefetch<Thread> prefetch = new Prefetch<>(0, 2, 0, i -> Thread.currentThread());
        assertThat(prefetch.next()).isSameAs(here);
        assertThat(prefetch.next()).isSameAs(here);
        assertThatThrownBy(prefetch::next)
                .isInstanceOf(NoSuchElementException.class)
                .hasMessage("no batch 2, the last was 1");
    }

    @Test
    void anInterruptIsKeptForTheConsumer() {
        Prefetch<Integer> prefetch = new Prefetch<>(0, 2, 1, i -> i);
        Thread.currentThread().interrupt();
        assertThat(prefetch.next()).isZero();
        assertThat(Thread.interrupted()).isTrue();
        assertThat(prefetch.next()).isEqualTo(1);
    }

    @Test
    void errorsAreRethrownAsTheyAre() {
        Prefetch<Integer> prefetch = new Prefetch<>(0, 2, 1, i -> {
            if (i == 0) {
                throw new AssertionError("zero");
            }
            throw new IllegalStateException("one");
        });
        assertThatThrownBy(prefetch::next).isInstanceOf(AssertionError.class).hasMessage("zero");
        assertThatThrownBy(prefetch::next)
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("one");
    }
}
