package fathom.io.onnx.run;

import fathom.io.onnx.format.AttributeValue;
import fathom.io.onnx.format.FunctionProto;
import fathom.io.onnx.format.GraphProto;
import fathom.io.onnx.format.ModelProto;
import fathom.io.onnx.format.NodeProto;
import fathom.io.onnx.format.OnnxType;
import fathom.io.onnx.format.TensorProto;
import fathom.io.onnx.format.ValueInfo;
import fathom.ir.Require;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Makes a [Plan] of a model's graph: finds for each node its entry in the table of operators and for each
/// name its place, and notes what is not supported, all of it.
public final class Planner {
    private static final int MOST_STEPS = 2_000_000;
    private static final int MOST_DEPTH = 64;

    private final OperatorTable table;
    private final Map<FunctionKey, FunctionProto> functions = new LinkedHashMap<>();
    private final Map<String, Integer> problems = new LinkedHashMap<>();
    private int steps;
    private int depth;

    private record FunctionKey(String domain, String name, String overload) {}

    public Planner(OperatorTable table, ModelProto model) {
        this.table = table;
        model.functions().forEach(f -> functions.put(new FunctionKey(f.domain(), f.name(), f.overload()), f));
    }

    /// What is not supported, in the order of the nodes.
    public List<String> problems() {
        return List.copyOf(problems.keySet());
    }

    /// The plan of the model's graph.
    ///
    /// @param initial how the value of each initialiser is got
    /// @throws IllegalArgumentException if the graph is not sound
    Plan plan(GraphProto graph, Map<String, Long> opsets, Function<TensorProto, Supplier<Value>> initial) {
        return plan(graph, opsets, null, Map.of(), initial);
    }

    private void problem(String text) {
        problems.merge(text, 1, Integer::sum);
    }

    private Plan plan(
            GraphProto graph,
            Map<String, Long> opsets,
            @Nullable Places outer,
            Map<String, AttributeValue> arguments,
            Function<TensorProto, Supplier<Value>> initial) {
        Places places = new Places(outer);
        int[] inputs = graph.inputs().stream()
                .mapToInt(i -> places.define(i.name(), "input"))
                .toArray();
        for (ValueInfo i : graph.inputs()) {
            boolean tensor = i.kind().equals(ValueInfo.TENSOR);
            boolean numbers = i.type().isEmpty() || i.type().get().isSupported();
            if (!tensor || !numbers) {
                problem("input '%s' of type %s"
                        .formatted(i.name(), tensor ? i.type().orElseThrow() : i.kind()));
            }
        }
        List<Plan.Given> given = new ArrayList<>();
        for (TensorProto t : graph.initializers()) {
            int place = places.defineOrInput(t.name());
            if (t.content() instanceof TensorProto.Inline) {
                given.add(new Plan.Given(place, initial.apply(t)));
            } else {
                problem("initialiser '%s' of type %s".formatted(t.name(), t.type()));
            }
        }
        return finish(places, inputs, graph.outputs(), graph.nodes(), opsets, arguments, given);
    }

    private Plan finish(
            Places places,
            int[] inputs,
            List<ValueInfo> results,
            List<NodeProto> nodes,
            Map<String, Long> opsets,
            Map<String, AttributeValue> arguments,
            List<Plan.Given> given) {
        Require.that(++depth <= MOST_DEPTH, "graphs within each other more than %s deep", MOST_DEPTH);
        List<Step> all = new ArrayList<>();
        List<String> outputs = results.stream().map(ValueInfo::name).toList();
        Set<NodeProto> wanted = Liveness.of(nodes, outputs);
        for (NodeProto node : nodes) {
            if (wanted.contains(node)) {
                Require.that(++steps <= MOST_STEPS, "more than %s nodes", MOST_STEPS);
                all.add(step(node, opsets, places, arguments));
            } else {
                // Its names must not be those of others all the same.
                node.outputs().stream().filter(o -> !o.isEmpty()).forEach(o -> places.define(o, title(node, 0)));
            }
        }
        depth--;
        int[] outputPlaces = outputs.stream()
                .mapToInt(o -> places.find(o, "output '" + o + "'"))
                .toArray();
        return new Plan(
                List.copyOf(all),
                places.count(),
                inputs,
                outputPlaces,
                results,
                List.copyOf(given),
                places.captures(),
                new AtomicReferenceArray<>(places.count()));
    }

    private Step step(NodeProto node, Map<String, Long> opsets, Places places, Map<String, AttributeValue> arguments) {
        Map<String, AttributeValue> attributes = new LinkedHashMap<>();
        node.attributes().forEach((name, value) -> {
            AttributeValue found = value instanceof AttributeValue.Reference r ? arguments.get(r.name()) : value;
            if (found != null) {
                attributes.put(name, found);
            }
        });
        int opset = (int) Math.clamp(opsets.getOrDefault(node.domain(), 0L), 0, Integer.MAX_VALUE);
        String title = title(node, opset);
        int[] inputs = node.inputs().stream()
                .mapToInt(i -> i.isEmpty() ? -1 : places.find(i, title))
                .toArray();
        Map<String, Plan> plans = new LinkedHashMap<>();
        FunctionProto function = functions.get(new FunctionKey(node.domain(), node.operator(), node.overload()));
        Operator operator;
        if (function != null) {
            plans.put("", function(function, node, attributes));
            operator = Functions.call(node.domain(), node.operator());
        } else {
            attributes.forEach((name, value) -> {
                if (value instanceof AttributeValue.Subgraph s) {
                    plans.put(name, plan(s.value(), opsets, places, arguments, t -> {
                        Value constant = Call.constant(t);
                        return () -> constant;
                    }));
                }
            });
            operator = operator(node, attributes, opset, title);
        }
        int[] outputs = node.outputs().stream()
                .mapToInt(o -> o.isEmpty() ? -1 : places.define(o, title))
                .toArray();
        return new Step(title, operator, opset, inputs, outputs, attributes, plans, new ConcurrentHashMap<>());
    }

    private Operator operator(NodeProto node, Map<String, AttributeValue> attributes, int opset, String title) {
        Optional<Operator> found = table.find(node.domain(), node.operator(), opset);
        if (found.isEmpty()) {
            problem(title);
            return Functions.call(node.domain(), node.operator());
        }
        attributes.forEach((name, value) ->
                unsupported(name, value).ifPresent(what -> problem(title + ": attribute " + name + ", " + what)));
        return found.get();
    }

    /// What an attribute asks for that there is not, if it does.
    private static Optional<String> unsupported(String name, AttributeValue value) {
        return switch (value) {
            case AttributeValue.Other o -> Optional.of(o.kind());
            case AttributeValue.Elements e
            when !(e.value().content() instanceof TensorProto.Inline) ->
                Optional.of("a tensor of " + e.value().type());
            case AttributeValue.Whole w
            when name.equals("to") || name.equals("dtype") ->
                OnnxType.of(w.value()).filter(t -> !t.isSupported()).map(t -> "elements of " + t);
            case AttributeValue.Text _, AttributeValue.Texts _
            when name.startsWith("value_string") -> Optional.of("elements of string");
            default -> Optional.empty();
        };
    }

    private Plan function(FunctionProto function, NodeProto node, Map<String, AttributeValue> given) {
        Map<String, AttributeValue> arguments = new LinkedHashMap<>(function.defaults());
        arguments.putAll(given);
        String message = "node '%s' gives function %s %s inputs, expected at most %s";
        int count = node.inputs().size();
        int expected = function.inputs().size();
        Require.that(count <= expected, message, node.title(), function.name(), count, expected);
        Places places = new Places(null);
        int[] inputs = function.inputs().stream()
                .mapToInt(i -> places.define(i, "input of function " + function.name()))
                .toArray();
        List<ValueInfo> results = function.outputs().stream()
                .map(o -> new ValueInfo(o, ValueInfo.TENSOR, Optional.empty(), Optional.empty()))
                .toList();
        return finish(places, inputs, results, function.nodes(), function.opsets(), arguments, List.of());
    }

    private static String title(NodeProto node, int opset) {
        String domain = node.domain().isEmpty() ? "ai.onnx" : node.domain();
        return "node '%s' (%s, %s %s)".formatted(node.title(), node.operator(), domain, opset);
    }
}
