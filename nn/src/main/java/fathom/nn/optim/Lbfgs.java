package fathom.nn.optim;

import fathom.ir.Require;
import fathom.nn.Module;
import fathom.nn.Modules;
import fathom.nn.Parameter;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/// The limited-memory method of Broyden, Fletcher, Goldfarb and Shanno: steps by the curvature that
/// the latest gradients tell of, each along a line that is searched by Wolfe's strong conditions. For
/// smooth losses over all data at once. Liu and Nocedal: *On the limited memory BFGS method for large
/// scale optimization* (1989).
///
/// ```java
/// var optimizer = Lbfgs.of(model);
/// optimizer.step(() -> Loss.meanSquaredError(model.apply(x), y));
/// ```
///
/// What stops a step, and the first trial on each line, are PyTorch's.
public final class Lbfgs implements Minimizer {
    private static final double LEAST_CURVATURE = 1e-10;

    private final Objective objective;
    private final Settings settings;
    private final List<Tensor> moves = new ArrayList<>();
    private final List<Tensor> bends = new ArrayList<>();
    private Tensor direction;
    private Tensor lastGradient;
    private double length;
    private double scale = 1;
    private long iterations;
    private long steps;

    /// What a step is made of.
    ///
    /// @param learningRate the first trial on each line, above 0; usually 1
    /// @param iterations most lines in a step, at least 1
    /// @param evaluations losses in a step after which no further line is searched, at least 1
    /// @param gradientTolerance the greatest element of the gradient at which nothing is left to do
    /// @param changeTolerance the change of loss or parameters at which a step ends
    /// @param history how many of the latest lines are remembered, at least 1
    public record Settings(
            double learningRate,
            int iterations,
            int evaluations,
            double gradientTolerance,
            double changeTolerance,
            int history)
            implements Minimizer.Blueprint {
        public Settings {
            Require.positive("Lbfgs: learning rate", learningRate);
            Require.positive("Lbfgs: iterations", iterations);
            Require.positive("Lbfgs: evaluations", evaluations);
            Require.notNegative("Lbfgs: gradient tolerance", gradientTolerance);
            Require.notNegative("Lbfgs: change tolerance", changeTolerance);
            Require.positive("Lbfgs: history", history);
        }

        /// Learning rate 1, 20 iterations of at most 25 evaluations, tolerances 1e-7 and 1e-9, a
        /// history of 100.
        public static Settings standard() {
            return new Settings(1, 20, 25, 1e-7, 1e-9, 100);
        }

        @Override
        public Lbfgs on(Map<String, Parameter> parameters) {
            return new Lbfgs(new Objective("Lbfgs", parameters), this);
        }

        public Settings withLearningRate(double other) {
            return new Settings(other, iterations, evaluations, gradientTolerance, changeTolerance, history);
        }

        /// @param most iterations in a step; evaluations are a quarter more
        public Settings withIterations(int most) {
            return new Settings(learningRate, most, most * 5 / 4, gradientTolerance, changeTolerance, history);
        }

        public Settings withTolerances(double gradient, double change) {
            return new Settings(learningRate, iterations, evaluations, gradient, change, history);
        }

        public Settings withHistory(int latest) {
            return new Settings(learningRate, iterations, evaluations, gradientTolerance, changeTolerance, latest);
        }
    }

    private Lbfgs(Objective objective, Settings settings) {
        this.objective = objective;
        this.settings = settings;
        this.direction = zeros();
        this.lastGradient = zeros();
    }

    private Tensor zeros() {
        return Tensor.full(Shape.of(objective.size()), objective.dtype(), 0);
    }

    /// With the standard settings.
    ///
    /// @throws IllegalArgumentException if there is no trainable parameter, or their types differ
    public static Lbfgs of(Module model) {
        return of(model, Settings.standard());
    }

    /// Of all trainable parameters of the model.
    ///
    /// @throws IllegalArgumentException if there is none, or their types differ
    public static Lbfgs of(Module model, Settings settings) {
        return settings.on(Modules.parameters(model));
    }

    /// Searches some lines.
    ///
    /// @param loss computes the loss, a scalar, from the parameters' present values; called once for
    ///   each point that is looked at
    /// @return the loss before the step
    /// @throws IllegalArgumentException if the loss depends on none of the parameters
    public double step(Supplier<Tensor> loss) {
        return minimized(loss, List::of);
    }

    @Override
    public void step(Supplier<Tensor> loss, Supplier<List<Tensor>> alsoEvaluate) {
        minimized(loss, alsoEvaluate);
    }

    private double minimized(Supplier<Tensor> loss, Supplier<List<Tensor>> alsoEvaluate) {
        Objective.Point here = objective.beginning(loss, alsoEvaluate);
        double first = here.loss();
        int evaluations = 1;
        boolean done = isFlat(here.gradient());
        for (int i = 1; i <= settings.iterations() && !done; i++) {
            iterations++;
            if (iterations > 1) {
                remember(here.gradient());
            }
            direction = direction(here.gradient()).evaluate();
            lastGradient = here.gradient();
            double trial = settings.learningRate();
            if (iterations == 1) {
                trial *= Math.min(1, 1 / here.gradient().abs().sum().item());
            }
            length = trial;
            double slope = Objective.dot(here.gradient(), direction);
            if (slope > -settings.changeTolerance()) {
                break;
            }
            double before = here.loss();
            WolfeSearch.Outcome found = search(loss, here, slope, trial);
            here = new Objective.Point(found.best().loss(), found.best().gradient());
            length = found.best().at();
            evaluations += found.trials();
            done = evaluations >= settings.evaluations()
                    || isFlat(here.gradient())
                    || greatest(direction) * length <= settings.changeTolerance()
                    || Math.abs(here.loss() - before) < settings.changeTolerance();
        }
        steps++;
        return first;
    }

    private WolfeSearch.Outcome search(Supplier<Tensor> loss, Objective.Point here, double slope, double trial) {
        Tensor start = objective.position();
        Tensor along = direction;
        WolfeSearch search = new WolfeSearch(
                at -> {
                    objective.move(start.add(along.mul(at)));
                    Objective.Point p = objective.here(loss);
                    return new WolfeSearch.Trial(at, p.loss(), p.gradient(), Objective.dot(p.gradient(), along));
                },
                new WolfeSearch.Trial(0, here.loss(), here.gradient(), slope),
                settings.changeTolerance() / greatest(along));
        WolfeSearch.Outcome found = search.from(trial);
        objective.move(start.add(along.mul(found.best().at())));
        return found;
    }

    private boolean isFlat(Tensor gradient) {
        return greatest(gradient) <= settings.gradientTolerance();
    }

    private static double greatest(Tensor x) {
        return x.abs().max().item();
    }

    /// Takes note of the latest move and of how it changed the gradient.
    private void remember(Tensor gradient) {
        Tensor bend = gradient.sub(lastGradient).evaluate();
        Tensor move = direction.mul(length).evaluate();
        double curvature = Objective.dot(bend, move);
        if (curvature <= LEAST_CURVATURE) {
            return;
        }
        if (moves.size() == settings.history()) {
            moves.removeFirst();
            bends.removeFirst();
        }
        moves.add(move.detach());
        bends.add(bend.detach());
        scale = curvature / Objective.dot(bend, bend);
    }

    /// The gradient times the inverse curvature, downwards: two loops over what is remembered, as one
    /// program.
    private Tensor direction(Tensor gradient) {
        int n = moves.size();
        List<Tensor> parts = new ArrayList<>();
        Tensor q = gradient.neg();
        for (int i = n - 1; i >= 0; i--) {
            Tensor part =
                    moves.get(i).mul(q).sum().div(moves.get(i).mul(bends.get(i)).sum());
            parts.addFirst(part);
            q = q.sub(bends.get(i).mul(part));
        }
        Tensor d = q.mul(scale);
        for (int i = 0; i < n; i++) {
            Tensor back =
                    bends.get(i).mul(d).sum().div(moves.get(i).mul(bends.get(i)).sum());
            d = d.add(moves.get(i).mul(parts.get(i).sub(back)));
        }
        return d;
    }

    /// Lines searched so far.
    public long iterations() {
        return iterations;
    }

    @Override
    public void observeGradients(@Nullable Consumer<Map<String, Tensor>> function) {
        objective.observe(function);
    }

    @Override
    public long steps() {
        return steps;
    }

    @Override
    public double learningRate() {
        return settings.learningRate();
    }

    @Override
    public Optimizer.State state() {
        Map<String, Tensor> state = new LinkedHashMap<>();
        state.put("numbers", Tensor.of(new double[] {iterations, length, scale}, 3));
        state.put("direction", direction.copy());
        state.put("lastGradient", lastGradient.copy());
        for (int i = 0; i < moves.size(); i++) {
            state.put("move." + i, moves.get(i).copy());
            state.put("bend." + i, bends.get(i).copy());
        }
        return new Optimizer.State(state, steps, learningRate(), 0);
    }

    @Override
    public void load(Optimizer.State from) {
        Map<String, Tensor> state = from.slots();
        Tensor numbers = required(state, "numbers");
        boolean three = numbers.dtype() == DType.F64 && numbers.size() == 3;
        Require.that(three, "Lbfgs: numbers is %s, expected F64[3]", numbers.type());
        Tensor newDirection = vector(state, "direction");
        Tensor newGradient = vector(state, "lastGradient");
        List<Tensor> newMoves = new ArrayList<>();
        List<Tensor> newBends = new ArrayList<>();
        for (int i = 0; state.containsKey("move." + i); i++) {
            newMoves.add(vector(state, "move." + i));
            newBends.add(vector(state, "bend." + i));
        }
        direction = newDirection;
        lastGradient = newGradient;
        moves.clear();
        moves.addAll(newMoves);
        bends.clear();
        bends.addAll(newBends);
        steps = from.steps();
        iterations = (long) numbers.buffer().getDouble(0);
        length = numbers.buffer().getDouble(1);
        scale = numbers.buffer().getDouble(2);
    }

    private Tensor vector(Map<String, Tensor> state, String name) {
        Tensor value = required(state, name);
        var expected = zeros().type();
        Require.that(value.type().equals(expected), "Lbfgs: %s is %s, expected %s", name, value.type(), expected);
        return value;
    }

    private static Tensor required(Map<String, Tensor> state, String name) {
        Tensor value = state.get(name);
        if (value == null) {
            throw new IllegalArgumentException("Lbfgs: a state with " + state.keySet() + ", expected " + name);
        }
        return value;
    }
}
