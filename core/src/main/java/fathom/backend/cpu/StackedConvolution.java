package fathom.backend.cpu;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// A convolution of images, by all workers together, or by each some of the rows of windows.
///
/// @param x the place of the images, and so on
record StackedConvolution(Convolution convolution, ConvolutionGeometry g, Storage x, Storage w, Storage y)
        implements Contraction.Kernel {
    /// Weights of which each worker reads all for each few rows: more would not stay in its cache.
    private static final int MOST_WEIGHTS = 1 << 15;

    @Override
    public void run(Frame frame, @Nullable Epilogue epilogue) {
        convolution.forward(g, frame.array(x), frame.operand(w), frame.array(y), epilogue);
    }

    /// Whether it can be computed by layers, which are equal numbers of windows, and loses nothing by that.
    boolean goesBy(int layers) {
        return g.windows() % layers == 0
                && (long) g.depth() * g.filters() <= MOST_WEIGHTS
                && !DepthwiseForward.fits(g)
                && !convolution.filtersMinimally(g);
    }

    /// The convolution of the frame's arrays as they are now.
    ConvolutionForward of(Frame frame) {
        return new ConvolutionForward(
                convolution.pool(), convolution.tiles(), g, frame.array(x), frame.operand(w), frame.array(y), null);
    }

    /// The places of images, weights and result.
    List<Storage> places() {
        return List.of(x, w, y);
    }

    /// The same with other places for some.
    StackedConvolution moved(Map<Storage, Storage> to) {
        return new StackedConvolution(
                convolution, g, to.getOrDefault(x, x), to.getOrDefault(w, w), to.getOrDefault(y, y));
    }
}
