package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.Tensor;

/// The greatest value under `depth x height x width` windows that cover a volume of any size, by
/// channel: `[N, D, H, W, C]` to `[N, depth, height, width, C]`. The windows are those of
/// [AdaptiveMaxPool2d].
///
/// @param depth images of the result
/// @param height rows of the result
/// @param width columns of the result
public record AdaptiveMaxPool3d(int depth, int height, int width) implements Stateless {
    public AdaptiveMaxPool3d {
        Require.positive("adaptiveMaxPool3d: depth", depth);
        Require.positive("adaptiveMaxPool3d: height", height);
        Require.positive("adaptiveMaxPool3d: width", width);
    }

    @Override
    public Tensor forward(Tensor x) {
        Check.volumes(x);
        Tensor images = x.reshape(x.dim(0) * x.dim(1), x.dim(2), x.dim(3), x.dim(4));
        Tensor columns = Bins.max(images, height, width).reshape(x.dim(0), x.dim(1), height * width, x.dim(4));
        return Bins.max(columns, depth, height * width).reshape(x.dim(0), depth, height, width, x.dim(4));
    }
}
