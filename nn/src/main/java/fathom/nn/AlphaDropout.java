package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;

/// Dropout for [Activations#selu]: in training, each element is set with probability `p` to the
/// value that selu has far below 0, and all are scaled and shifted so that mean 0 and variance 1
/// stay; else the input as it is. Klambauer et al.: *Self-normalizing neural networks* (2017).
///
/// @param p the probability of being dropped, from 0 to below 1
public record AlphaDropout(double p) implements Stateless {
    public AlphaDropout {
        Require.fraction("alphaDropout: p", p);
    }

    @Override
    public Tensor forward(Tensor x) {
        Check.floating(x);
        if (p == 0 || !Context.isTraining()) {
            return x;
        }
        double dropped = Activations.SELU_LOWEST;
        double scale = 1 / Math.sqrt((1 - p) * (1 + p * dropped * dropped));
        Tensor kept = Context.random().bernoulli(x.shape(), 1 - p);
        Tensor y = kept.select(x, Tensor.full(x.shape(), x.dtype(), dropped));
        return y.mul(scale).sub(scale * p * dropped);
    }

    @Override
    public Shape output(Shape input) {
        return input;
    }
}
