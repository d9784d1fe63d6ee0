package fathom.tensor;

import fathom.backend.cpu.CpuBackend;
import fathom.backend.reference.ReferenceBackend;
import fathom.compile.Backend;
import fathom.compile.Evaluator;
import fathom.compile.Program;
import fathom.ir.Buffer;
import fathom.ir.Node;
import fathom.ir.Require;
import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;

/// Where values are computed.
///
/// The device is part of the context, not of a tensor: `Device.cpu(1).run(() -> ...)` computes
/// everything inside on one thread. Outside of any such call it is the CPU with all its cores. The
/// bits of a result do not depend on the number of threads.
public final class Device implements AutoCloseable {
    private static final ScopedValue<Device> CURRENT = ScopedValue.newInstance();

    private final Evaluator evaluator;

    private Device(Backend backend) {
        this.evaluator = new Evaluator(backend);
    }

    /// The CPU, with as many threads as it has cores.
    public static Device cpu() {
        return cpu(Runtime.getRuntime().availableProcessors());
    }

    /// The CPU, with the given number of threads.
    ///
    /// @throws IllegalArgumentException if `threads` is below 1
    public static Device cpu(int threads) {
        return cpu(threads, true);
    }

    /// The CPU, with the given number of threads.
    ///
    /// @param minimalFiltering whether F32 convolutions with windows of 3×3 and a stride of 1 may go
    ///   by Winograd's minimal filtering where that is faster, as they do by default. It takes a
    ///   quarter of the multiplications and rounds more: to 1 to 3 millionths of the result's typical
    ///   size instead of 0.3 to 0.8
    /// @throws IllegalArgumentException if `threads` is below 1
    public static Device cpu(int threads, boolean minimalFiltering) {
        Require.positive("threads", threads);
        return new Device(new CpuBackend(threads, minimalFiltering));
    }

    /// The slow, obvious interpreter that every other backend is tested against.
    public static Device reference() {
        return new Device(new ReferenceBackend());
    }

    /// The device of the innermost enclosing [#run] or [#call], else the default one.
    public static Device current() {
        return CURRENT.isBound() ? CURRENT.get() : Default.DEVICE;
    }

    // Made on first use, so that a program with a device of its own never starts its threads.
    private static final class Default {
        static final Device DEVICE = cpu();
    }

    /// Runs code whose values are computed here.
    public void run(Runnable body) {
        ScopedValue.where(CURRENT, this).run(body);
    }

    /// Calls code whose values are computed here.
    public <T extends @Nullable Object> T call(Callable<T> body) {
        return ScopedValue.where(CURRENT, this).call(() -> unchecked(body));
    }

    private static <T extends @Nullable Object> T unchecked(Callable<T> body) {
        try {
            return body.call();
        } catch (RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e.getMessage(), e);
        }
    }

    /// What computes here.
    Evaluator evaluator() {
        return evaluator;
    }

    /// Computes the tensors' values in one program and keeps them.
    public void evaluate(List<Tensor> tensors) {
        evaluateNodes(tensors.stream().map(Tensor::node).toList());
    }

    /// Computes the nodes' values in one program and keeps them.
    public void evaluateNodes(List<Node> nodes) {
        Compiled.checkReads(nodes);
        evaluator.evaluate(nodes);
    }

    /// Computes values and updates of variables in one program. Every value is that of before the
    /// updates, whatever their order.
    ///
    /// @param values tensors whose values are to be kept, as by [#evaluate]
    /// @param updates new values of variables
    ///
    /// @throws IllegalArgumentException if a variable is updated twice, or has no such row; nothing is
    ///   updated then
    public void commit(List<Tensor> values, List<Variable.Update> updates) {
        Compiled.checkUpdates();
        Set<Variable> variables = Collections.newSetFromMap(new IdentityHashMap<>());
        for (Variable.Update u : updates) {
            Variable v = u.variable();
            Require.that(
                    variables.add(v),
                    "commit: a variable %s is updated twice at once",
                    v.value().type());
        }
        List<Node> wanted = new ArrayList<>();
        values.forEach(v -> wanted.add(v.node()));
        List<Node> results = new ArrayList<>();
        List<Buffer> targets = new ArrayList<>();
        for (Variable.Update u : updates) {
            switch (u) {
                case Variable.Whole whole -> {
                    results.add(whole.value().node());
                    targets.add(whole.variable().target());
                }
                case Variable.Rows rows -> rows.computed().forEach(t -> wanted.add(t.node()));
            }
        }
        evaluator.commit(wanted, results, targets);
        // Before any is updated: all or none.
        for (Variable.Update u : updates) {
            if (u instanceof Variable.Rows rows) {
                rows.check();
            }
        }
        for (Variable.Update u : updates) {
            switch (u) {
                case Variable.Whole whole -> whole.variable().updated();
                case Variable.Rows rows ->
                    rows.variable()
                            .updateRows(
                                    rows.indices().node().value(),
                                    rows.rows().node().value());
            }
        }
    }

    /// The compiled program of those of the tensors that are not computed yet, or nothing if all
    /// are.
    public Optional<Program> program(Tensor... tensors) {
        return evaluator.program(List.of(tensors).stream().map(Tensor::node).toList());
    }

    /// What [Program#explain] says about the tensors' program.
    public String explain(Tensor... tensors) {
        return program(tensors).map(Program::explain).orElse("nothing to compute");
    }

    /// Why graphs were compiled anew so far, most recent last.
    public List<String> explainRecompiles() {
        return evaluator.explainRecompiles();
    }

    /// Gives back threads and memory. The default device is never closed.
    @Override
    public void close() {
        evaluator.close();
    }
}
