package fathom.nn.train;

import fathom.ir.Require;
import fathom.nn.Context;
import fathom.nn.Loss;
import fathom.nn.Module;
import fathom.nn.Modules;
import fathom.nn.optim.Optimizer;
import fathom.nn.optim.Scheduled;
import fathom.nn.optim.UpdateRule;
import fathom.tensor.Batch;
import fathom.tensor.Batches;
import fathom.tensor.RandomStream;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/// A test of step sizes: a short training in which each step is larger than the one before by the same
/// factor. L. N. Smith: *Cyclical learning rates for training neural networks* (2017).
///
/// ```java
/// var curve = LearningRateRange.of(1e-5, 10, 100).run(model, Loss.crossEntropy(), Adam.of(1), train, 42);
/// trainer.optimizer(Adam.of(curve.suggestion()));
/// ```
///
/// @param from the first step size
/// @param to the last one
/// @param steps how many steps at most
public record LearningRateRange(double from, double to, int steps) {
    /// How much of the mean of the losses before goes into the next one.
    private static final double MEMORY = 0.9;

    /// A loss so many times the least one is a divergence: nothing is learned from larger steps.
    private static final double DIVERGED = 4;

    public LearningRateRange {
        boolean rising = from > 0 && from < to && to < Double.POSITIVE_INFINITY;
        Require.that(rising, "learning rate range: from %s to %s, expected rising numbers above 0", from, to);
        Require.that(steps >= 3, "learning rate range: %s steps, expected at least 3", steps);
    }

    /// A test of the given step sizes.
    ///
    /// @throws IllegalArgumentException if they do not rise or are not above 0, or the steps are fewer than
    ///   3
    public static LearningRateRange of(double from, double to, int steps) {
        return new LearningRateRange(from, to, steps);
    }

    /// Trains until the loss is four times the least one, or not finite. Weights and running statistics
    /// are afterwards what they were before.
    ///
    /// @param batches what is trained on, epoch after epoch if need be
    /// @param seed where dropout and the like take their numbers from
    /// @throws IllegalArgumentException if there are no batches, or the rule has a schedule
    /// @throws DivergedException if the loss is not finite from the first step on
    public Curve run(Module model, Loss loss, UpdateRule rule, Batches batches, long seed) {
        Require.that(batches.count() > 0, "learning rate range: no batches, expected at least one");
        boolean plain = !(rule instanceof Scheduled);
        Require.that(plain, "learning rate range: %s, expected a rule without a schedule", rule);
        var before = Modules.state(model);
        try {
            RandomStream random = RandomStream.of(seed).split("learning rate range");
            return Context.training(random, () -> curve(model, loss, rule.on(model), batches));
        } finally {
            Modules.load(model, before);
        }
    }

    private Curve curve(Module model, Loss loss, Optimizer optimizer, Batches batches) {
        List<Point> points = new ArrayList<>();
        for (int epoch = 0; points.size() < steps; epoch++) {
            Iterator<Batch> iterator = batches.epoch(epoch, 0);
            try {
                while (iterator.hasNext() && points.size() < steps) {
                    Batch batch = iterator.next();
                    double rate = learningRate(points.size());
                    optimizer.learningRate(rate);
                    Tensor value = loss.of(model.apply(batch.x()), batch.y());
                    optimizer.step(value);
                    double found = value.item();
                    if (!Double.isFinite(found)) {
                        return ended(points, optimizer, found, rate);
                    }
                    points.add(new Point(rate, found));
                    if (hasDiverged(points)) {
                        return new Curve(points);
                    }
                }
            } finally {
                Loop.close(iterator);
            }
        }
        return new Curve(points);
    }

    private static Curve ended(List<Point> points, Optimizer optimizer, double loss, double rate) {
        if (points.isEmpty()) {
            throw new DivergedException(optimizer.steps(), loss, Double.NaN, rate);
        }
        return new Curve(points);
    }

    private double learningRate(int step) {
        return from * Math.pow(to / from, step / (steps - 1.0));
    }

    private static boolean hasDiverged(List<Point> points) {
        double[] losses = smoothed(points);
        double least = losses[0];
        for (double v : losses) {
            least = Math.min(least, v);
        }
        return losses[losses.length - 1] > DIVERGED * least && least > 0;
    }

    /// The exponential mean of the losses, its weights brought to a sum of 1.
    private static double[] smoothed(List<Point> points) {
        double[] means = new double[points.size()];
        double sum = 0;
        double weight = 0;
        for (int i = 0; i < means.length; i++) {
            sum = MEMORY * sum + (1 - MEMORY) * points.get(i).loss();
            weight = MEMORY * weight + (1 - MEMORY);
            means[i] = sum / weight;
        }
        return means;
    }

    /// A step.
    ///
    /// @param learningRate its size
    /// @param loss the loss of its batch, before it
    public record Point(double learningRate, double loss) {}

    /// What came of it.
    ///
    /// @param points the steps in their order; none with a loss that is not finite
    public record Curve(List<Point> points) {
        public Curve {
            points = List.copyOf(points);
        }

        /// The losses without most of their noise: each is the exponential mean of those up to it.
        public double[] smoothed() {
            return LearningRateRange.smoothed(points);
        }

        /// The step size at which the smoothed loss falls most steeply, over the logarithm of the step
        /// size and before its least value: large enough to learn fast, and some way below those that
        /// are too large.
        ///
        /// @throws IllegalStateException if the loss falls nowhere
        public double suggestion() {
            double[] losses = smoothed();
            int least = 0;
            for (int i = 1; i < losses.length; i++) {
                least = losses[i] < losses[least] ? i : least;
            }
            int found = 0;
            double steepest = 0;
            for (int i = 1; i <= Math.min(least, losses.length - 2); i++) {
                double slope = losses[i + 1] - losses[i - 1];
                if (slope < steepest) {
                    steepest = slope;
                    found = i;
                }
            }
            if (found == 0) {
                throw new IllegalStateException("suggestion: the loss does not fall from " + losses[0] + " over "
                        + losses.length + " steps, expected smaller step sizes to begin with, or more steps");
            }
            return points.get(found).learningRate();
        }
    }
}
