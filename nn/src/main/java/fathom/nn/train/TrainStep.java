package fathom.nn.train;

import fathom.nn.Loss;
import fathom.nn.Module;
import fathom.tensor.Batch;

/// What a model makes of a batch and how good that is: where a plain loss of one prediction and one
/// target is not enough, it is written out.
///
/// ```java
/// trainer.trainStep((model, batch) -> {
///     var codes = autoencoder.encode(batch.x());
///     var images = autoencoder.decode(codes);
///     var reconstruction = Loss.meanSquaredError(images, batch.x());
///     var divergence = codes.divergence();
///     return Outcome.of(reconstruction.add(divergence.mul(0.1)), images)
///             .and("reconstruction", reconstruction)
///             .and("divergence", divergence);
/// });
/// ```
///
/// It is called in training, where the parameters then change so that the loss becomes smaller, and in
/// evaluations; [fathom.nn.Context#isTraining] tells which.
@FunctionalInterface
public interface TrainStep {
    /// What the weights of samples are called in a batch.
    String WEIGHTS = "weights";

    /// The outcome for a batch.
    ///
    /// @throws IllegalArgumentException if shapes or dtypes do not fit
    Outcome apply(Module model, Batch batch);

    /// The step that applies the model to the inputs and compares with the targets. If batches have
    /// `weights` besides, they are those of the samples; see [TermLoss#of(Tensor, Tensor, Tensor)].
    static TrainStep of(Loss loss) {
        return new LossStep(loss);
    }
}
