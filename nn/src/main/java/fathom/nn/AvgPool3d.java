package fathom.nn;

import fathom.ir.Window;
import fathom.tensor.Tensor;

/// The mean under each window of volumes `[N, D, H, W, C]`, by channel; padding counts as zeros, as in
/// PyTorch.
///
/// @param kernelDepth images under the window
/// @param kernelHeight rows of the window
/// @param kernelWidth columns of the window
/// @param depth stride, padding and dilation along the depth, given as those along a width
/// @param sliding stride, padding and dilation along height and width
public record AvgPool3d(int kernelDepth, int kernelHeight, int kernelWidth, Sliding depth, Sliding sliding)
        implements Pool3d<AvgPool3d> {
    public AvgPool3d {
        Pool3d.check("avgPool3d", kernelDepth, kernelHeight, kernelWidth);
        depth = depth.alongWidth();
    }

    @Override
    public AvgPool3d with(Sliding along, Sliding images) {
        return new AvgPool3d(kernelDepth, kernelHeight, kernelWidth, along, images);
    }

    @Override
    public Tensor pool(Tensor images, Window window) {
        return images.avgPool2d(window);
    }
}
