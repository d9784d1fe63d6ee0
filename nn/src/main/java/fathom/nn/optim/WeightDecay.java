package fathom.nn.optim;

import fathom.tensor.Tensor;

/// The term by which rules keep weights small.
final class WeightDecay {
    private WeightDecay() {}

    /// The gradient of the loss plus half the weight decay times the squared parameter.
    static Tensor added(Tensor gradient, Tensor parameter, double weightDecay) {
        return weightDecay == 0 ? gradient : gradient.add(parameter.mul(weightDecay));
    }

    /// The parameter without a part of it.
    static Tensor decoupled(Tensor parameter, double part) {
        return part == 0 ? parameter : parameter.mul(1 - part);
    }
}
