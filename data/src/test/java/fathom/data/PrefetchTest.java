package fathom.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

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
