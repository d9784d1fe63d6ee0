package fathom.backend.cpu;

import fathom.ir.Buffer;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/// The [SlideKernel]s of one element type and vector width, each made and compiled on a thread of its own from the
/// first time it is asked for.
final class Slides {
    // While warming up: what a compiled call takes at most, and when to give up.
    private static final long COMPILED_NANOS = 2_000;
    private static final long MOST_NANOS = 5_000_000_000L;

    private static final Map<Lanes, Slides> FAMILIES = new ConcurrentHashMap<>();

    private final Lanes lanes;
    private final Map<Slide, Later<SlideKernel>> kernels = new ConcurrentHashMap<>();
    private volatile boolean usesAll;

    private Slides(Lanes lanes) {
        this.lanes = lanes;
    }

    /// The kernels for some lanes. They are emitted once for the whole JVM.
    static Slides of(Lanes lanes) {
        return FAMILIES.computeIfAbsent(lanes, Slides::new);
    }

    /// Has every kernel used from now on, compiled or not.
    void useAll() {
        usesAll = true;
    }

    /// What computes the rows of windows of a convolution.
    ///
    /// @param phase elements of a phase of a padded row
    /// @param middle the channels below are for the first kernel, the others, half a vector, for the second
    record Row(
            ConvolutionGeometry g,
            int phase,
            @Nullable SlideKernel whole,
            @Nullable SlideKernel half,
            int middle) {
        /// Computes one, as [SlideKernel#run].
        void run(Object x, int[] rows, DepthwiseWeights w, int[] taps, int count, Object y, int yo) {
            int pixels = g.outputWidth();
            int channels = g.channels();
            if (whole != null) {
                whole.run(x, rows, phase, w.array(), taps, w.step(), count, y, yo, pixels, channels, 0, middle);
            }
            if (half != null) {
                half.run(x, rows, phase, w.array(), taps, w.step(), count, y, yo, pixels, channels, middle, channels);
            }
        }
    }

    /// What computes the rows of a depthwise convolution from padded rows; null where there is nothing for it, or
    /// as long as it is not compiled.
    @Nullable
    Row row(ConvolutionGeometry g, PaddedRows.Layout layout) {
        Slide slide = lanes.isScalar() ? null : Slide.of(g, lanes);
        int rest = g.channels() % lanes.count();
        boolean hasHalf = lanes.bits() == VectorSupport.BITS_WITH_HALF && 2 * rest == lanes.count();
        if (slide == null || rest != 0 && !hasHalf) {
            return null;
        }
        int middle = g.channels() - rest;
        SlideKernel whole = middle > 0 ? kernel(slide) : null;
        SlideKernel half = hasHalf ? of(lanes.half()).kernel(slide) : null;
        boolean isReady = (middle == 0 || whole != null) && (!hasHalf || half != null);
        return isReady ? new Row(g, layout.perPhase() * g.channels(), whole, half, middle) : null;
    }

    private @Nullable SlideKernel kernel(Slide slide) {
        Later<SlideKernel> kernel = kernels.computeIfAbsent(
                slide, s -> new Later<>(() -> SlideEmitter.emit(lanes, s), made -> warmUp(made, s)));
        if (usesAll) {
            kernel.useNow();
        }
        return kernel.get();
    }

    private void warmUp(SlideKernel kernel, Slide slide) {
        int channels = lanes.count();
        int phase = (slide.pixels() + slide.taps() * slide.dilation()) * channels;
        Object x = Buffer.allocate(lanes.dtype(), slide.stride() * phase).array();
        Object w = Buffer.allocate(lanes.dtype(), slide.taps() * channels).array();
        Object y = Buffer.allocate(lanes.dtype(), slide.pixels() * channels).array();
        int[] zeros = new int[2];
        var call = new WarmUp.Kernel(
                _ -> kernel.run(
                        x, zeros, phase, w, zeros, channels, zeros.length, y, 0, slide.pixels(), channels, 0, channels),
                COMPILED_NANOS);
        WarmUp.run(List.of(call), MOST_NANOS);
    }
}
