package fathom.backend.reference;

import fathom.ir.Window;
import fathom.tensor.Shape;

/// Walks over the taps of a sliding window.
final class Windows {
    private Windows() {}

    @FunctionalInterface
    interface Tap {
        /// Visits a pixel of the images that lies under a tap of the window at an output place, each by
        /// its row-major number.
        void visit(int pixel, int tap, int output);
    }

    /// Visits every tap at every place of the window, except those on the padding.
    static void forEach(Window window, Shape x, Shape y, Tap tap) {
        for (int n = 0; n < y.dim(0); n++) {
            for (int oh = 0; oh < y.dim(1); oh++) {
                for (int ow = 0; ow < y.dim(2); ow++) {
                    for (int kh = 0; kh < window.kernelHeight(); kh++) {
                        for (int kw = 0; kw < window.kernelWidth(); kw++) {
                            int h = oh * window.strideHeight() + kh * window.dilationHeight() - window.padTop();
                            int w = ow * window.strideWidth() + kw * window.dilationWidth() - window.padLeft();
                            if (h >= 0 && h < x.dim(1) && w >= 0 && w < x.dim(2)) {
                                tap.visit(
                                        (n * x.dim(1) + h) * x.dim(2) + w,
                                        kh * window.kernelWidth() + kw,
                                        (n * y.dim(1) + oh) * y.dim(2) + ow);
                            }
                        }
                    }
                }
            }
        }
    }
}
