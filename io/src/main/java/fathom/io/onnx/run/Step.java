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
        Map<String, Tensor> kept) {}
