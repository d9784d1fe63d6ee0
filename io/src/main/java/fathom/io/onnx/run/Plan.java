package fathom.io.onnx.run;

import fathom.io.onnx.format.ValueInfo;
import java.util.List;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// A graph that is ready to be run: its values have places instead of names.
///
/// @param steps what is computed, in that order
/// @param places how many values there are
/// @param inputs the places of the inputs
/// @param outputs the places of the outputs
/// @param results what the file says of the outputs, if it says something
/// @param given values that are there from the start
/// @param captures values of the graph around this one
/// @param constants results that never change, once they have been computed
@SuppressWarnings("ArrayRecordComponent") // Neither compared nor given out.
record Plan(
        List<Step> steps,
        int places,
        int[] inputs,
        int[] outputs,
        List<ValueInfo> results,
        List<Given> given,
        List<Capture> captures,
        AtomicReferenceArray<@Nullable Value> constants) {

    /// A value that is there from the start: an initialiser.
    record Given(int place, Supplier<Value> value) {}

    /// A value of the graph around this one.
    record Capture(int outer, int inner) {}
}
