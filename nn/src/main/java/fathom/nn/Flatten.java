package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;

/// All axes but the batch's merged into one, in row-major order: `[N, ...]` to `[N, elements]`.
public record Flatten() implements Stateless {
    @Override
    public Tensor forward(Tensor x) {
        Require.that(x.rank() >= 1, "input %s, expected [N, ...]", x.type());
        return x.rank() == 1 ? x.unsqueeze(1) : x.flatten(1);
    }

    @Override
    public Shape output(Shape input) {
        return Shape.of(input.size());
    }
}
