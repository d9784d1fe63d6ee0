package fathom.io.onnx.run;

import fathom.io.onnx.format.GraphProto;
import fathom.io.onnx.format.ModelProto;
import fathom.io.onnx.format.OnnxType;
import fathom.io.onnx.format.TensorProto;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReferenceArray;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Runs a model's graph. What depends on the shapes of the inputs alone is computed once for each set of
/// shapes and kept for the latest ones.
public final class Runner {
    private static final int MOST_SHAPES = 32;

    private final Plan plan;
    private final Map<List<@Nullable Sizes>, AtomicReferenceArray<@Nullable Value>> kept =
            new LinkedHashMap<>(16, 0.75f, true) {
                @Override
                protected boolean removeEldestEntry(
                        Map.Entry<List<@Nullable Sizes>, AtomicReferenceArray<@Nullable Value>> eldest) {
                    return size() > MOST_SHAPES;
                }
            };

    /// What results may depend on that are kept.
    private record Sizes(OnnxType type, Shape shape) {}

    private Runner(Plan plan) {
        this.plan = plan;
    }

    /// Finds the operators of a model.
    ///
    /// @param parameters the present values of those initialisers that are parameters
    /// @throws IllegalArgumentException if the graph is not sound, or says all that is not supported
    public static Runner of(
            OperatorTable table, ModelProto model, GraphProto graph, Map<String, Supplier<Tensor>> parameters) {
        Planner planner = new Planner(table, model);
        Plan plan = planner.plan(graph, model.opsets(), t -> initial(t, parameters.get(t.name())));
        List<String> problems = planner.problems();
        if (!problems.isEmpty()) {
            throw new IllegalArgumentException("%s not supported:\n  %s"
                    .formatted(
                            problems.size() == 1 ? "one thing is" : problems.size() + " things are",
                            String.join("\n  ", problems)));
        }
        return new Runner(plan);
    }

    private static Supplier<Value> initial(TensorProto t, @Nullable Supplier<Tensor> parameter) {
        if (parameter == null) {
            Value constant = Call.constant(t);
            return () -> constant;
        }
        OnnxType type = t.type();
        return () -> new Value(type, parameter.get(), Origin.DATA, Origin.CONSTANT);
    }

    /// Whether equal inputs may give other outputs, also outside of a training.
    public boolean isRandom() {
        return isRandom(plan);
    }

    private static boolean isRandom(Plan plan) {
        return plan.steps().stream()
                .anyMatch(step ->
                        step.isRandom() || step.plans().values().stream().anyMatch(Runner::isRandom));
    }

    /// The outputs for the inputs, of which those that have an initialiser may be null.
    ///
    /// @throws IllegalArgumentException if shapes do not fit; the message names the node
    public List<Value> run(List<@Nullable Value> inputs) {
        List<@Nullable Sizes> sizes = new ArrayList<>();
        List<@Nullable Value> given = new ArrayList<>();
        for (Value v : inputs) {
            sizes.add(v == null ? null : new Sizes(v.type(), v.shape()));
            given.add(v == null ? null : v.and(Origin.DATA, Origin.SHAPE));
        }
        AtomicReferenceArray<@Nullable Value> shapes;
        synchronized (kept) {
            shapes = kept.computeIfAbsent(sizes, _ -> new AtomicReferenceArray<>(plan.places()));
        }
        return new Frame(plan, shapes).run(given);
    }
}
