package fathom.io.onnx.run;

import fathom.io.onnx.format.AttributeValue;
import fathom.tensor.Tensor;
import java.util.Map;

/// A node that is to be computed: its operator is found, and its names are places in a [Frame].
///
/// @param title what it is called in errors
/// @param operator what it computes
/// @param opset the version of the operators of its domain
/// @param inputs the places of its inputs, -1 for one that is left out
/// @param outputs the places of its outputs, -1 for one that nobody wants
/// @param attributes what else the node says
/// @param plans the graphs among its attributes
/// @param kept what its operator made of constants, by a name of its own
@SuppressWarnings("ArrayRecordComponent") // Neither compared nor given out.
record Step(
        String title,
        Operator operator,
        int opset,
        int[] inputs,
        int[] outputs,
        Map<String, AttributeValue> attributes,
        Map<String, Plan> plans,
        Map<String, Tensor> kept) {
    /// From which version on Dropout does nothing outside of a training, unless an input says so.
    private static final int QUIET_DROPOUT = 7;

    /// Where that input is.
    private static final int TRAINING_MODE = 2;

    /// Whether it depends on chance, also outside of a training.
    boolean isRandom() {
        boolean never = operator.name().equals("Dropout") && opset >= QUIET_DROPOUT && inputs.length <= TRAINING_MODE;
        return operator.kind() == Operator.Kind.RANDOM && !never;
    }
}
