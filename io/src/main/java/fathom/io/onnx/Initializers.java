package fathom.io.onnx;

import fathom.io.onnx.format.AttributeValue;
import fathom.io.onnx.format.GraphProto;
import fathom.io.onnx.format.NodeProto;
import fathom.io.onnx.format.TensorProto;
import fathom.io.onnx.run.OperatorTable;
import fathom.nn.Parameter;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Finds the parameters among the values that a file holds.
final class Initializers {
    private Initializers() {}

    /// The graph with its nodes that are constants as initialisers: some exporters write weights so.
    static GraphProto lifted(GraphProto graph) {
        List<NodeProto> nodes = new ArrayList<>();
        List<TensorProto> initializers = new ArrayList<>(graph.initializers());
        for (NodeProto node : graph.nodes()) {
            boolean constant =
                    node.operator().equals("Constant") && node.domain().isEmpty();
            if (constant
                    && node.outputs().size() == 1
                    && node.attributes().get("value") instanceof AttributeValue.Elements e) {
                TensorProto t = e.value();
                initializers.add(new TensorProto(node.outputs().getFirst(), t.type(), t.shape(), t.content()));
            } else {
                nodes.add(withReads(node));
            }
        }
        return new GraphProto(graph.name(), nodes, graph.inputs(), graph.outputs(), initializers);
    }

    /// A node with all that it reads among its inputs: `Gradient` names what it differentiates in an
    /// attribute.
    private static NodeProto withReads(NodeProto node) {
        if (!node.operator().equals("Gradient") || !(node.attributes().get("y") instanceof AttributeValue.Text y)) {
            return node;
        }
        List<String> inputs = new ArrayList<>(node.inputs());
        inputs.add(y.value());
        return new NodeProto(
                node.name(),
                node.domain(),
                node.operator(),
                node.overload(),
                inputs,
                node.outputs(),
                node.attributes());
    }

    /// The initialisers that can be trained.
    static Map<String, Parameter> parameters(GraphProto graph, OperatorTable table) {
        Set<String> settings = new HashSet<>();
        graph.nodes().forEach(n -> settings(n, table, settings));
        Map<String, Parameter> parameters = new LinkedHashMap<>();
        for (TensorProto t : graph.initializers()) {
            boolean numbers =
                    t.type().isFloating() && t.type().bits() >= 16 && !t.shape().isEmpty();
            if (numbers && !settings.contains(t.name()) && t.content() instanceof TensorProto.Inline inline) {
                parameters.put(t.name(), Parameter.of(Tensor.of(inline.elements(), Shape.of(t.shape()))));
            }
        }
        return parameters;
    }

    private static void settings(NodeProto node, OperatorTable table, Set<String> into) {
        for (int i = 0; i < node.inputs().size(); i++) {
            if (table.isSetting(node.domain(), node.operator(), i)) {
                into.add(node.inputs().get(i));
            }
        }
        for (AttributeValue a : node.attributes().values()) {
            if (a instanceof AttributeValue.Subgraph s) {
                s.value().nodes().forEach(n -> settings(n, table, into));
            }
        }
    }
}
