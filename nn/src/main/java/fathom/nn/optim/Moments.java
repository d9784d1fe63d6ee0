package fathom.nn.optim;

import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// What Adam and its relatives have in common: running means of the gradient and of its square.
sealed interface Moments extends UpdateRule permits Adam, AdamW, Lamb, NAdam, RAdam {
    double beta1();

    double beta2();

    double epsilon();

    @Override
    default List<Slot> slots(Tensor parameter) {
        return slots(parameter, false);
    }

    /// [#slots], and with AMSGrad the greatest second moment.
    static List<Slot> slots(Tensor parameter, boolean amsGrad) {
        Slot first = Slot.zeros("firstMoment", parameter);
        Slot second = Slot.zeros("secondMoment", parameter);
        return amsGrad ? List.of(first, second, Slot.zeros("greatestSecondMoment", parameter)) : List.of(first, second);
    }

    /// The mean gradient after a step.
    static Tensor first(Moments rule, Tensor mean, Tensor g) {
        return mean.add(g.sub(mean).mul(1 - rule.beta1()));
    }

    /// The mean squared gradient after a step.
    static Tensor second(Moments rule, Tensor mean, Tensor g) {
        return mean.mul(rule.beta2()).add(g.mul(g).mul(1 - rule.beta2()));
    }

    /// By how much a running mean that started at 0 is too small after so many steps.
    static double correction(double beta, long step) {
        return 1 - Math.pow(beta, (double) step);
    }

    /// The step of Adam.
    ///
    /// @param g the gradient, or what a rule makes of it
    /// @param slots both moments, and with AMSGrad the greatest second one
    static Change change(Moments rule, Tensor parameter, Tensor g, List<Tensor> slots, long step) {
        Tensor first = first(rule, slots.get(0), g);
        Tensor second = second(rule, slots.get(1), g);
        List<Tensor> next = new ArrayList<>(List.of(first, second));
        if (slots.size() == 3) {
            next.add(slots.get(2).maximum(second));
        }
        double correction1 = correction(rule.beta1(), step);
        double correction2 = Math.sqrt(correction(rule.beta2(), step));
        // Both corrections moved to one side of the fraction: one division less for each element.
        double rate = rule.learningRate() * correction2 / correction1;
        Tensor spread = next.getLast().sqrt().add(rule.epsilon() * correction2);
        return new Change(parameter.sub(first.mul(rate).div(spread)), next);
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
