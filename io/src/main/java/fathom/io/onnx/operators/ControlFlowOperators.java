package fathom.io.onnx.operators;

import fathom.io.onnx.run.Call;
import fathom.io.onnx.run.Operator;
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
                Operator.several("Loop", 1, ControlFlowOperators::loop));
    }

    private static List<Value> branch(Call c) {
        return c.subgraph(c.longs(0)[0] != 0 ? "then_branch" : "else_branch").run(List.of());
    }

    private static List<Value> loop(Call c) {
        var body = c.subgraph("body");
        long most = c.has(0) ? c.longs(0)[0] : Long.MAX_VALUE;
        boolean going = !c.has(1) || c.longs(1)[0] != 0;
        List<Value> carried = new ArrayList<>();
        for (int i = 2; i < c.inputs(); i++) {
            carried.add(c.value(i));
        }
        int count = carried.size();
        List<List<Tensor>> scanned = new ArrayList<>();
        List<Value> last = List.of();
        for (long i = 0; i < most && going; i++) {
            List<Value> inputs = new ArrayList<>();
            inputs.add(Value.of(Tensor.of(new long[] {i}, new int[0])));
            inputs.add(Value.of(Tensor.of(new boolean[] {true}, new int[0])));
            inputs.addAll(carried);
            last = body.run(inputs);
            going = c.longs(last.getFirst())[0] != 0;
            carried = last.subList(1, 1 + count);
            for (int s = 1 + count; s < last.size(); s++) {
                if (i == 0) {
                    scanned.add(new ArrayList<>());
                }
                scanned.get(s - 1 - count).add(last.get(s).tensor());
            }
        }
        List<Value> results = new ArrayList<>(carried);
        for (int s = 0; s < scanned.size(); s++) {
            results.add(Value.of(last.get(1 + count + s).type(), Tensor.stack(0, scanned.get(s))));
        }
        return results;
    }
}
