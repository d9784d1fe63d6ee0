package fathom.io.onnx.export;

import fathom.io.onnx.format.AttributeValue;
import fathom.io.onnx.format.GraphProto;
import fathom.io.onnx.format.NodeProto;
import fathom.io.onnx.format.OnnxType;
import fathom.io.onnx.format.TensorProto;
import fathom.io.onnx.format.ValueInfo;
import fathom.ir.Buffer;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/// The nodes and initialisers of a graph that is being written, each with a name of its own. A node that
/// does what another one does is that one.
final class GraphBuilder {
    private final List<NodeProto> nodes = new ArrayList<>();
    private final List<TensorProto> initializers;
    private final Set<String> names;
    private final Map<Object, List<String>> known = new HashMap<>();
    private final Map<Object, String> constants;
    private String path = "";

    GraphBuilder() {
        this(new ArrayList<>(), new HashSet<>(), new HashMap<>());
    }

    private GraphBuilder(List<TensorProto> initializers, Set<String> names, Map<Object, String> constants) {
        this.initializers = initializers;
        this.names = names;
        this.constants = constants;
    }

    /// A graph within this one, whose initialisers are this one's.
    GraphBuilder inner() {
        GraphBuilder inner = new GraphBuilder(initializers, names, constants);
        inner.path = path;
        return inner;
    }

    /// Sets the part of the model that the next nodes are of.
    void path(String part) {
        path = part;
    }

    /// Takes a name for itself.
    ///
    /// @return the name, with a number behind it if something else has it
    String name(String wanted) {
        String name = wanted;
        for (int i = 1; !names.add(name); i++) {
            name = wanted + "_" + i;
        }
        return name;
    }

    /// A node of one result; its name.
    String node(String operator, Attributes attributes, String... inputs) {
        return node(operator, attributes, 1, inputs).getFirst();
    }

    /// A node of one result without attributes; its name.
    String node(String operator, String... inputs) {
        return node(operator, Attributes.none(), inputs);
    }

    /// A node; the names of its results.
    List<String> node(String operator, Attributes attributes, int results, String... inputs) {
        Map<String, AttributeValue> all = attributes.map();
        boolean comparable = all.values().stream().noneMatch(AttributeValue.Subgraph.class::isInstance);
        List<Object> key = List.of(operator, all, List.of(inputs), results);
        List<String> there = comparable ? known.get(key) : null;
        if (there != null) {
            return there;
        }
        String name = name(path.isEmpty() ? operator : path + "/" + operator);
        List<String> outputs = new ArrayList<>(List.of(name));
        for (int i = 1; i < results; i++) {
            outputs.add(name(name + "_output" + i));
        }
        nodes.add(new NodeProto(name, "", operator, "", Arrays.asList(inputs), outputs, all));
        known.put(key, List.copyOf(outputs));
        return List.copyOf(outputs);
    }

    /// Elements that are in the file.
    ///
    /// @param name what they are to be called
    String initializer(String name, Tensor elements) {
        String unique = name(name);
        initializers.add(new TensorProto(
                unique,
                OnnxType.of(elements.dtype()),
                elements.shape().toList(),
                new TensorProto.Inline(elements.buffer())));
        return unique;
    }

    /// A vector of I64.
    String longs(long... values) {
        List<Long> key = Arrays.stream(values).boxed().toList();
        String there = constants.get(key);
        if (there == null) {
            String text = key.isEmpty()
                    ? "none"
                    : key.stream().map(GraphBuilder::text).collect(Collectors.joining("_"));
            there = initializer("int64/" + text, Tensor.of(values));
            constants.put(key, there);
        }
        return there;
    }

    private static String text(long value) {
        return value == Long.MAX_VALUE ? "end" : value == Long.MIN_VALUE ? "start" : Long.toString(value);
    }

    /// A scalar.
    String scalar(DType dtype, double value) {
        List<Object> key = List.of(dtype, Double.doubleToRawLongBits(value));
        String there = constants.get(key);
        if (there == null) {
            Buffer one = Buffer.allocate(dtype, 1);
            one.setDouble(0, value);
            String text = value == (long) value ? Long.toString((long) value) : Double.toString(value);
            there = initializer(OnnxType.of(dtype) + "/" + text, Tensor.of(one, Shape.SCALAR));
            constants.put(key, there);
        }
        return there;
    }

    /// Gives results other names: those of a graph's outputs.
    void rename(Map<String, String> others) {
        nodes.replaceAll(n -> new NodeProto(
                n.name(),
                n.domain(),
                n.operator(),
                n.overload(),
                n.inputs().stream().map(i -> others.getOrDefault(i, i)).toList(),
                n.outputs().stream().map(o -> others.getOrDefault(o, o)).toList(),
                n.attributes()));
    }

    /// A node that gives something a name that was taken before.
    void identity(String from, String to) {
        nodes.add(new NodeProto(to, "", "Identity", "", List.of(from), List.of(to), Map.of()));
    }

    /// Whether a node makes this.
    boolean isResult(String name) {
        return nodes.stream().anyMatch(n -> n.outputs().contains(name));
    }

    /// Whether some node has a graph in it.
    boolean hasSubgraphs() {
        return nodes.stream()
                .flatMap(n -> n.attributes().values().stream())
                .anyMatch(AttributeValue.Subgraph.class::isInstance);
    }

    /// The graph, without initialisers if it is within another one.
    GraphProto build(String name, List<ValueInfo> inputs, List<ValueInfo> outputs, boolean isInner) {
        return new GraphProto(name, nodes, inputs, outputs, isInner ? List.of() : initializers);
    }
}
