package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.Tensor;
import fathom.tensor.Variable;

/// Statistics that follow those of the batches in training, to take their place in inference:
///
/// ```
/// running = (1 - momentum) * running + momentum * batch
/// ```
final class RunningMean {
    private RunningMean() {}

    /// Moves a statistic towards that of a batch, with the next step.
    static void report(Variable running, Tensor batch, double momentum) {
        Tensor before = Context.latest(running);
        Context.report(running, before.mul(1 - momentum).add(batch.detach().mul(momentum)));
    }

    static void checkMomentum(String layer, double momentum) {
        Require.that(momentum > 0 && momentum <= 1, "%s: momentum %s, expected above 0 to 1", layer, momentum);
    }
}
