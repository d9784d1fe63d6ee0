package fathom.io.onnx.operators;

import fathom.io.onnx.run.Call;
import fathom.io.onnx.run.Subgraph;
import fathom.io.onnx.run.Value;
import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// A graph that is run for each slice of sequences, with a state that goes from one to the next.
final class Scans {
    private Scans() {}

    /// Sequences along any axis.
    static List<Value> scan(Call c) {
        int count = c.integer("num_scan_inputs", 1);
        int states = c.inputs() - count;
        List<Value> state = new ArrayList<>();
        List<Value> sequences = new ArrayList<>();
        for (int i = 0; i < c.inputs(); i++) {
            (i < states ? state : sequences).add(c.value(i));
        }
        int[] axes = Sliding.all(c, "scan_input_axes", count, 0);
        int[] backwards = Sliding.all(c, "scan_input_directions", count, 0);
        int outputs = c.subgraph("body").outputs() - states;
        int[] outputAxes = Sliding.all(c, "scan_output_axes", outputs, 0);
        int[] outputBackwards = Sliding.all(c, "scan_output_directions", outputs, 0);
        return run(c.subgraph("body"), state, sequences, axes, backwards, outputAxes, outputBackwards);
    }

    /// Up to version 8: a batch of sequences, each scanned by itself, perhaps not to its end.
    static List<Value> scanBatch(Call c) {
        Subgraph body = c.subgraph("body");
        int count = c.integer("num_scan_inputs", 1);
        int states = c.inputs() - 1 - count;
        int outputs = body.outputs() - states;
        int[] backwards = Sliding.all(c, "directions", count, 0);
        int samples = c.shape(1).dim(0);
        int steps = c.shape(1 + states).dim(1);
        long[] lengths = c.has(0) ? c.longs(0) : null;
        Require.that(lengths == null || lengths.length == samples, "sequence_lens for %s samples", samples);
        List<List<Value>> results = new ArrayList<>();
        for (int n = 0; n < samples; n++) {
            int length = lengths == null ? steps : Math.clamp(lengths[n], 0, steps);
            List<Value> state = new ArrayList<>();
            List<Value> sequences = new ArrayList<>();
            for (int i = 0; i < states + count; i++) {
                Tensor sample = c.tensor(1 + i).at(0, n);
                boolean isState = i < states;
                (isState ? state : sequences)
                        .add(Value.of(c.type(1 + i), isState ? sample : sample.slice(0, 0, length)));
            }
            int[] first = new int[count];
            List<Value> all = run(body, state, sequences, first, backwards, new int[outputs], new int[outputs]);
            List<Value> padded = new ArrayList<>(all.subList(0, states));
            for (Value v : all.subList(states, all.size())) {
                padded.add(Value.of(v.type(), v.tensor().pad(0, 0, steps - length)));
            }
            results.add(padded);
        }
        List<Value> stacked = new ArrayList<>();
        for (int i = 0; i < states + outputs; i++) {
            int output = i;
            stacked.add(Value.of(
                    results.getFirst().get(i).type(),
                    Tensor.stack(
                            0, results.stream().map(r -> r.get(output).tensor()).toList())));
        }
        return stacked;
    }

    private static List<Value> run(
            Subgraph body,
            List<Value> initial,
            List<Value> sequences,
            int[] axes,
            int[] backwards,
            int[] outputAxes,
            int[] outputBackwards) {
        int steps = sequences.isEmpty() ? 0 : sequences.getFirst().tensor().dim(axes[0]);
        List<Value> state = initial;
        Collected collected = new Collected();
        for (int t = 0; t < steps; t++) {
            List<Value> inputs = new ArrayList<>(state);
            for (int i = 0; i < sequences.size(); i++) {
                Value v = sequences.get(i);
                int at = backwards[i] == 0 ? t : steps - 1 - t;
                inputs.add(Value.of(v.type(), v.tensor().at(axes[i], at)));
            }
            List<Value> outputs = body.run(inputs);
            state = outputs.subList(0, initial.size());
            collected.add(outputs.subList(initial.size(), outputs.size()));
        }
        List<Value> results = new ArrayList<>(state);
        for (int i = results.size(); steps == 0 && i < body.outputs(); i++) {
            results.add(body.none(i));
        }
        for (int i = 0; i < collected.count(); i++) {
            results.add(collected.stacked(i, outputAxes[i], outputBackwards[i] != 0));
        }
        return results;
    }

    /// What the steps give, side by side along a new axis.
    static final class Collected {
        private final List<List<Value>> steps = new ArrayList<>();

        void add(List<Value> step) {
            steps.add(step);
        }

        int count() {
            return steps.isEmpty() ? 0 : steps.getFirst().size();
        }

        Value stacked(int i, int axis, boolean backwards) {
            List<Tensor> all =
                    new ArrayList<>(steps.stream().map(s -> s.get(i).tensor()).toList());
            if (backwards) {
                Collections.reverse(all);
            }
            return Value.of(steps.getFirst().get(i).type(), Tensor.stack(axis, all));
        }
    }
}
