package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.Tensor;

/// Images made larger by whole factors: `[N, H, W, C]` to `[N, H * height, W * width, C]`.
///
/// @param height the factor for the rows
/// @param width the factor for the columns
/// @param interpolation what the new pixels are made of
public record Upsample2d(int height, int width, Interpolation interpolation) implements Stateless {
    public Upsample2d {
        Require.positive("upsample2d: height", height);
        Require.positive("upsample2d: width", width);
    }

    public Upsample2d interpolation(Interpolation other) {
        return new Upsample2d(height, width, other);
    }

    @Override
    public Tensor forward(Tensor x) {
        Check.images(x);
        return new Resize2d(x.dim(1) * height, x.dim(2) * width, interpolation).forward(x);
    }
}
