package fathom.nn.train;

import fathom.nn.Loss;
import fathom.nn.Module;
import fathom.nn.TermLoss;
import fathom.tensor.Batch;
import fathom.tensor.Tensor;

/// Applies the model to the inputs and compares with the targets: see [TrainStep#of].
record LossStep(Loss loss) implements TrainStep {
    @Override
    public Outcome apply(Module model, Batch batch) {
        Tensor prediction = model.apply(batch.x());
        return Outcome.of(of(prediction, batch), prediction);
    }

    private Tensor of(Tensor prediction, Batch batch) {
        Tensor weights = batch.others().get(WEIGHTS);
        if (weights == null) {
            return loss.of(prediction, batch.y());
        }
        if (loss instanceof TermLoss terms) {
            return terms.of(prediction, batch.y(), weights);
        }
        throw new IllegalArgumentException("loss: a batch with " + WEIGHTS
                + " of samples for a loss without terms, expected a TermLoss such as Loss.crossEntropy()");
    }
}
