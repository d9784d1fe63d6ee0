package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.Tensor;

/// The mean under `depth x height x width` windows that cover a volume of any size, by channel: `[N,
/// D, H, W, C]` to `[N, depth, height, width, C]`. The windows are those of [AdaptiveAvgPool2d].
///
/// @param depth images of the result
/// @param height rows of the result
/// @param width columns of the result
public record AdaptiveAvgPool3d(int depth, int height, int width) implements Stateless {
    public AdaptiveAvgPool3d {
        Require.positive("adaptiveAvgPool3d: depth", depth);
        Require.positive("adaptiveAvgPool3d: height", height);
        Require.positive("adaptiveAvgPool3d: width", width);
    }

    @Override
    public Tensor forward(Tensor x) {
        Check.volumes(x);
        Tensor images = new Bins(x.dim(1), depth).mean(x, 1);
        Tensor rows = new Bins(x.dim(2), height).mean(images, 2);
        return new Bins(x.dim(3), width).mean(rows, 3);
    }
}
