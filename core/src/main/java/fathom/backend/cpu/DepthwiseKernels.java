package fathom.backend.cpu;

import fathom.ir.Buffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/// The kernels of depthwise convolution for one element type and vector width.
///
/// Interpreted vector code is far slower than scalar code, so scalar kernels do the work until the
/// vector kernels have been compiled, which is begun when they are first asked for. Both give the
/// same bits.
final class DepthwiseKernels {
    private static final int VECTORS = 8;

    // While warming up: what a compiled call takes at most, and when to give up.
    private static final long COMPILED_NANOS = 2_000;
    private static final long MOST_NANOS = 5_000_000_000L;

    private static final Map<Lanes, DepthwiseKernels> FAMILIES = new ConcurrentHashMap<>();

    private final Lanes lanes;
    private final DepthwiseKernel wide;
    private final DepthwiseKernel narrow;
    private final DepthwiseKernel wideScalar;
    private final DepthwiseKernel single;
    private volatile boolean warm;

    private DepthwiseKernels(Lanes lanes) {
        this.lanes = lanes;
        wide = DepthwiseEmitter.emit(lanes, VECTORS);
        narrow = DepthwiseEmitter.emit(lanes, 1);
        wideScalar = DepthwiseEmitter.emit(lanes.scalar(), VECTORS);
        single = DepthwiseEmitter.emit(lanes.scalar(), 1);
        Thread.ofPlatform().daemon().name("fathom-warm-up").start(this::warmUp);
    }

    /// The kernels for some lanes. They are emitted once for the whole JVM.
    static DepthwiseKernels of(Lanes lanes) {
        return FAMILIES.computeIfAbsent(lanes, DepthwiseKernels::new);
    }

    /// Columns that are best worked on at a time.
    int width() {
        return VECTORS * lanes.count();
    }

    /// One side of the products: rows of the elements of an array from each of the offsets and
    /// `shift` on.
    record Rows(Object array, int[] offsets, int shift) {
        Rows shifted(int by) {
            return new Rows(array, offsets, shift + by);
        }
    }

    /// Computes `columns` columns of the sums of `count` products, as [DepthwiseKernel#run].
    void sums(Rows a, Rows b, int count, Object c, int co, int columns, boolean accumulate) {
        boolean vectors = warm;
        int step = vectors ? lanes.count() : 1;
        int j = run(vectors ? wide : wideScalar, VECTORS * step, a, b, count, c, co, 0, columns, accumulate);
        j = run(vectors ? narrow : single, step, a, b, count, c, co, j, columns, accumulate);
        run(single, 1, a, b, count, c, co, j, columns, accumulate);
    }

    private static int run(
            DepthwiseKernel kernel,
            int width,
            Rows a,
            Rows b,
            int count,
            Object c,
            int co,
            int from,
            int columns,
            boolean accumulate) {
        int j = from;
        for (; j + width <= columns; j += width) {
            kernel.run(a.array, a.offsets, a.shift + j, b.array, b.offsets, b.shift + j, count, c, co + j, accumulate);
        }
        return j;
    }

    /// Has the vector kernels used from now on, compiled or not.
    void useVectors() {
        warm = true;
    }

    private void warmUp() {
        int count = 9;
        int[] offsets = new int[count];
        Object a = Buffer.allocate(lanes.dtype(), width()).array();
        Object b = Buffer.allocate(lanes.dtype(), width()).array();
        Object c = Buffer.allocate(lanes.dtype(), width()).array();
        if (!lanes.isScalar()) {
            List<WarmUp.Kernel> calls = Stream.of(wide, narrow)
                    .map(kernel -> new WarmUp.Kernel(
                            i -> kernel.run(a, offsets, 0, b, offsets, 0, count, c, 0, i % 2 == 0), COMPILED_NANOS))
                    .toList();
            WarmUp.run(calls, MOST_NANOS);
        }
        useVectors();
    }
}
