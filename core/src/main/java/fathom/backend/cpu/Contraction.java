package fathom.backend.cpu;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A kernel that is not a fused loop: a product, a convolution, a pool, a gather. Some can run a
/// loop over each block of their result while it is in the cache.
final class Contraction implements Step {
    /// The kernel with its places and geometry bound.
    @FunctionalInterface
    interface Kernel {
        void run(Frame frame, @Nullable Epilogue epilogue);
    }

    private final String name;
    private final List<Storage> reads;
    private final Storage write;
    private final Kernel kernel;
    private final int columns;
    private final @Nullable LoopStep epilogue;

    /// @param columns of the result as a matrix, over blocks of which a loop can run; 0 if none can
    Contraction(
            String name, List<Storage> reads, Storage write, Kernel kernel, int columns, @Nullable LoopStep epilogue) {
        this.name = name;
        this.reads = reads;
        this.write = write;
        this.kernel = kernel;
        this.columns = columns;
        this.epilogue = epilogue;
    }

    /// The same with a loop to run over each block of the result.
    Contraction with(LoopStep loop) {
        return new Contraction(name, reads, write, kernel, columns, loop);
    }

    @Override
    public void run(Frame frame) {
        kernel.run(frame, epilogue == null ? null : epilogue.epilogue(frame));
    }

    @Override
    public List<Storage> reads() {
        if (epilogue == null) {
            return reads;
        }
        List<Storage> all = new ArrayList<>(reads);
        epilogue.reads().stream().filter(s -> s != write).forEach(all::add);
        return all;
    }

    @Override
    public List<Storage> writes() {
        return epilogue == null
                ? List.of(write)
                : Stream.concat(Stream.of(write), epilogue.writes().stream())
                        .distinct()
                        .toList();
    }

    /// Columns of the result as a matrix, over blocks of which a loop can run; 0 if none can.
    int columns() {
        return columns;
    }

    /// The result's place before the epilogue.
    Storage result() {
        return write;
    }

    @Nullable
    LoopStep epilogue() {
        return epilogue;
    }

    @Override
    public String describe() {
        return name + " " + reads + " -> " + write + (epilogue == null ? "" : " then " + epilogue.describe());
    }
}
