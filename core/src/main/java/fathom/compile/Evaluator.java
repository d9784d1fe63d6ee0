package fathom.compile;

import fathom.ir.Buffer;
import fathom.ir.Graph;
import fathom.ir.Node;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/// Evaluates nodes on one backend, and keeps the programs that it compiled.
///
/// Evaluations are done one at a time: a program uses all threads by itself.
public final class Evaluator implements AutoCloseable {
    private static final int MOST_PROGRAMS = 256;
    private static final int MOST_REASONS = 100;

    private final Backend backend;
    private final Map<Graph, Program> programs = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<Graph, Program> eldest) {
            return size() > MOST_PROGRAMS;
        }
    };
    private final List<String> reasons = new ArrayList<>();

    public Evaluator(Backend backend) {
        this.backend = backend;
    }

    /// Computes the nodes' values, all in one program, and stores them in the nodes.
    public synchronized void evaluate(List<Node> nodes) {
        commit(nodes, List.of(), List.of());
    }

    /// Computes the nodes' values, and new values of variables into their targets.
    ///
    /// @param nodes the nodes that are to keep their values
    /// @param updates the new values
    /// @param targets for each update the buffer that it is written to; undefined if this throws
    public synchronized void commit(List<Node> nodes, List<Node> updates, List<Buffer> targets) {
        List<Node> roots = new ArrayList<>();
        List<@Nullable Buffer> destinations = new ArrayList<>();
        for (Node n : nodes) {
            if (!n.isEvaluated() && !roots.contains(n)) {
                roots.add(n);
                destinations.add(null);
            }
        }
        int kept = roots.size();
        roots.addAll(updates);
        destinations.addAll(targets);
        if (roots.isEmpty()) {
            return;
        }
        // Before anything is written: a stale value among the leaves is an error that harms
        // nothing.
        Graph.Call call = Profile.span("graph", () -> Graph.of(roots));
        List<Buffer> leaves = new ArrayList<>(call.leaves().size());
        Set<Buffer> read =
                Collections.newSetFromMap(new IdentityHashMap<>(call.leaves().size()));
        for (Node leaf : call.leaves()) {
            leaves.add(leaf.value());
            read.add(leaf.value());
        }
        Program program = program(call.graph());
        for (int i = 0; i < targets.size(); i++) {
            if (read.contains(targets.get(i))) {
                // Somebody still reads the value before last: its buffer is written only
                // afterwards.
                destinations.set(kept + i, null);
            }
        }
        List<Buffer> results = Profile.span("run", () -> program.run(leaves, call.scalars(), destinations));
        for (int i = 0; i < targets.size(); i++) {
            Buffer target = targets.get(i);
            Buffer result = results.get(kept + i);
            if (result != target) {
                System.arraycopy(result.array(), 0, target.array(), 0, target.size());
            }
            target.replaced();
        }
        for (int i = 0; i < kept; i++) {
            roots.get(i).evaluated(results.get(i));
        }
    }

    /// The program of a graph, which is compiled if need be.
    public synchronized Program program(Graph graph) {
        return programs.computeIfAbsent(graph, _ -> {
            if (reasons.size() == MOST_REASONS) {
                reasons.removeFirst();
            }
            reasons.add(Recompiles.reason(graph, programs.keySet()));
            return Profile.span("compile", () -> backend.compile(graph));
        });
    }

    /// For each compilation so far, what told the graph from the nearest one known before.
    public synchronized List<String> explainRecompiles() {
        return List.copyOf(reasons);
    }

    /// Runs one of the programs by itself.
    ///
    /// @param leaves the buffer arguments
    /// @param scalars the scalar arguments
    /// @return its roots' buffers, all of them new
    public synchronized List<Buffer> run(Program program, List<Buffer> leaves, double[] scalars) {
        List<@Nullable Buffer> fresh =
                Collections.nCopies(program.graph().roots().size(), null);
        return Profile.span("run", () -> program.run(leaves, scalars, fresh));
    }

    /// The program for those of the nodes that are not evaluated, or nothing if all are.
    public synchronized Optional<Program> program(List<Node> nodes) {
        List<Node> pending =
                nodes.stream().filter(n -> !n.isEvaluated()).distinct().toList();
        return pending.isEmpty()
                ? Optional.empty()
                : Optional.of(program(Graph.of(pending).graph()));
    }

    @Override
    public synchronized void close() {
        programs.clear();
        backend.close();
    }
}
