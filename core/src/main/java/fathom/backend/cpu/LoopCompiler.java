package fathom.backend.cpu;

import java.util.LinkedHashMap;
import java.util.Map;

/// Compiles loop kernels, and keeps those used last: equal kernels are compiled once. Safe for use
/// by several threads.
final class LoopCompiler {
    private static final int CAPACITY = 1024;

    private final int bits;
    private final Map<LoopKernel, LoopBody> bodies = new LinkedHashMap<>(64, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<LoopKernel, LoopBody> eldest) {
            return size() > CAPACITY;
        }
    };

    /// @param bits the vectors' width: [VectorSupport#preferredBits], or less
    LoopCompiler(int bits) {
        this.bits = bits;
    }

    /// The kernel in executable form.
    ///
    /// @throws IllegalArgumentException if the kernel's cost is above [LoopKernel#MAXIMUM_COST]
    LoopBody compile(LoopKernel kernel) {
        synchronized (bodies) {
            return bodies.computeIfAbsent(kernel, this::emit);
        }
    }

    private LoopBody emit(LoopKernel kernel) {
        var loop = LoopExpansion.expand(kernel);
        if (loop.cost() > LoopKernel.MAXIMUM_COST) {
            throw new IllegalArgumentException("loop kernel: %d operations, at most %d fit into one loop; split it"
                    .formatted(loop.cost(), LoopKernel.MAXIMUM_COST));
        }
        return new LoopBody(loop, bits);
    }
}
