package fathom.nn;

import fathom.ir.Require;
import fathom.ir.Window;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;

/// What pooling layers of volumes have in common: each image of a volume is pooled, and then each
/// column of what that gives along the depth.
///
/// @param <P> the layer itself
sealed interface Pool3d<P> extends Stateless permits AvgPool3d, MaxPool3d {
    int kernelDepth();

    int kernelHeight();

    int kernelWidth();

    /// Along the depth, given as along a width.
    Sliding depth();

    /// Along height and width.
    Sliding sliding();

    /// With windows that move otherwise.
    P with(Sliding depth, Sliding images);

    /// What the window makes of images.
    Tensor pool(Tensor images, Window window);

    default P stride(int stride) {
        return stride(stride, stride, stride);
    }

    default P stride(int depth, int height, int width) {
        return with(depth().withStride(1, depth), sliding().withStride(height, width));
    }

    /// What is along the width is along the depth as well.
    default P padding(Padding padding) {
        return padding(padding, padding);
    }

    /// With other padding along the depth, whose left and right are front and back, and around the
    /// images.
    default P padding(Padding depth, Padding images) {
        return with(depth().withPadding(depth), sliding().withPadding(images));
    }

    @Override
    default Tensor forward(Tensor x) {
        Check.volumes(x);
        Tensor images = x.reshape(x.dim(0) * x.dim(1), x.dim(2), x.dim(3), x.dim(4));
        Tensor pooled = pool(images, sliding().over(kernelHeight(), kernelWidth(), x.dim(2), x.dim(3)));
        Tensor columns = pooled.reshape(x.dim(0), x.dim(1), pooled.dim(1) * pooled.dim(2), x.dim(4));
        Window row = depth().over(1, kernelDepth(), 1, x.dim(1));
        Tensor y = pool(columns, row.turned());
        return y.reshape(x.dim(0), y.dim(1), pooled.dim(1), pooled.dim(2), x.dim(4));
    }

    @Override
    default Shape output(Shape input) {
        Check.sample(input, 4, "volumes [D, H, W, C]");
        Shape image = Shape.of(input.dim(1), input.dim(2), input.dim(3));
        Shape pooled = sliding().output(image, kernelHeight(), kernelWidth(), input.dim(3));
        int images = depth().windows(kernelDepth(), input.dim(0));
        return Shape.of(images, pooled.dim(0), pooled.dim(1), pooled.dim(2));
    }

    static void check(String layer, int kernelDepth, int kernelHeight, int kernelWidth) {
        Require.positive(layer + ": kernel depth", kernelDepth);
        Pool2d.check(layer, kernelHeight, kernelWidth);
    }
}
