package fathom.nn.train;

/// Is told how a training goes, on the thread that trains. To end it early, call [Trainer#stop].
public interface Callback {
    /// A training begins, or goes on.
    default void started(Plan plan) {}

    /// A step is done.
    default void step(StepResult result) {}

    /// An epoch is done, and its validation.
    default void epoch(EpochResult result) {}

    /// The training has ended, also when it was stopped; not when it failed.
    default void finished(History history) {}

    /// What is to come.
    ///
    /// @param epochs epochs of the whole training, those done before a resume included
    /// @param batches batches in an epoch
    /// @param samples samples in an epoch
    /// @param epochsDone epochs that were done before a resume
    /// @param batchesDone batches of the present epoch that were done before a resume
    record Plan(int epochs, int batches, int samples, int epochsDone, int batchesDone) {}
}
