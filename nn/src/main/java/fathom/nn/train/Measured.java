package fathom.nn.train;

import fathom.tensor.Batch;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// A measure and what it is of.
///
/// @param name what its values are called
/// @param output the output that it is of, if not of the prediction and the batch's targets
record Measured<M extends Measure>(String name, Optional<String> output, M measure) {
    /// Those of a kind.
    static <M extends Measure> List<Measured<M>> of(List<Measure> measures, Class<M> kind) {
        List<Measured<M>> found = new ArrayList<>();
        for (Measure m : measures) {
            Measure inner = m instanceof OutputMeasure o ? o.measure() : m;
            Optional<String> output = m instanceof OutputMeasure o ? Optional.of(o.output()) : Optional.empty();
            if (kind.isInstance(inner)) {
                found.add(new Measured<>(m.name(), output, kind.cast(inner)));
            }
        }
        return found;
    }

    /// What is measured.
    ///
    /// @throws IllegalArgumentException if the outcome has no such output
    Outcome.Output in(Outcome outcome, Batch batch) {
        return output.map(wanted -> Optional.ofNullable(outcome.outputs().get(wanted))
                        .orElseThrow(() -> new IllegalArgumentException("metrics: no output " + wanted + " for " + name
                                + ", expected one of " + outcome.outputs().keySet())))
                .orElseGet(() -> new Outcome.Output(outcome.prediction(), batch.y()));
    }
}
