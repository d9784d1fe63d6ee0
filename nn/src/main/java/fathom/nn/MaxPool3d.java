package fathom.nn;

import fathom.ir.Window;
import fathom.tensor.Tensor;

/// The greatest value under each window of volumes `[N, D, H, W, C]`, by channel; padding counts as absent.
/// Of equal ones the first gets the gradient.
///
/// @param kernelDepth images under the window
/// @param kernelHeight rows of the window
/// @param kernelWidth columns of the window
/// @param depth stride, padding and dilation along the depth, given as those along a width
/// @param sliding stride, padding and dilation along height and width
public record MaxPool3d(int kernelDepth, int kernelHeight, int kernelWidth, Sliding depth, Sliding sliding)
        implements Pool3d<MaxPool3d> {
    public MaxPool3d {
        Pool3d.check("maxPool3d", kernelDepth, kernelHeight, kernelWidth);
        depth = depth.alongWidth();
    }

    @Override
    public MaxPool3d with(Sliding along, Sliding images) {
        return new MaxPool3d(kernelDepth, kernelHeight, kernelWidth, along, images);
    }

    @Override
    public Tensor pool(Tensor images, Window window) {
        return images.maxPool2d(window);
    }
}
