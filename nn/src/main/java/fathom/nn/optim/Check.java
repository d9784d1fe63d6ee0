package fathom.nn.optim;

import fathom.tensor.Tensor;

/// Checks of hyperparameters, and the term that all rules share.
final class Check {
    private Check() {}

    static void learningRate(String rule, double value) {
        if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(rule + ": learning rate " + value + ", expected a number above 0");
        }
    }

    /// From 0 to below 1.
    static void fraction(String rule, String what, double value) {
        if (!(value >= 0 && value < 1)) {
            throw new IllegalArgumentException(rule + ": " + what + " " + value + ", expected 0 or more and below 1");
        }
    }

    /// 0 or more and finite.
    static void notNegative(String rule, String what, double value) {
        if (!(value >= 0 && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(rule + ": " + what + " " + value + ", expected 0 or more");
        }
    }

    /// The gradient of the loss plus half the weight decay times the squared parameter.
    static Tensor decayed(Tensor gradient, Tensor parameter, double weightDecay) {
        return weightDecay == 0 ? gradient : gradient.add(parameter.mul(weightDecay));
    }
}
