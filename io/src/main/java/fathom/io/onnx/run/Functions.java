package fathom.io.onnx.run;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Operators that a model defines itself.
final class Functions {
    private Functions() {}

    /// The operator that runs the function's graph, which its step has under the name "".
    static Operator call(String domain, String name) {
        return new Operator(domain, name, 1, Set.of(), Operator.Kind.ELEMENTS, call -> {
            List<@Nullable Value> inputs = new ArrayList<>();
            for (int i = 0; i < call.inputs(); i++) {
                inputs.add(call.has(i) ? call.value(i) : null);
            }
            return call.subgraph("").call(inputs);
        });
    }
}
