package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.Arrays;

/// Stochastic depth: in training, a whole sample is set to zero with probability `p` and divided by
/// `1 - p` otherwise; else the input as it is: `[N, ...]` to the same. It ends a residual branch,
/// which a dropped sample skips. Huang et al.: *Deep networks with stochastic depth* (2016).
///
/// @param p the probability of zero, from 0 to below 1
public record DropPath(double p) implements Stateless {
    public DropPath {
        Require.fraction("dropPath: p", p);
    }

    /// @throws IllegalArgumentException if there is no batch axis
    @Override
    public Tensor forward(Tensor x) {
        Require.that(x.rank() > 0, "input %s, expected [N, ...]", x.type());
        int[] mask = x.shape().dims();
        Arrays.fill(mask, 1, mask.length, 1);
        return Dropout.drop(x, Shape.of(mask), p);
    }
}
