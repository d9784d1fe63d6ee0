package fathom.nn;

import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;

/// Two dense layers applied to each step, `[..., in]` to `[..., in]`: the part of a transformer's
/// layer that is not attention. Vaswani et al.: *Attention is all you need* (2017).
///
/// @param up `[in, hidden]`
/// @param activation between the two
/// @param dropout after the activation
/// @param down `[hidden, in]`
public record FeedForward(Linear up, Activation activation, Dropout dropout, Linear down) implements Module {
    @Override
    public Tensor forward(Tensor x) {
        return down.apply(dropout.forward(activation.forward(up.apply(x))));
    }

    static FeedForward build(int width, int hidden, Activation activation, double dropout, RandomStream random) {
        return new FeedForward(
                Layers.linear(hidden).build(Shape.of(width), random.split("up")),
                activation,
                new Dropout(dropout),
                Layers.linear(width).build(Shape.of(hidden), random.split("down")));
    }
}
