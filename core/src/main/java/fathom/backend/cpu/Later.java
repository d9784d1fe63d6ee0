package fathom.backend.cpu;

import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Kernels that are made and compiled on a thread of their own from the first time they are asked for.
/// Until then others do the work, whose results are the same bits.
final class Later<T> {
    private final Supplier<T> maker;
    private final Consumer<T> warmUp;
    private final AtomicBoolean asked = new AtomicBoolean();
    private volatile @Nullable T made;

    /// @param warmUp has them compiled, and takes the time for it
    Later(Supplier<T> maker, Consumer<T> warmUp) {
        this.maker = maker;
        this.warmUp = warmUp;
    }

    /// Null as long as they are not compiled.
    @Nullable
    T get() {
        if (asked.compareAndSet(false, true)) {
            Thread.ofPlatform().daemon().name("fathom-warm-up").start(() -> {
                T kernels = maker.get();
                warmUp.accept(kernels);
                made = kernels;
            });
        }
        return made;
    }

    /// Has them used from now on, compiled or not.
    T useNow() {
        T now = made;
        if (now == null) {
            asked.set(true);
            now = maker.get();
            made = now;
        }
        return now;
    }
}
