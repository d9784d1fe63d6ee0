package fathom.backend.cpu;

import fathom.ir.Window;
import org.jspecify.annotations.Nullable;

/// What a [SlideKernel] is emitted for.
///
/// @param taps of a row of the window
/// @param stride pixels from one window to the next
/// @param dilation pixels from one tap to the next
/// @param pixels of the result that are worked on at a time
record Slide(int taps, int stride, int dilation, int pixels) {
    /// Pixels at a time. Their sums, a row of weights and one pixel stay in registers, of which there are 32
    /// or 16; narrow images are worked on by fewer.
    private static final int MANY = 8;

    private static final int FEWER = 6;
    private static final int FEW = 4;

    /// Wider windows leave no registers for the sums.
    private static final int MOST_TAPS = 7;

    /// Windows further apart share hardly a pixel.
    private static final int MOST_STRIDE = 2;

    /// What goes for a convolution; null if nothing does.
    static @Nullable Slide of(ConvolutionGeometry g, Lanes lanes) {
        Window window = g.window();
        int taps = window.kernelWidth();
        if (taps > MOST_TAPS || window.strideWidth() > MOST_STRIDE || g.outputWidth() < FEW) {
            return null;
        }
        int most = VectorSupport.registers(lanes.bits()) == 32 ? MANY : FEWER;
        int pixels = g.outputWidth() < most ? FEW : most;
        return new Slide(taps, window.strideWidth(), window.dilationWidth(), pixels);
    }
}
