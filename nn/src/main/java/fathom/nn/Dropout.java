package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;

/// In training, each element is set to zero with probability `p` and divided by `1 - p` otherwise;
/// else the input as it is. Srivastava et al.: *Dropout: a simple way to prevent neural networks
/// from overfitting* (2014).
///
/// @param p the probability of zero, from 0 to below 1
public record Dropout(double p) implements Stateless {
    public Dropout {
        Require.fraction("dropout: p", p);
    }

    @Override
    public Tensor forward(Tensor x) {
        return drop(x, x.shape(), p);
    }

    /// The same for a mask that is stretched to the input: where its size is 1, all stay or none.
    static Tensor drop(Tensor x, Shape mask, double p) {
        Check.floating(x);
        if (p == 0 || !Context.isTraining()) {
            return x;
        }
        Tensor kept = Context.random().bernoulli(mask, 1 - p);
        return kept.select(x.mul(1 / (1 - p)), Tensor.full(x.shape(), x.dtype(), 0));
    }

    @Override
    public Shape output(Shape input) {
        return input;
    }
}
