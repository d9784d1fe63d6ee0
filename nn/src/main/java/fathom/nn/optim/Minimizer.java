package fathom.nn.optim;

import fathom.nn.Module;
import fathom.nn.Modules;
import fathom.nn.Parameter;
import fathom.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What changes a model's parameters, step by step, so that a loss becomes small: an [Optimizer] by
/// the gradient at one point, others by what they see at several.
public interface Minimizer {
    /// Makes a step.
    ///
    /// @param loss computes the loss, a scalar, from the parameters' present values; called once for
    ///   each point that is looked at, first for that where the step begins
    /// @param alsoEvaluate what else is to be computed there, in the same program; called once, after
    ///   the first loss
    /// @throws IllegalArgumentException if the loss is not a scalar of F32 or F64, or depends on none
    ///   of the parameters
    void step(Supplier<Tensor> loss, Supplier<List<Tensor>> alsoEvaluate);

    /// Hands the gradients where a step begins to a function, once for every step from now on; to none if it
    /// is null. They are by parameter path, before clipping, and computed in the program of the loss there.
    /// What the loss does not depend on has a gradient of zeros, or none.
    void observeGradients(@Nullable Consumer<Map<String, Tensor>> function);

    /// Steps made so far.
    long steps();

    /// The step size of the latest step, or of the first one before that; 1 if it has none.
    double learningRate();

    /// Copies of all that the next steps depend on, besides the parameters.
    Optimizer.State state();

    /// Goes on from a state, bit for bit.
    ///
    /// @throws IllegalArgumentException if it is not one of the same method on the same parameters;
    ///   nothing is changed then
    void load(Optimizer.State state);

    /// The optimizer that makes the steps, if they follow gradients by an [UpdateRule]: then they can be
    /// clipped, and their size changed.
    default Optional<Optimizer> optimizer() {
        return Optional.empty();
    }

    /// The settings of a method, without what it remembers: what a training is set up with. It is a
    /// record, so that two runs can be told to have used the same one.
    interface Blueprint {
        /// The method at work on those of the given parameters that are trainable.
        ///
        /// @param parameters by path
        /// @throws IllegalArgumentException if there is none, or the method is not for one of them
        Minimizer on(Map<String, Parameter> parameters);

        /// The method at work on all trainable parameters of the model.
        ///
        /// @throws IllegalArgumentException as [#on(Map)]
        default Minimizer on(Module model) {
            return on(Modules.parameters(model));
        }
    }
}
