package fathom.backend.cpu;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// A kernel that is not a fused loop: a product, a convolution, a pool, a gather. Some can run a
/// loop over each block of their result while it is in the cache.
///
/// @param result its place, before the epilogue
/// @param work what it takes
/// @param columns of the result as a matrix, over blocks of which a loop can run; 0 if none can
record Contraction(
        String name,
        List<Storage> inputs,
        Storage result,
        Kernel kernel,
        Work work,
        int columns,
        @Nullable LoopStep epilogue)
        implements Step {
    /// The kernel with its places and geometry settled.
    @FunctionalInterface
    interface Kernel {
        void run(Frame frame, @Nullable Epilogue epilogue);
    }

    /// What a kernel takes.
    ///
    /// @param shapes those of operands and result, for people
    /// @param flops as of [Step#flops]
    /// @param mostOfFirst so many elements of the first input are read at most
    /// @param note as of [Step#note]
    record Work(String shapes, long flops, long mostOfFirst, String note) {
        /// Without arithmetic.
        static Work movement(String shapes) {
            return new Work(shapes, 0, Long.MAX_VALUE, "");
        }
    }

    /// A kernel over whose result no loop can run.
    Contraction(String name, List<Storage> inputs, Storage result, Kernel kernel, Work work) {
        this(name, inputs, result, kernel, work, 0, null);
    }

    /// The same with a loop to run over each block of the result.
    Contraction with(LoopStep loop) {
        return new Contraction(name, inputs, result, kernel, work, columns, loop);
    }

    /// The same kernel without a loop, with other places for some.
    Contraction moved(Kernel to, Map<Storage, Storage> places) {
        List<Storage> moved =
                inputs.stream().map(s -> places.getOrDefault(s, s)).toList();
        return new Contraction(name, moved, places.getOrDefault(result, result), to, work, columns, null);
    }

    @Override
    public Runnable bind(Frame frame) {
        if (epilogue == null) {
            return () -> kernel.run(frame, null);
        }
        BoundLoop loop = epilogue.bind(frame);
        return () -> {
            loop.load();
            kernel.run(frame, loop);
            loop.unload();
        };
    }

    @Override
    public List<Storage> reads() {
        if (epilogue == null) {
            return inputs;
        }
        List<Storage> all = new ArrayList<>(inputs);
        epilogue.reads().stream().filter(s -> s != result).forEach(all::add);
        return all;
    }

    @Override
    public List<Storage> writes() {
        return epilogue == null
                ? List.of(result)
                : Stream.concat(Stream.of(result), epilogue.writes().stream())
                        .distinct()
                        .toList();
    }

    @Override
    public String title() {
        return epilogue == null ? name : name + ", then " + epilogue.title();
    }

    @Override
    public String shapes() {
        return work.shapes;
    }

    @Override
    public long flops() {
        return work.flops + (epilogue == null ? 0 : epilogue.flops());
    }

    @Override
    public long touched(Storage place) {
        if (place != result && !inputs.contains(place)) {
            return epilogue == null ? 0 : epilogue.touched(place);
        }
        return place == inputs.stream().findFirst().orElse(result)
                ? Math.min(place.size, work.mostOfFirst)
                : place.size;
    }

    @Override
    public String note() {
        return work.note;
    }
}
