package fathom.io.onnx.operators;

import fathom.io.onnx.run.Call;
import fathom.io.onnx.run.Operator;
import fathom.io.onnx.run.Subgraph;
import fathom.io.onnx.run.Value;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Operators that run graphs. What they decide by is read, so Java's own control flow is theirs.
final class ControlFlowOperators {
    private ControlFlowOperators() {}

    static List<Operator> table() {
        return List.of(
                Operator.several("If", 1, ControlFlowOperators::branch),
                Operator.several("Loop", 1, ControlFlowOperators::loop),
                Operator.several("Scan", 8, Scans::scanBatch),
                Operator.several("Scan", 9, Scans::scan));
    }

    private static List<Value> branch(Call c) {
        return c.subgraph(c.longs(0)[0] != 0 ? "then_branch" : "else_branch").run(List.of());
    }

    private static List<Value> loop(Call c) {
        Subgraph body = c.subgraph("body");
        long most = c.has(0) ? c.longs(0)[0] : Long.MAX_VALUE;
        boolean going = !c.has(1) || c.longs(1)[0] != 0;
        List<Value> carried = new ArrayList<>();
        for (int i = 2; i < c.inputs(); i++) {
            carried.add(c.value(i));
        }
        int count = carried.size();
        Scans.Collected collected = new Scans.Collected();
        for (long i = 0; i < most && going; i++) {
            List<Value> inputs = new ArrayList<>();
            inputs.add(Value.of(Tensor.of(new long[] {i}, new int[0])));
            inputs.add(Value.of(Tensor.of(new boolean[] {true}, new int[0])));
            inputs.addAll(carried);
            List<Value> outputs = body.run(inputs);
            going = c.longs(outputs.getFirst())[0] != 0;
            carried = outputs.subList(1, 1 + count);
            collected.add(outputs.subList(1 + count, outputs.size()));
        }
        List<Value> results = new ArrayList<>(carried);
        for (int i = 0; i < collected.count(); i++) {
            results.add(collected.stacked(i, 0, false));
        }
        for (int i = results.size() + 1; i < body.outputs(); i++) {
            results.add(body.none(i));
        }
        return results;
    }
}
