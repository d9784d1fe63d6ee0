package fathom.nn.optim;

import fathom.nn.Module;
import fathom.nn.Parameter;
import fathom.tensor.Tensor;
import java.util.List;
import java.util.Map;

/// How a parameter follows its gradient: the formula of an optimiser, without its state.
///
/// Where PyTorch has a rule, its formula is PyTorch's, to the order of the operations. A rule is a
/// record, so that two runs can be told to have used the same one.
public interface UpdateRule extends Minimizer.Blueprint {
    /// The step size.
    double learningRate();

    /// The step size of a step; the same for all unless a [Schedule] says otherwise.
    ///
    /// @param step its number, from 1
    default double learningRate(long step) {
        return learningRate();
    }

    /// The same rule with another step size.
    ///
    /// @throws IllegalArgumentException if it is not above 0
    UpdateRule withLearningRate(double learningRate);

    /// This rule with its step size multiplied by a schedule's factor.
    default Scheduled scheduled(Schedule schedule) {
        return new Scheduled(this, schedule);
    }

    /// The rule for the parameter with this path: this one, unless it is made of several.
    default UpdateRule forParameter(String path) {
        return this;
    }

    /// Whether of a parameter whose gradient is zero but for some rows these alone are changed. The rule
    /// is given these rows of everything then, and treats each element by itself.
    default boolean changesRowsAlone() {
        return false;
    }

    /// What the rule remembers for a parameter.
    ///
    /// @param parameter its value before the first step
    /// @throws IllegalArgumentException if the rule is not for parameters of this shape
    List<Slot> slots(Tensor parameter);

    /// What becomes of one parameter and its slots in a step.
    ///
    /// @param parameter the value before the step
    /// @param gradient of the loss with respect to it
    /// @param slots what is remembered, in the order of [#slots]
    /// @param step the number of this step, from 1
    Change change(Tensor parameter, Tensor gradient, List<Tensor> slots, long step);

    /// An optimiser of all trainable parameters of the model.
    ///
    /// @throws IllegalArgumentException if there is none
    @Override
    default Optimizer on(Module model) {
        return Optimizer.of(this, model);
    }

    /// An optimiser of those of the given parameters that are trainable.
    ///
    /// @throws IllegalArgumentException if there is none
    @Override
    default Optimizer on(Map<String, Parameter> parameters) {
        return Optimizer.of(this, parameters);
    }

    /// The outcome of one step for one parameter.
    ///
    /// @param parameter its new value
    /// @param slots the new values of its slots, in their order
    record Change(Tensor parameter, List<Tensor> slots) {}
}
