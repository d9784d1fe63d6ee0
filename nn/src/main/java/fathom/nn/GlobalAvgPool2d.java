package fathom.nn;

import fathom.tensor.Shape;
import fathom.tensor.Tensor;

/// The mean over each image, by channel: `[N, H, W, C]` to `[N, C]`.
public record GlobalAvgPool2d() implements Stateless {
    @Override
    public Tensor forward(Tensor x) {
        Check.images(x);
        return x.mean(1, 2);
    }

    @Override
    public Shape output(Shape input) {
        Check.sample(input, 3, "images [H, W, C]");
        return Shape.of(input.dim(2));
    }
}
