package fathom.nn.train;

import java.util.Map;

/// What a step of training has come to.
///
/// @param epoch the epoch's number, from 1
/// @param lastEpoch the number of the last epoch
/// @param batch the batch's number in the epoch, from 1
/// @param batches how many batches the epoch has
/// @param step the number of the step over all epochs, from 1; if gradients are accumulated, how many
///   steps were made
/// @param samples how many samples the batch had
/// @param loss the loss of this batch, before the step
/// @param learningRate the step size
/// @param seconds how long it took, waiting for the batch included
/// @param secondsWaited how much of that was waiting for the batch
/// @param averages loss and metrics over the epoch so far, by name
public record StepResult(
        int epoch,
        int lastEpoch,
        int batch,
        int batches,
        long step,
        int samples,
        double loss,
        double learningRate,
        double seconds,
        double secondsWaited,
        Map<String, Double> averages) {}
