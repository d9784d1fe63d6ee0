package fathom.nn.train;

import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// What a [TrainStep] has made of a batch.
///
/// @param loss what is to be made small, a scalar
/// @param prediction what metrics compare with the batch's targets
/// @param outputs further predictions by name, each with its target, for [Measure#forOutput]
/// @param parts scalars by name that are averaged and shown as the loss is
public record Outcome(Tensor loss, Tensor prediction, Map<String, Output> outputs, Map<String, Tensor> parts) {
    /// A prediction and what it should be.
    public record Output(Tensor prediction, Tensor target) {}

    public Outcome {
        scalar("loss", loss);
        outputs = Collections.unmodifiableMap(new LinkedHashMap<>(outputs));
        parts = Collections.unmodifiableMap(new LinkedHashMap<>(parts));
        parts.forEach(Outcome::scalar);
    }

    private static void scalar(String name, Tensor value) {
        boolean fits = value.rank() == 0 && value.dtype().isFloating();
        Require.that(fits, "outcome: %s %s, expected a scalar of F32 or F64", name, value.type());
    }

    /// A loss and a prediction.
    ///
    /// @throws IllegalArgumentException if the loss is not a scalar of F32 or F64
    public static Outcome of(Tensor loss, Tensor prediction) {
        return new Outcome(loss, prediction, Map.of(), Map.of());
    }

    /// This with one more scalar to be averaged over samples and shown: a part of the loss, before or
    /// after it is weighted, or anything else. A part that some batches do not have is averaged over
    /// the others.
    ///
    /// @throws IllegalArgumentException if it is not a scalar of F32 or F64, or the name is taken
    public Outcome and(String name, Tensor part) {
        boolean free = !name.equals(Sums.LOSS) && !parts.containsKey(name);
        Require.that(free, "outcome: a second %s, expected different names", name);
        Map<String, Tensor> more = new LinkedHashMap<>(parts);
        more.put(name, part);
        return new Outcome(loss, prediction, outputs, more);
    }

    /// This with one more prediction and its target, which measures of that name are of; see
    /// [Measure#forOutput].
    ///
    /// @throws IllegalArgumentException if the name is taken
    public Outcome output(String name, Tensor itsPrediction, Tensor target) {
        Require.that(!outputs.containsKey(name), "outcome: a second output %s, expected different names", name);
        Map<String, Output> more = new LinkedHashMap<>(outputs);
        more.put(name, new Output(itsPrediction, target));
        return new Outcome(loss, prediction, more, parts);
    }
}
