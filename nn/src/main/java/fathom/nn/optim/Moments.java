package fathom.nn.optim;

import fathom.tensor.Tensor;
import java.util.List;

/// The step that Adam and AdamW have in common.
final class Moments {
    static final List<String> SLOTS = List.of("firstMoment", "secondMoment");

    private Moments() {}

    static UpdateRule.Change change(
            Tensor parameter,
            Tensor g,
            List<Tensor> slots,
            long step,
            double learningRate,
            double beta1,
            double beta2,
            double epsilon) {
        Tensor m = slots.get(0);
        Tensor first = m.add(g.sub(m).mul(1 - beta1));
        Tensor second = slots.get(1).mul(beta2).add(g.mul(g).mul(1 - beta2));
        double correction1 = 1 - Math.pow(beta1, (double) step);
        double correction2 = Math.sqrt(1 - Math.pow(beta2, (double) step));
        // Both corrections moved to one side of the fraction: one division less for each element.
        double rate = learningRate * correction2 / correction1;
        Tensor next = parameter.sub(first.mul(rate).div(second.sqrt().add(epsilon * correction2)));
        return new UpdateRule.Change(next, List.of(first, second));
    }

    static void check(
            String rule, double learningRate, double beta1, double beta2, double epsilon, double weightDecay) {
        Check.learningRate(rule, learningRate);
        Check.fraction(rule, "beta1", beta1);
        Check.fraction(rule, "beta2", beta2);
        Check.notNegative(rule, "epsilon", epsilon);
        Check.notNegative(rule, "weight decay", weightDecay);
    }
}
