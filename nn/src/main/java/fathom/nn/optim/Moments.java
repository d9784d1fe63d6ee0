package fathom.nn.optim;

import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.util.List;

/// What Adam and AdamW have in common: the step, and the moments of the gradient that it needs.
sealed interface Moments extends UpdateRule permits Adam, AdamW {
    double beta1();

    double beta2();

    double epsilon();

    @Override
    default List<String> slots() {
        return List.of("firstMoment", "secondMoment");
    }

    /// The step of a rule.
    ///
    /// @param g the gradient, or what a rule makes of it
    static Change change(Moments rule, Tensor parameter, Tensor g, List<Tensor> slots, long step) {
        Tensor m = slots.get(0);
        Tensor first = m.add(g.sub(m).mul(1 - rule.beta1()));
        Tensor second = slots.get(1).mul(rule.beta2()).add(g.mul(g).mul(1 - rule.beta2()));
        double correction1 = 1 - Math.pow(rule.beta1(), (double) step);
        double correction2 = Math.sqrt(1 - Math.pow(rule.beta2(), (double) step));
        // Both corrections moved to one side of the fraction: one division less for each element.
        double rate = rule.learningRate() * correction2 / correction1;
        Tensor next = parameter.sub(first.mul(rate).div(second.sqrt().add(rule.epsilon() * correction2)));
        return new Change(next, List.of(first, second));
    }

    static void check(
            String rule, double learningRate, double beta1, double beta2, double epsilon, double weightDecay) {
        Require.positive(rule + ": learning rate", learningRate);
        Require.fraction(rule + ": beta1", beta1);
        Require.fraction(rule + ": beta2", beta2);
        Require.notNegative(rule + ": epsilon", epsilon);
        Require.notNegative(rule + ": weight decay", weightDecay);
    }
}
