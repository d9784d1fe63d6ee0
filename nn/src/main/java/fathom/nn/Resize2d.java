package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.Tensor;

/// Images brought to a size: `[N, H, W, C]` to `[N, height, width, C]`. Where an image is made
/// smaller, pixels are left out and not averaged.
///
/// @param height rows of the result
/// @param width columns of the result
/// @param interpolation what the new pixels are made of
public record Resize2d(int height, int width, Interpolation interpolation) implements Stateless {
    public Resize2d {
        Require.positive("resize2d: height", height);
        Require.positive("resize2d: width", width);
    }

    public Resize2d interpolation(Interpolation other) {
        return new Resize2d(height, width, other);
    }

    @Override
    public Tensor forward(Tensor x) {
        Check.images(x);
        Require.that(x.dim(1) >= 1 && x.dim(2) >= 1, "input %s, expected images of at least one pixel", x.type());
        return interpolation.resize(interpolation.resize(x, 1, height), 2, width);
    }
}
