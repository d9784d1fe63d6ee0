package fathom.backend.cpu;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// A [StackedConvolution] in a program, which each worker computes for some layers: equal numbers of windows.
/// Arrays are there from [#load] to [#unload] only, and the weights are packed in between.
final class BoundConvolution {
    private final Frame frame;
    private final StackedConvolution kernel;
    private final int windows;
    private final int shifted;
    private @Nullable ConvolutionForward convolution;
    private @Nullable Object packed;

    /// @param windows those of a layer
    /// @param shifted by how much a layer shifts the result
    BoundConvolution(Frame frame, StackedConvolution kernel, int windows, int shifted) {
        this.frame = frame;
        this.kernel = kernel;
        this.windows = windows;
        this.shifted = shifted;
    }

    /// Takes over the arrays of the present run.
    void load() {
        convolution = kernel.of(frame);
    }

    /// Packs the weights, by all workers together.
    void pack(Scratch shared) {
        packed = Objects.requireNonNull(convolution).pack(shared);
    }

    /// Computes some layers.
    ///
    /// @param shift how many layers further on, or back, the result is put than its layer would be
    void runLayers(int worker, int from, int to, int shift) {
        int filters = kernel.g().groupFilters();
        Objects.requireNonNull(convolution)
                .block(
                        Objects.requireNonNull(packed),
                        from * windows,
                        to * windows,
                        0,
                        filters,
                        worker,
                        shift * shifted);
    }

    void unload() {
        convolution = null;
        packed = null;
    }
}
