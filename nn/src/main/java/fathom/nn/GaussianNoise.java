package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;

/// In training, normal noise of mean 0 is added to each element; else the input as it is. Bishop:
/// *Training with noise is equivalent to Tikhonov regularization* (1995).
///
/// @param standardDeviation of the noise, 0 or more
public record GaussianNoise(double standardDeviation) implements Stateless {
    public GaussianNoise {
        Require.notNegative("gaussianNoise: standard deviation", standardDeviation);
    }

    @Override
    public Tensor forward(Tensor x) {
        Check.floating(x);
        if (standardDeviation == 0 || !Context.isTraining()) {
            return x;
        }
        return x.add(Context.random().normal(x.shape(), x.dtype()).mul(standardDeviation));
    }

    @Override
    public Shape output(Shape input) {
        return input;
    }
}
