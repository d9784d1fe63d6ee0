package fathom.nn.train;

import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.time.Duration;
import java.util.Map;
import java.util.function.Consumer;

/// Is told how a training goes, on the thread that trains. To end it early, call [Trainer#stop].
public interface Callback {
    /// A training begins, or goes on.
    default void started(Plan plan) {}

    /// A step is done.
    default void step(StepResult result) {}

    /// Whether [#gradients] is to be called in the step with this number, from 1. A step in which it is
    /// computes the same, but is a program of its own, to be compiled once, and has to keep all gradients.
    default boolean wantsGradients(long step) {
        return false;
    }

    /// The gradients of a step, by the paths of their parameters, before they are clipped; called before
    /// [#step(StepResult)], and only if [#wantsGradients]. Of a method that looks at several points in a step
    /// they are those where it begins.
    default void gradients(long step, Map<String, Tensor> gradients) {}

    /// An epoch is done, and its validation.
    default void epoch(EpochResult result) {}

    /// The training has ended, also when it was stopped; not when it failed.
    default void finished(History history) {}

    /// Calls a function after every step.
    static Callback onStep(Consumer<StepResult> function) {
        return new Callback() {
            @Override
            public void step(StepResult result) {
                function.accept(result);
            }
        };
    }

    /// Calls a function after every epoch.
    static Callback onEpoch(Consumer<EpochResult> function) {
        return new Callback() {
            @Override
            public void epoch(EpochResult result) {
                function.accept(result);
            }
        };
    }

    /// Stops a training after the first step that ends later than so much time after its start, or
    /// after that of the [Trainer#fit] that goes on from a checkpoint.
    ///
    /// @throws IllegalArgumentException if that is no time
    static Callback timeBudget(Trainer trainer, Duration time) {
        Require.that(time.isPositive(), "time budget: %s, expected a time above 0", time);
        return new TimeBudget(trainer, time.toNanos());
    }

    /// What is to come.
    ///
    /// @param epochs epochs of the whole training, those done before a resume included
    /// @param batches batches in an epoch
    /// @param samples samples in an epoch
    /// @param epochsDone epochs that were done before a resume
    /// @param batchesDone batches of the present epoch that were done before a resume
    /// @param stepsDone steps that were done before, as [StepResult#step] counts them
    record Plan(int epochs, int batches, int samples, int epochsDone, int batchesDone, long stepsDone) {}
}
