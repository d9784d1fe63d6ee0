package fathom.io.onnx.run;

import fathom.io.onnx.format.OnnxType;
import fathom.io.onnx.format.ValueInfo;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A graph that a node runs, with the values around it that it uses.
public final class Subgraph {
    private final Plan plan;
    private final @Nullable Value[] outer;

    Subgraph(Plan plan, @Nullable Value[] outer) {
        this.plan = plan;
        this.outer = outer;
    }

    /// The number of its inputs.
    public int inputs() {
        return plan.inputs().length;
    }

    /// The number of its outputs.
    public int outputs() {
        return plan.outputs().length;
    }

    /// An output stacked along a new first axis as many times as it was computed where that is never: it has
    /// no elements, and sizes that the file does not say are 0.
    public Value none(int output) {
        ValueInfo info = plan.results().get(output);
        OnnxType type = info.type().filter(OnnxType::isSupported).orElse(OnnxType.FLOAT);
        List<Integer> sizes = new ArrayList<>(List.of(0));
        for (ValueInfo.Dimension d : info.shape().orElse(List.of())) {
            sizes.add(d instanceof ValueInfo.Fixed f ? (int) Math.clamp(f.size(), 0, Integer.MAX_VALUE) : 0);
        }
        return Value.of(type, Tensor.full(Shape.of(sizes), type.carrier(), 0));
    }

    /// Runs it once, among several times with other inputs.
    ///
    /// @throws IllegalArgumentException if there are more inputs than it has
    public List<Value> run(List<Value> inputs) {
        List<@Nullable Value> changing = new ArrayList<>();
        for (Value v : inputs) {
            changing.add(v.and(Origin.KNOWN, Origin.KNOWN));
        }
        return call(changing);
    }

    /// Runs it with inputs that are the same each time, some of them perhaps left out.
    List<Value> call(List<@Nullable Value> inputs) {
        Frame frame = new Frame(plan, null);
        for (Plan.Capture c : plan.captures()) {
            frame.set(c.inner(), outer[c.outer()]);
        }
        return frame.run(inputs);
    }

    /// What the values around it depend on that it uses.
    Origin captured(boolean shapes) {
        Origin all = Origin.CONSTANT;
        for (Plan.Capture c : plan.captures()) {
            Value v = outer[c.outer()];
            if (v != null) {
                all = all.and(shapes ? v.shapeOrigin() : v.origin());
            }
        }
        return all;
    }
}
