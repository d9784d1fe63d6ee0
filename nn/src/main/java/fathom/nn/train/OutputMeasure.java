package fathom.nn.train;

import fathom.ir.Require;

/// A measure of one of several outputs.
///
/// @param output the name that the [TrainStep] gives it
/// @param measure what is measured
record OutputMeasure(String output, Measure measure) implements Measure {
    OutputMeasure {
        boolean plain = !(measure instanceof OutputMeasure);
        Require.that(plain, "measure: %s for output %s, expected one for no other output", measure.name(), output);
    }

    @Override
    public String name() {
        return output + "." + measure.name();
    }
}
