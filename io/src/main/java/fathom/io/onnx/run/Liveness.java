package fathom.io.onnx.run;

import fathom.io.onnx.format.AttributeValue;
import fathom.io.onnx.format.GraphProto;
import fathom.io.onnx.format.NodeProto;
import fathom.io.onnx.format.ValueInfo;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;

/// Which nodes the outputs of a graph depend on.
final class Liveness {
    private Liveness() {}

    static Set<NodeProto> of(List<NodeProto> nodes, Collection<String> outputs) {
        Set<NodeProto> wanted = Collections.newSetFromMap(new IdentityHashMap<>());
        Set<String> names = new HashSet<>(outputs);
        for (NodeProto node : nodes.reversed()) {
            if (node.outputs().stream().anyMatch(names::contains)) {
                wanted.add(node);
                uses(node, names);
            }
        }
        return wanted;
    }

    /// Adds the names that a node reads, itself or in its graphs.
    private static void uses(NodeProto node, Set<String> names) {
        names.addAll(node.inputs());
        for (AttributeValue a : node.attributes().values()) {
            if (a instanceof AttributeValue.Subgraph s) {
                GraphProto graph = s.value();
                graph.nodes().forEach(n -> uses(n, names));
                graph.outputs().stream().map(ValueInfo::name).forEach(names::add);
            }
        }
    }
}
