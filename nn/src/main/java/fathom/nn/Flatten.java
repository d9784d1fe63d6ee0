package fathom.nn;

import fathom.tensor.Shape;
import fathom.tensor.Tensor;

/// All axes but the batch's merged into one, in row-major order.
public record Flatten() implements Stateless {
    @Override
    public Tensor forward(Tensor x) {
        return x.flatten(1);
    }

    @Override
    public Shape output(Shape input) {
        return Shape.of(input.size());
    }
}
