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
import java.util.stream.IntStream;

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

    /// A parameter and how the value that the graph uses is made of it.
    record Weight(Parameter parameter, boolean ofConvolution) {
        Tensor value() {
            Tensor value = parameter.value();
            return ofConvolution ? value.permute(order(value.rank(), true)) : value;
        }
    }

    /// The order of axes that makes `[K, C, ...]` of `[..., C, K]`, or the other way round.
    private static int[] order(int rank, boolean outputsFirst) {
        return IntStream.range(0, rank)
                .map(i -> outputsFirst ? i < 2 ? rank - 1 - i : i - 2 : i < rank - 2 ? i + 2 : rank - 1 - i)
                .toArray();
    }

    /// The initialisers that can be trained. Those that are weights of convolutions alone are kept as
    /// Fathom wants them, so that they need not be rearranged in each run.
    static Map<String, Weight> weights(GraphProto graph, OperatorTable table) {
        Set<String> settings = new HashSet<>();
        graph.nodes().forEach(n -> settings(n, table, settings));
        Set<String> convolutions = convolutions(graph);
        Map<String, Tensor> kept = new LinkedHashMap<>();
        for (TensorProto t : graph.initializers()) {
            boolean numbers =
                    t.type().isFloating() && t.type().bits() >= 16 && !t.shape().isEmpty();
            if (numbers && !settings.contains(t.name()) && t.content() instanceof TensorProto.Inline inline) {
                Tensor given = Tensor.of(inline.elements(), Shape.of(t.shape()));
                boolean rearranged = convolutions.contains(t.name()) && given.rank() >= 3;
                kept.put(t.name(), rearranged ? given.permute(order(given.rank(), false)) : given);
            }
        }
        Tensor.evaluateAll(kept.values().toArray(Tensor[]::new));
        Map<String, Weight> weights = new LinkedHashMap<>();
        kept.forEach((name, value) ->
                weights.put(name, new Weight(Parameter.of(value), convolutions.contains(name) && value.rank() >= 3)));
        return weights;
    }

    /// What is used as the weights of convolutions and for nothing else.
    private static Set<String> convolutions(GraphProto graph) {
        Set<String> weights = new HashSet<>();
        Set<String> others = new HashSet<>();
        graph.outputs().forEach(o -> others.add(o.name()));
        for (NodeProto node : graph.nodes()) {
            boolean convolution = node.domain().isEmpty() && node.operator().startsWith("Conv");
            for (int i = 0; i < node.inputs().size(); i++) {
                (convolution && i == 1 ? weights : others).add(node.inputs().get(i));
            }
            for (AttributeValue a : node.attributes().values()) {
                if (a instanceof AttributeValue.Subgraph s) {
                    inner(s.value(), others);
                }
            }
        }
        weights.removeAll(others);
        return weights;
    }

    private static void inner(GraphProto graph, Set<String> names) {
        for (NodeProto node : graph.nodes()) {
            names.addAll(node.inputs());
            for (AttributeValue a : node.attributes().values()) {
                if (a instanceof AttributeValue.Subgraph s) {
                    inner(s.value(), names);
                }
            }
        }
        graph.outputs().forEach(o -> names.add(o.name()));
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
