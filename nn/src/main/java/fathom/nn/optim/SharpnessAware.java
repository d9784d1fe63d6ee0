package fathom.nn.optim;

import fathom.ir.Require;
import fathom.nn.Context;
import fathom.nn.Parameter;
import fathom.tensor.Device;
import fathom.tensor.Tensor;
import fathom.tensor.Variable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// Sharpness-aware minimisation: the gradient is taken at the worst point nearby, so that what is
/// found is a minimum whose surroundings are low too. A step takes two gradients. Foret, Kleiner,
/// Mobahi and Neyshabur: *Sharpness-aware minimization for efficiently improving generalization*
/// (2021).
///
/// ```
/// e = radius * gradient(p) / |gradient(p)|
/// p = what the optimiser makes of p with gradient(p + e)
/// ```
public final class SharpnessAware implements Minimizer {
    /// Keeps a gradient of zeros from being divided by 0.
    private static final double SMALL = 1e-12;

    private final Optimizer optimizer;
    private final double radius;
    private final List<Variable> start = new ArrayList<>();
    private @Nullable Consumer<Map<String, Tensor>> observer;

    /// What a step is made of, for a training.
    ///
    /// @param rule of the steps
    /// @param radius of the surroundings, above 0
    public record Settings(UpdateRule rule, double radius) implements Minimizer.Blueprint {
        public Settings {
            Require.positive("sharpness-aware: radius", radius);
        }

        @Override
        public SharpnessAware on(Map<String, Parameter> parameters) {
            return of(rule.on(parameters), radius);
        }
    }

    private SharpnessAware(Optimizer optimizer, double radius) {
        this.optimizer = optimizer;
        this.radius = radius;
        optimizer.parameters().forEach(p -> start.add(Variable.of(p.value())));
    }

    /// Steps of an optimiser, whose clipping and state they have. It must not be one that
    /// accumulates gradients.
    ///
    /// @param radius of the surroundings, above 0; 0.05 in most of the paper's experiments
    /// @throws IllegalArgumentException if the radius is not above 0
    public static SharpnessAware of(Optimizer optimizer, double radius) {
        Require.positive("sharpness-aware: radius", radius);
        return new SharpnessAware(optimizer, radius);
    }

    /// Makes a step. Running statistics are those of the first of the two computations.
    ///
    /// @param loss computes it from the parameters' present values, and is called twice
    /// @return the loss before the step, evaluated
    /// @throws IllegalArgumentException if the loss is not a scalar of F32 or F64, or depends on none
    ///   of the parameters
    public Tensor step(Supplier<Tensor> loss) {
        return minimized(loss, List::of);
    }

    @Override
    public void step(Supplier<Tensor> loss, Supplier<List<Tensor>> alsoEvaluate) {
        minimized(loss, alsoEvaluate);
    }

    private Tensor minimized(Supplier<Tensor> loss, Supplier<List<Tensor>> alsoEvaluate) {
        Require.that(
                optimizer.isImmediate(),
                "sharpness-aware: an optimizer that accumulates gradients, expected one that does not");
        Tensor here = loss.get();
        List<@Nullable Tensor> before = optimizer.gradients(here);
        List<Tensor> wanted = new ArrayList<>(List.of(here));
        wanted.addAll(alsoEvaluate.get());
        Consumer<Map<String, Tensor>> wanting = observer;
        Map<String, Tensor> observed = wanting == null ? Map.of() : optimizer.byPath(before);
        wanted.addAll(observed.values());
        ascend(wanted, before);
        if (wanting != null) {
            wanting.accept(observed);
        }
        List<@Nullable Tensor> gradients = optimizer.gradients(loss.get());
        Context.takeUpdates();
        List<Variable.Update> back = new ArrayList<>();
        for (int i = 0; i < start.size(); i++) {
            // Up there the loss may depend on other parameters than here.
            if (before.get(i) != null && gradients.get(i) == null) {
                back.add(
                        optimizer.parameters().get(i).variable().to(start.get(i).value()));
            }
        }
        optimizer.step(List.of(), gradients, start.stream().map(Variable::value).toList(), back);
        return here;
    }

    private void ascend(List<Tensor> wanted, List<@Nullable Tensor> gradients) {
        List<Tensor> present = new ArrayList<>();
        for (Tensor g : gradients) {
            if (g != null) {
                present.add(g);
            }
        }
        Tensor factor = Clipping.norm(present).add(SMALL).rdiv(radius);
        List<Variable.Update> updates = new ArrayList<>();
        List<Parameter> parameters = optimizer.parameters();
        for (int i = 0; i < parameters.size(); i++) {
            Tensor g = gradients.get(i);
            Variable v = parameters.get(i).variable();
            updates.add(start.get(i).to(v.value()));
            if (g != null) {
                updates.add(v.to(v.value().add(g.mul(factor.cast(g.dtype())))));
            }
        }
        updates.addAll(Context.takeUpdates());
        Device.current().commit(wanted, updates);
    }

    /// Of the two gradients of a step the first.
    @Override
    public void observeGradients(@Nullable Consumer<Map<String, Tensor>> function) {
        observer = function;
    }

    @Override
    public long steps() {
        return optimizer.steps();
    }

    @Override
    public double learningRate() {
        return optimizer.learningRate();
    }

    /// That of the optimizer: from one step to the next nothing else is remembered.
    @Override
    public Optimizer.State state() {
        return optimizer.state();
    }

    @Override
    public void load(Optimizer.State state) {
        optimizer.load(state);
    }

    @Override
    public Optional<Optimizer> optimizer() {
        return Optional.of(optimizer);
    }
}
