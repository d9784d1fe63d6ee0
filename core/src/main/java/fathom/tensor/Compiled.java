package fathom.tensor;

import fathom.compile.Evaluator;
import fathom.compile.Program;
import fathom.ir.Buffer;
import fathom.ir.Graph;
import fathom.ir.Node;
import fathom.ir.Op;
import fathom.ir.Require;
import fathom.ir.Typing.Type;
import fathom.ir.UnknownValueException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/// A function of tensors whose graph is built once for each set of shapes, and from then on only run.
///
/// ```java
/// Compiled serve = Compiled.of(in -> List.of(model.apply(in.getFirst())), variables);
/// Tensor y = serve.call(List.of(x)).getFirst();
/// ```
///
/// To build the graph takes a microsecond for each operation, in every call: nothing in training, and
/// a third of the time of a small model that is asked for one sample. The results are the same to the
/// last bit, but computed at once and without history, so that nothing is differentiated through them.
///
/// The function must do the same for all arguments of the same shapes and types: what it draws at
/// random, or looks up elsewhere, is what it was in the first call. Variables have their present
/// values. A function that reads elements of its arguments or of variables, or updates variables, is
/// called each time.
///
/// May be used by several threads.
public final class Compiled {
    private static final int MOST_RECORDINGS = 32;

    private static final ScopedValue<Compiled> RECORDED = ScopedValue.newInstance();

    private final Function<List<Tensor>, List<Tensor>> function;
    private final List<Variable> variables;
    private final Map<List<Type>, Optional<Recording>> recordings = new LinkedHashMap<>(16, 0.75f, true) {
        @Override
        protected boolean removeEldestEntry(Map.Entry<List<Type>, Optional<Recording>> eldest) {
            return size() > MOST_RECORDINGS;
        }
    };

    private Compiled(Function<List<Tensor>, List<Tensor>> function, Collection<Variable> variables) {
        this.function = function;
        this.variables = List.copyOf(variables);
    }

    /// A function that is recorded when it is first called.
    ///
    /// @param variables those that it uses
    public static Compiled of(Function<List<Tensor>, List<Tensor>> function, Collection<Variable> variables) {
        return new Compiled(function, variables);
    }

    /// The function's results, computed.
    ///
    /// @throws IllegalArgumentException if the function uses a variable that was not named; or as the
    ///   function does
    public List<Tensor> call(List<Tensor> arguments) {
        Device device = Device.current();
        device.evaluate(arguments);
        List<Type> types = arguments.stream().map(Tensor::type).toList();
        Optional<Recording> recording;
        synchronized (recordings) {
            recording = recordings.get(types);
        }
        if (recording == null) {
            // Not under the lock: the function may take its time. Two recordings are as good as one.
            recording = record(types);
            synchronized (recordings) {
                recordings.put(types, recording);
            }
        }
        return recording.isPresent() ? recording.get().run(device, arguments) : plainly(device, arguments);
    }

    private List<Tensor> plainly(Device device, List<Tensor> arguments) {
        List<Tensor> results = function.apply(arguments);
        device.evaluate(results);
        return results.stream().map(Tensor::detach).toList();
    }

    /// Nodes are about to be evaluated.
    ///
    /// @throws UnknownValueException if a function that is being recorded wants to know what differs from
    ///   call to call
    static void checkReads(List<Node> nodes) {
        if (RECORDED.isBound() && nodes.stream().anyMatch(Node::tracked)) {
            throw new UnknownValueException("a variable was read by a function that is being recorded");
        }
    }

    /// Variables are about to be updated.
    ///
    /// @throws UnknownValueException if that is done by a function that is being recorded
    static void checkUpdates() {
        if (RECORDED.isBound()) {
            throw new UnknownValueException("a variable was updated by a function that is being recorded");
        }
    }

    /// Nothing if the function cannot be recorded.
    private Optional<Recording> record(List<Type> types) {
        List<Tensor> arguments = types.stream()
                .map(type -> Tensor.of(new Op.Data(type.shape(), type.dtype())))
                .toList();
        try {
            List<Node> roots = ScopedValue.where(RECORDED, this).call(() -> function.apply(arguments)).stream()
                    .map(Tensor::node)
                    .toList();
            Graph.Call call =
                    Graph.of(roots, arguments.stream().map(Tensor::node).toList());
            return Optional.of(new Recording(call, sources(call, types.size())));
        } catch (UnknownValueException e) {
            return Optional.empty();
        }
    }

    /// Where a leaf of the graph comes from in each call.
    private sealed interface Source {}

    private record Argument(int number) implements Source {}

    private record Present(Variable variable) implements Source {}

    private record Constant(Node leaf) implements Source {}

    private List<Source> sources(Graph.Call call, int arguments) {
        Map<Buffer, Variable> present = new IdentityHashMap<>();
        for (Variable v : variables) {
            present.put(v.value().node().value(), v);
        }
        List<Source> sources = new ArrayList<>();
        for (int i = 0; i < call.leaves().size(); i++) {
            if (i < arguments) {
                sources.add(new Argument(i));
                continue;
            }
            Node leaf = call.leaves().get(i);
            Variable variable = present.get(leaf.value());
            boolean isKnown = variable != null || !leaf.tracked();
            Require.that(isKnown, "compiled: the function uses a variable %s that was not named", leaf.type());
            sources.add(variable == null ? new Constant(leaf) : new Present(variable));
        }
        return sources;
    }

    /// The function for one set of shapes.
    private static final class Recording {
        private final Graph.Call call;
        private final List<Source> sources;
        private volatile @Nullable Ready ready;

        /// The program where it was last wanted: to look it up takes as long as ten small kernels.
        private record Ready(Evaluator evaluator, Program program) {}

        Recording(Graph.Call call, List<Source> sources) {
            this.call = call;
            this.sources = sources;
        }

        List<Tensor> run(Device device, List<Tensor> arguments) {
            List<Buffer> leaves = new ArrayList<>(sources.size());
            for (Source source : sources) {
                leaves.add(
                        switch (source) {
                            case Argument a -> arguments.get(a.number).node().value();
                            case Present p -> p.variable.value().node().value();
                            case Constant c -> c.leaf.value();
                        });
            }
            List<Buffer> results = device.evaluator().run(program(device.evaluator()), leaves, call.scalars());
            List<Tensor> tensors = new ArrayList<>(results.size());
            for (int i = 0; i < results.size(); i++) {
                int root = call.graph().roots().get(i);
                tensors.add(new Tensor(Node.data(
                        results.get(i), call.graph().entries().get(root).shape())));
            }
            return tensors;
        }

        private Program program(Evaluator evaluator) {
            Ready last = ready;
            if (last == null || last.evaluator != evaluator) {
                last = new Ready(evaluator, evaluator.program(call.graph()));
                ready = last;
            }
            return last.program;
        }
    }
}
