package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.Arrays;

/// In training, each channel of each sample is set to zero as a whole with probability `p` and
/// divided by `1 - p` otherwise; else the input as it is: `[N, ..., C]` to the same. Neighbours in
/// an image say nearly the same, so that to drop single ones takes little away. Tompson et al.:
/// *Efficient object localization using convolutional networks* (2015).
///
/// @param p the probability of zero, from 0 to below 1
/// @param axes axes of positions between the batch's and the channels': 1 for sequences, 2 for
///   images, 3 for volumes
public record SpatialDropout(double p, int axes) implements Stateless {
    public SpatialDropout {
        Require.fraction("spatialDropout: p", p);
        Require.positive("spatialDropout: axes", axes);
    }

    /// @throws IllegalArgumentException if the input has not as many axes of positions
    @Override
    public Tensor forward(Tensor x) {
        Require.that(x.rank() == axes + 2, "input %s, expected %s axes [N, ..., C]", x.type(), axes + 2);
        int[] mask = x.shape().dims();
        Arrays.fill(mask, 1, axes + 1, 1);
        return Dropout.drop(x, Shape.of(mask), p);
    }
}
