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

/// Newton's method without the matrix of second derivatives: the step that is best for a quadratic
/// model of the loss is found by conjugate gradients, which ask for products of that matrix and
/// vectors alone. Martens: *Deep learning via Hessian-free optimization* (2010).
///
/// ```
/// (H + damping * I) d = -gradient                       // by conjugate gradients, from decay * last d
/// p = p + a * d                                         // a: 1, 0.8, 0.64, ... until the loss has fallen
/// r = (loss(p + d) - loss(p)) / (gradient' d + d' (H + damping * I) d / 2)
/// damping = damping * 3/2 if r < 1/4, damping * 2/3 if r > 3/4
/// ```
///
/// Conjugate gradients end when they make little progress, or where the curvature is not above 0;
/// if that is at once, the step goes down the gradient. The loss has to be the same function
/// whenever it is computed: of one large batch, without dropout.
public final class HessianFree implements Minimizer {
    /// Part of what the slope promises by which the loss has to fall.
    private static final double FALL = 0.01;

    private static final double SHORTER = 0.8;
    private static final int MOST_SHORTENINGS = 40;

    private final Objective objective;
    private final Settings settings;
    private Tensor last;
    private double damping;
    private long steps;

    /// What a step is made of.
    ///
    /// @param damping what is added to the matrix at first, above 0
    /// @param iterations most steps of conjugate gradients, at least 1
    /// @param tolerance progress in a step of theirs, relative to all of it, that is little; above 0
    /// @param decay part of the last direction that they start from, from 0 to below 1
    public record Settings(double damping, int iterations, double tolerance, double decay)
            implements Minimizer.Blueprint {
        public Settings {
            Require.positive("HessianFree: damping", damping);
            Require.positive("HessianFree: iterations", iterations);
            Require.positive("HessianFree: tolerance", tolerance);
            Require.fraction("HessianFree: decay", decay);
        }

        /// As in the paper: at most 250 iterations, tolerance 5e-4, decay 0.95; damping 1 at first.
        public static Settings standard() {
            return new Settings(1, 250, 5e-4, 0.95);
        }

        @Override
        public HessianFree on(Map<String, Parameter> parameters) {
            return new HessianFree(new Objective("HessianFree", parameters), this);
        }

        public Settings withDamping(double other) {
            return new Settings(other, iterations, tolerance, decay);
        }

        public Settings withIterations(int most) {
            return new Settings(damping, most, tolerance, decay);
        }

        public Settings withTolerance(double other) {
            return new Settings(damping, iterations, other, decay);
        }

        public Settings withDecay(double other) {
            return new Settings(damping, iterations, tolerance, other);
        }
    }

    /// A direction, and what the quadratic model says that it changes the loss by.
    private record Direction(Tensor vector, double promise) {}

    private HessianFree(Objective objective, Settings settings) {
        this.objective = objective;
        this.settings = settings;
        this.damping = settings.damping();
        this.last = Tensor.full(Shape.of(objective.size()), objective.dtype(), 0);
    }

    /// With the standard settings.
    ///
    /// @throws IllegalArgumentException if there is no trainable parameter, or their types differ
    public static HessianFree of(Module model) {
        return of(model, Settings.standard());
    }

    /// Of all trainable parameters of the model.
    ///
    /// @throws IllegalArgumentException if there is none, or their types differ
    public static HessianFree of(Module model, Settings settings) {
        return settings.on(Modules.parameters(model));
    }

    /// Makes a step; none if the gradient is 0 or no shorter one lowers the loss.
    ///
    /// @param loss computes the loss, a scalar, from the parameters' present values
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
        steps++;
        Tensor gradient = here.gradient();
        if (Objective.dot(gradient, gradient) == 0) {
            return here.loss();
        }
        Direction d = direction(gradient);
        Tensor start = objective.position();
        double slope = Objective.dot(gradient, d.vector());
        objective.move(start.add(d.vector()));
        double there = objective.loss(loss);
        damp((there - here.loss()) / d.promise());
        double part = 1;
        // NaN has not fallen either.
        for (int i = 0; i < MOST_SHORTENINGS && !(there <= here.loss() + FALL * part * slope); i++) {
            part *= SHORTER;
            objective.move(start.add(d.vector().mul(part)));
            there = objective.loss(loss);
        }
        if (!(there <= here.loss() + FALL * part * slope)) {
            objective.move(start);
        }
        last = d.vector().detach();
        return here.loss();
    }

    /// Damping as by Levenberg and Marquardt: less where the quadratic model is right.
    private void damp(double ratio) {
        if (ratio > 0.75) {
            damping *= 2.0 / 3;
        } else if (!(ratio >= 0.25)) {
            damping *= 1.5;
        }
    }

    /// Conjugate gradients. The residual is what is left of the equation, and at the same time the
    /// slope of the quadratic model, downwards.
    private Direction direction(Tensor gradient) {
        Tensor x = last.mul(settings.decay()).evaluate();
        Tensor residual = gradient.add(product(gradient, x)).neg().evaluate();
        Tensor p = residual;
        double square = Objective.dot(residual, residual);
        List<Double> promises = new ArrayList<>();
        promises.add(promise(gradient, residual, x));
        for (int i = 1; i <= settings.iterations() && square > 0; i++) {
            Tensor ap = product(gradient, p).evaluate();
            double curvature = Objective.dot(p, ap);
            if (!(curvature > 0)) {
                break;
            }
            double length = square / curvature;
            x = x.add(p.mul(length)).evaluate().detach();
            residual = residual.sub(ap.mul(length)).evaluate().detach();
            promises.add(promise(gradient, residual, x));
            if (isSlow(promises)) {
                break;
            }
            double next = Objective.dot(residual, residual);
            p = residual.add(p.mul(next / square)).evaluate().detach();
            square = next;
        }
        double promise = promises.getLast();
        if (promise < 0 && Objective.dot(gradient, x) < 0) {
            return new Direction(x, promise);
        }
        Tensor down = gradient.neg().evaluate().detach();
        return new Direction(down, -Objective.dot(gradient, gradient));
    }

    private Tensor product(Tensor gradient, Tensor vector) {
        return objective.curvature(gradient, vector).add(vector.mul(damping));
    }

    /// By how much the quadratic model falls: half of `x'(gradient - residual)`, as its matrix times x
    /// is minus their sum.
    private static double promise(Tensor gradient, Tensor residual, Tensor x) {
        return 0.5 * x.mul(gradient.sub(residual)).sum().item();
    }

    /// The paper's measure: little progress over the last tenth of the steps, ten at least.
    private boolean isSlow(List<Double> promises) {
        int i = promises.size() - 1;
        int window = Math.max(10, i / 10);
        if (i <= window || promises.get(i) >= 0) {
            return false;
        }
        double progress = (promises.get(i) - promises.get(i - window)) / promises.get(i);
        return progress < window * settings.tolerance();
    }

    /// What is added to the matrix of second derivatives at present.
    public double damping() {
        return damping;
    }

    @Override
    public void observeGradients(@Nullable Consumer<Map<String, Tensor>> function) {
        objective.observe(function);
    }

    @Override
    public long steps() {
        return steps;
    }

    /// 1, as the length of a step is searched.
    @Override
    public double learningRate() {
        return 1;
    }

    @Override
    public Optimizer.State state() {
        Map<String, Tensor> state = new LinkedHashMap<>();
        state.put("damping", Tensor.of(new double[] {damping}, 1));
        state.put("direction", last.copy());
        return new Optimizer.State(state, steps, learningRate(), 0);
    }

    @Override
    public void load(Optimizer.State from) {
        Map<String, Tensor> state = from.slots();
        Tensor number = state.get("damping");
        Tensor direction = state.get("direction");
        boolean fits = number != null
                && direction != null
                && number.dtype() == DType.F64
                && number.size() == 1
                && direction.type().equals(last.type());
        if (!fits || number == null || direction == null) {
            throw new IllegalArgumentException("HessianFree: a state with " + state.keySet()
                    + ", expected damping F64[1] and direction " + last.type());
        }
        steps = from.steps();
        damping = number.item();
        last = direction;
    }
}
