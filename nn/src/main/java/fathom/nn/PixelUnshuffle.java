package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.Tensor;

/// The inverse of [PixelShuffle]: `[N, H * factor, W * factor, C]` to `[N, H, W, C * factor²]`.
///
/// @param factor by how much the image is made smaller
public record PixelUnshuffle(int factor) implements Stateless {
    public PixelUnshuffle {
        Require.positive("pixelUnshuffle: factor", factor);
    }

    @Override
    public Tensor forward(Tensor x) {
        boolean fits = x.rank() == 4 && x.dim(1) % factor == 0 && x.dim(2) % factor == 0;
        Require.that(fits, "input %s, expected images [N, H * %s, W * %s, C]", x.type(), factor, factor);
        int height = x.dim(1) / factor;
        int width = x.dim(2) / factor;
        return x.reshape(x.dim(0), height, factor, width, factor, x.dim(3))
                .permute(0, 1, 3, 5, 2, 4)
                .reshape(x.dim(0), height, width, x.dim(3) * factor * factor);
    }
}
