package fathom.nn.optim;

import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.util.List;

/// A rule that in a step changes those rows of a table alone, slots included, that the loss depends on:
/// for embeddings of large vocabularies. Time and memory of a step grow with the rows that are used, but
/// for the first step, which looks at all of them once.
///
/// It does so for parameters of which the model only takes rows ([Tensor#take] along the first axis, as
/// [fathom.nn.Embedding] does). The gradient of any other is dense, and they follow the rule as without
/// this. So do all where gradients are accumulated, in [SharpnessAware] steps, and within other wrappers
/// than [Scheduled].
///
/// For [Sgd] and [Adagrad] without momentum and weight decay that makes no difference: a gradient of 0
/// changes nothing. With momentum or decay, and with [Adam], rows that are not used stay as they are, and
/// so do their moments; the corrections count all steps. This is `SparseAdam` in PyTorch and `LazyAdam`
/// in TensorFlow Addons, but for where `epsilon` stands: as in [Adam].
///
/// @param rule [Sgd], [Adagrad] or [Adam]
public record Lazy(UpdateRule rule) implements Wrapper {
    public Lazy {
        boolean byElement = rule instanceof Sgd || rule instanceof Adagrad || rule instanceof Adam;
        Require.that(byElement, "lazy: rule %s, expected Sgd, Adagrad or Adam", rule);
    }

    @Override
    public Lazy around(UpdateRule other) {
        return new Lazy(other);
    }

    @Override
    public boolean changesRowsAlone() {
        return true;
    }

    @Override
    public Change change(Tensor parameter, Tensor gradient, List<Tensor> slots, long step) {
        return rule.change(parameter, gradient, slots, step);
    }
}
