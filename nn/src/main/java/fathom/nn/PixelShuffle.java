package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.Tensor;

/// Channels spread over the pixels of a larger image: `[N, H, W, C * factor²]` to `[N, H * factor, W *
/// factor, C]`. Channel `(c * factor + i) * factor + j` becomes channel `c` of row `i` and column
/// `j` of each block, as in PyTorch. Shi et al.: *Real-time single image and video super-resolution
/// using an efficient sub-pixel convolutional neural network* (2016).
///
/// @param factor by how much the image is made larger
public record PixelShuffle(int factor) implements Stateless {
    public PixelShuffle {
        Require.positive("pixelShuffle: factor", factor);
    }

    @Override
    public Tensor forward(Tensor x) {
        int square = factor * factor;
        boolean fits = x.rank() == 4 && x.dim(3) % square == 0;
        Require.that(fits, "input %s, expected images [N, H, W, C * %s]", x.type(), square);
        int channels = x.dim(3) / square;
        return x.reshape(x.dim(0), x.dim(1), x.dim(2), channels, factor, factor)
                .permute(0, 1, 4, 2, 5, 3)
                .reshape(x.dim(0), x.dim(1) * factor, x.dim(2) * factor, channels);
    }
}
