package fathom.io.onnx.run;

import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NoSuchElementException;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/// One run of a graph, node by node. Nothing is computed but what is asked for: the nodes make tensors,
/// which are lazy, so that afterwards all of the graph is one program.
final class Frame {
    /// The version from which on operands are stretched by NumPy's rule alone.
    private static final int NUMPY_RULE = 7;

    private final Plan plan;
    private final @Nullable AtomicReferenceArray<@Nullable Value> shapes;
    private final @Nullable Value[] values;

    /// @param shapes results that depend on the shapes of the inputs alone and were computed for the same
    ///   shapes before, if they are kept
    Frame(Plan plan, @Nullable AtomicReferenceArray<@Nullable Value> shapes) {
        this.plan = plan;
        this.shapes = shapes;
        this.values = new Value[plan.places()];
    }

    void set(int place, @Nullable Value value) {
        values[place] = value;
    }

    List<Value> run(List<@Nullable Value> inputs) {
        String message = "%s inputs of a graph, expected at most %s";
        Require.that(inputs.size() <= plan.inputs().length, message, inputs.size(), plan.inputs().length);
        plan.given().forEach(g -> values[g.place()] = g.value().get());
        for (int i = 0; i < inputs.size(); i++) {
            Value input = inputs.get(i);
            if (input != null) {
                values[plan.inputs()[i]] = input;
            }
        }
        for (Step step : plan.steps()) {
            if (!known(step, plan.constants()) && !(shapes != null && known(step, shapes))) {
                run(step);
            }
        }
        List<Value> outputs = new ArrayList<>();
        for (int place : plan.outputs()) {
            Value output = values[place];
            if (output == null) {
                throw new IllegalArgumentException("an output of a graph was not computed");
            }
            outputs.add(output);
        }
        return outputs;
    }

    /// Takes a step's results from those that are kept, if they are there.
    private boolean known(Step step, AtomicReferenceArray<@Nullable Value> kept) {
        for (int place : step.outputs()) {
            if (place >= 0) {
                Value value = kept.get(place);
                if (value == null) {
                    return false;
                }
                values[place] = value;
            }
        }
        return true;
    }

    private void run(Step step) {
        try {
            List<@Nullable Value> inputs = new ArrayList<>(step.inputs().length);
            Origin elements = Origin.CONSTANT;
            Origin sizes = Origin.CONSTANT;
            for (int place : step.inputs()) {
                Value v = place < 0 ? null : values[place];
                inputs.add(v);
                if (v != null) {
                    elements = elements.and(v.origin());
                    sizes = sizes.and(v.shapeOrigin());
                }
            }
            Map<String, Subgraph> subgraphs = new LinkedHashMap<>();
            for (Map.Entry<String, Plan> e : step.plans().entrySet()) {
                Subgraph s = new Subgraph(e.getValue(), values);
                elements = elements.and(s.captured(false));
                sizes = sizes.and(s.captured(true));
                subgraphs.put(e.getKey(), s);
            }
            boolean elementwise = step.operator().kind() == Operator.Kind.ELEMENTWISE && step.opset() >= NUMPY_RULE;
            List<Layout> layouts = elementwise ? layouts(inputs) : List.of();
            Call call = new Call(step, inputs, subgraphs);
            List<Value> results = new ArrayList<>(step.operator().body().apply(call));
            if (!layouts.isEmpty()) {
                results.replaceAll(v -> v.with(layouts.getFirst().back(v.tensor())));
            }
            // What was read is known by now, whatever it depends on.
            Origin read = call.read() == Origin.DATA ? Origin.KNOWN : call.read();
            sizes = sizes.and(read);
            elements = switch (step.operator().kind()) {
                case ELEMENTS, ELEMENTWISE -> elements;
                case SHAPES -> sizes;
                case RANDOM -> Origin.DATA;
            };
            for (int i = 0; i < Math.min(results.size(), step.outputs().length); i++) {
                if (step.outputs()[i] >= 0) {
                    keep(step.outputs()[i], Folding.folded(results.get(i).and(elements, sizes)));
                }
            }
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(step.title() + ": " + e.getMessage(), e);
        } catch (IndexOutOfBoundsException
                | ArithmeticException
                | NegativeArraySizeException
                | NoSuchElementException e) {
            // Too few or unfitting arguments. Not every operator looks at each of them beforehand.
            String message = "%s: its inputs and attributes do not fit each other: %s";
            throw new IllegalArgumentException(message.formatted(step.title(), e.getMessage()), e);
        }
    }

    /// Lays the inputs out as images with channels last, if one of them is such.
    ///
    /// @param inputs replaced by what they are before the permutation to channels first
    /// @return how they were laid out; nothing if they were left as they are
    private static List<Layout> layouts(List<@Nullable Value> inputs) {
        List<Tensor> tensors = new ArrayList<>();
        for (Value v : inputs) {
            if (v != null) {
                tensors.add(v.tensor());
            }
        }
        List<Layout> layouts = Layout.alike(tensors);
        if (layouts.isEmpty() || layouts.getFirst().isPlain()) {
            return List.of();
        }
        int next = 0;
        for (int i = 0; i < inputs.size(); i++) {
            Value v = inputs.get(i);
            if (v != null) {
                inputs.set(i, v.with(layouts.get(next++).tensor()));
            }
        }
        return layouts;
    }

    private void keep(int place, Value value) {
        values[place] = value;
        if (value.origin() == Origin.CONSTANT && value.shapeOrigin() == Origin.CONSTANT) {
            plan.constants().set(place, value);
        } else if (shapes != null
                && value.origin() == Origin.SHAPE
                && value.shapeOrigin().compareTo(Origin.SHAPE) <= 0) {
            shapes.set(place, value);
        }
    }
}
