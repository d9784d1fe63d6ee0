package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.Device;
import fathom.tensor.RandomStream;
import fathom.tensor.Tensor;
import fathom.tensor.Variable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// What layers know about the call they are in: whether the model is being trained, where random
/// numbers come from, and who takes note of running statistics.
///
/// Outside of [#training] everything is inference. A training loop of one's own stands inside:
///
/// ```java
/// Context.training(RandomStream.of(42), () -> {
///     for (var batch : loader) {
///         var loss = Loss.crossEntropy(model.apply(batch.x()), batch.y());
///         optimizer.step(loss);
///     }
/// });
/// ```
///
/// Running statistics that layers report are written by the next step of an optimiser, in the same
/// program, or at the end of the scope if there is none.
public final class Context {
    private static final Context INFERENCE = new Context(null);
    private static final ScopedValue<Context> CURRENT = ScopedValue.newInstance();

    private static final ScopedValue<Set<Variable>> FROZEN = ScopedValue.newInstance();

    private final @Nullable RandomStream random;
    private final Map<Variable, Tensor> pending = new LinkedHashMap<>();

    private Context(@Nullable RandomStream random) {
        this.random = random;
    }

    /// Runs code in which models are being trained.
    ///
    /// @param random where dropout and the like take their numbers from
    public static void training(RandomStream random, Runnable body) {
        training(random, () -> {
            body.run();
            return true;
        });
    }

    /// Calls code in which models are being trained.
    ///
    /// @param random where dropout and the like take their numbers from
    public static <T extends @Nullable Object> T training(RandomStream random, Supplier<T> body) {
        Context context = new Context(random);
        T result = ScopedValue.where(CURRENT, context).call(body::get);
        List<Variable.Update> left = context.drain();
        if (!left.isEmpty()) {
            Device.current().commit(List.of(), left);
        }
        return result;
    }

    /// Calls code in which models are used and not trained, whatever is outside.
    public static <T extends @Nullable Object> T inference(Supplier<T> body) {
        return ScopedValue.where(CURRENT, INFERENCE).call(body::get);
    }

    /// Calls code in which layers leave these variables as they are, also where they are trained:
    /// batch normalisation then takes the running statistics and not those of the batch, as it does in
    /// inference, and spectral normalisation the vectors that it has.
    ///
    /// ```java
    /// Context.frozen(Modules.buffers(backbone).values(), () -> ...)
    /// ```
    ///
    /// @param variables what is saved with a model but not trained, as [Modules#buffers] has it
    public static <T extends @Nullable Object> T frozen(Collection<Variable> variables, Supplier<T> body) {
        Set<Variable> all = Collections.newSetFromMap(new IdentityHashMap<>());
        all.addAll(variables);
        if (FROZEN.isBound()) {
            all.addAll(FROZEN.get());
        }
        return ScopedValue.where(FROZEN, all).call(body::get);
    }

    /// Whether models are being trained, and this variable may change.
    public static boolean isTraining(Variable variable) {
        return isTraining() && !(FROZEN.isBound() && FROZEN.get().contains(variable));
    }

    /// Calls code in the same context, in which nothing may be reported.
    ///
    /// @throws IllegalArgumentException if something is
    static Tensor withoutReports(Supplier<Tensor> body) {
        Context inner = new Context(current().random);
        Tensor result = ScopedValue.where(CURRENT, inner).call(body::get);
        Require.that(
                inner.pending.isEmpty(),
                "checkpoint: a module that reports running statistics, as batch normalisation does, expected one that"
                        + " can be computed twice");
        return result;
    }

    /// Whether models are being trained.
    public static boolean isTraining() {
        return current().random != null;
    }

    /// Where random numbers come from.
    ///
    /// @throws IllegalStateException outside of [#training]
    public static RandomStream random() {
        RandomStream random = current().random;
        if (random == null) {
            throw new IllegalStateException(
                    "random: no stream of random numbers, expected to be called inside" + " Context.training");
        }
        return random;
    }

    /// A variable's value, with what was reported for it in this step.
    public static Tensor latest(Variable variable) {
        Tensor reported = current().pending.get(variable);
        return reported == null ? variable.value() : reported;
    }

    /// Reports a new value of a variable, which the step will write.
    ///
    /// @throws IllegalStateException outside of [#training]
    public static void report(Variable variable, Tensor newValue) {
        Context context = current();
        if (context.random == null) {
            throw new IllegalStateException(
                    "report: a variable changes in training only, expected to be called inside" + " Context.training");
        }
        context.pending.put(variable, newValue);
    }

    /// The updates reported so far, which the caller is to commit; none are left afterwards.
    public static List<Variable.Update> takeUpdates() {
        return current().drain();
    }

    private List<Variable.Update> drain() {
        if (pending.isEmpty()) {
            return List.of();
        }
        List<Variable.Update> updates = new ArrayList<>();
        pending.forEach((v, value) -> updates.add(v.to(value)));
        pending.clear();
        return updates;
    }

    private static Context current() {
        return CURRENT.isBound() ? CURRENT.get() : INFERENCE;
    }
}
