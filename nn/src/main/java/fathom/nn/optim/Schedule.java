package fathom.nn.optim;

import fathom.ir.Require;
import java.util.List;

/// How the step size changes in the course of training: a factor of the rule's learning rate for each
/// step.
///
/// ```java
/// Adam.of(1e-3).scheduled(Schedule.warmup(100, 0).then(100, Schedule.cosine(900, 0)))
/// ```
///
/// A schedule remembers nothing, so a training that is resumed goes on with the very same step
/// sizes. For a schedule by epochs, multiply by the number of batches. The learning rate is the
/// greatest one, from which the others are reckoned: also that of [OneCycle]. A schedule of one's
/// own should be a record, so that two runs can be told to have used the same one.
public interface Schedule {
    /// What the learning rate is multiplied by, 0 or more.
    ///
    /// @param step how many steps were made before: 0 for the first
    double factor(long step);

    /// This schedule for so many steps, then another one from its beginning.
    ///
    /// @throws IllegalArgumentException if the number is below 0
    default Schedule then(long steps, Schedule next) {
        return new Sequence(this, steps, next);
    }

    /// Both at once: the product of their factors.
    default Schedule times(Schedule other) {
        return new Product(this, other);
    }

    /// Always the same.
    static Schedule constant(double factor) {
        return new Constant(factor);
    }

    /// Multiplied by `gamma` after every so many steps.
    static Schedule step(long every, double gamma) {
        return new Step(every, gamma);
    }

    /// Multiplied by `gamma` at each of the given steps, which rise.
    static Schedule multiStep(double gamma, Long... milestones) {
        return new MultiStep(List.of(milestones), gamma);
    }

    /// Multiplied by `gamma` in every step.
    static Schedule exponential(double gamma) {
        return new Exponential(gamma, 1);
    }

    /// Evenly from 1 to `end`.
    static Schedule linear(long steps, double end) {
        return new Polynomial(steps, 1, end);
    }

    /// From 1 to `end` along a power of the part that is left.
    static Schedule polynomial(long steps, double power, double end) {
        return new Polynomial(steps, power, end);
    }

    /// From 1 to `end` along half a cosine.
    static Schedule cosine(long steps, double end) {
        return new Cosine(steps, end);
    }

    /// [#cosine] again and again, each time so many times longer.
    static Schedule cosineRestarts(long steps, long multiplier, double end) {
        return new CosineRestarts(steps, multiplier, end);
    }

    /// Evenly from `start` to 1, then 1.
    static Schedule warmup(long steps, double start) {
        return new Warmup(steps, start);
    }

    /// 1 for so many steps, then falling with the root of the step.
    static Schedule inverseSquareRoot(long steps) {
        return new InverseSquareRoot(steps);
    }

    /// Up from 1/25 in the first three tenths of the steps, then down to nearly nothing.
    static Schedule oneCycle(long steps) {
        return new OneCycle(steps, 0.3, 25, 1e4);
    }

    /// `factor`
    record Constant(double factor) implements Schedule {
        public Constant {
            Require.notNegative("constant schedule: factor", factor);
        }

        @Override
        public double factor(long step) {
            return factor;
        }
    }

    /// `gamma^floor(step / every)`
    record Step(long every, double gamma) implements Schedule {
        public Step {
            atLeastOne("step schedule: every", every);
            Require.positive("step schedule: gamma", gamma);
        }

        @Override
        public double factor(long step) {
            return Math.pow(gamma, (double) (step / every));
        }
    }

    /// `gamma^n` after `n` of the milestones.
    record MultiStep(List<Long> milestones, double gamma) implements Schedule {
        public MultiStep {
            milestones = List.copyOf(milestones);
            for (int i = 1; i < milestones.size(); i++) {
                boolean rising = milestones.get(i - 1) < milestones.get(i);
                Require.that(rising, "multi-step schedule: milestones %s, expected rising numbers", milestones);
            }
            Require.positive("multi-step schedule: gamma", gamma);
        }

        @Override
        public double factor(long step) {
            return Math.pow(
                    gamma, (double) milestones.stream().filter(m -> m <= step).count());
        }
    }

    /// `gamma^(step / steps)`
    record Exponential(double gamma, long steps) implements Schedule {
        public Exponential {
            Require.positive("exponential schedule: gamma", gamma);
            atLeastOne("exponential schedule: steps", steps);
        }

        @Override
        public double factor(long step) {
            return Math.pow(gamma, step / (double) steps);
        }
    }

    /// `end + (1 - end) * (1 - step / steps)^power`, and `end` afterwards.
    record Polynomial(long steps, double power, double end) implements Schedule {
        public Polynomial {
            atLeastOne("polynomial schedule: steps", steps);
            Require.positive("polynomial schedule: power", power);
            Require.notNegative("polynomial schedule: end", end);
        }

        @Override
        public double factor(long step) {
            double left = (steps - Math.min(step, steps)) / (double) steps;
            return end + (1 - end) * Math.pow(left, power);
        }
    }

    /// `end + (1 - end) * (1 + cos(pi * step / steps)) / 2`, and `end` afterwards. Loshchilov and
    /// Hutter: *SGDR: stochastic gradient descent with warm restarts* (2017).
    record Cosine(long steps, double end) implements Schedule {
        public Cosine {
            atLeastOne("cosine schedule: steps", steps);
            Require.notNegative("cosine schedule: end", end);
        }

        @Override
        public double factor(long step) {
            return halfWave(1, end, Math.min(step, steps) / (double) steps);
        }
    }

    /// [Cosine] over `steps`, then over `steps * multiplier`, `steps * multiplier^2` and so on.
    /// Loshchilov and Hutter: *SGDR: stochastic gradient descent with warm restarts* (2017).
    record CosineRestarts(long steps, long multiplier, double end) implements Schedule {
        public CosineRestarts {
            atLeastOne("cosine restarts: steps", steps);
            atLeastOne("cosine restarts: multiplier", multiplier);
            Require.notNegative("cosine restarts: end", end);
        }

        @Override
        public double factor(long step) {
            if (multiplier == 1) {
                return halfWave(1, end, (step % steps) / (double) steps);
            }
            long position = step;
            long length = steps;
            while (position >= length) {
                position -= length;
                length *= multiplier;
            }
            return halfWave(1, end, position / (double) length);
        }
    }

    /// `start + (1 - start) * step / steps`, and 1 afterwards. Goyal et al.: *Accurate, large minibatch
    /// SGD: training ImageNet in 1 hour* (2017).
    record Warmup(long steps, double start) implements Schedule {
        public Warmup {
            atLeastOne("warm-up: steps", steps);
            Require.notNegative("warm-up: start", start);
        }

        @Override
        public double factor(long step) {
            return start + (1 - start) * Math.min(step, steps) / (double) steps;
        }
    }

    /// `sqrt(steps / max(step, steps))`. With a [Warmup] of as many steps it is the schedule of
    /// Vaswani et al.: *Attention is all you need* (2017), whose greatest factor is 1 here.
    record InverseSquareRoot(long steps) implements Schedule {
        public InverseSquareRoot {
            atLeastOne("inverse square root schedule: steps", steps);
        }

        @Override
        public double factor(long step) {
            return Math.sqrt(steps / (double) Math.max(step, steps));
        }
    }

    /// Half a cosine from `1 / divisor` up to 1 and another one down to `1 / (divisor *
    /// finalDivisor)`, where it stays. Smith and Topin: *Super-convergence: very fast training of
    /// neural networks using large learning rates* (2018); the shape is PyTorch's.
    ///
    /// @param steps of the whole, at least 2
    /// @param rise part of them on which it rises, above 0 and below 1, at least two steps long
    /// @param divisor of the learning rate in the first step, at least 1
    /// @param finalDivisor by which the last one is smaller than the first, at least 1
    record OneCycle(long steps, double rise, double divisor, double finalDivisor) implements Schedule {
        public OneCycle {
            boolean fit = rise > 0 && rise < 1 && rise * steps > 1 && (1 - rise) * steps > 0;
            String message = "one-cycle schedule: %s of %s steps rising, expected a part of at least two steps";
            Require.that(fit, message, rise, steps);
            boolean divisors = divisor >= 1 && finalDivisor >= 1;
            String small = "one-cycle schedule: divisors %s and %s, expected at least 1";
            Require.that(divisors, small, divisor, finalDivisor);
        }

        @Override
        public double factor(long step) {
            double top = rise * steps - 1;
            double first = 1 / divisor;
            if (step <= top) {
                return halfWave(first, 1, step / top);
            }
            double part = (Math.min(step, steps - 1) - top) / (steps - 1 - top);
            return halfWave(1, first / finalDivisor, part);
        }
    }

    /// `first` up to a step, then `next` from its own beginning.
    record Sequence(Schedule first, long steps, Schedule next) implements Schedule {
        public Sequence {
            Require.that(steps >= 0, "schedule: %s steps before the next one, expected 0 or more", steps);
        }

        @Override
        public double factor(long step) {
            return step < steps ? first.factor(step) : next.factor(step - steps);
        }
    }

    /// The product of two.
    record Product(Schedule one, Schedule other) implements Schedule {
        @Override
        public double factor(long step) {
            return one.factor(step) * other.factor(step);
        }
    }

    private static double halfWave(double from, double to, double part) {
        return to + (from - to) * (1 + Math.cos(Math.PI * part)) / 2;
    }

    private static void atLeastOne(String what, long value) {
        Require.that(value >= 1, "%s %s, expected at least 1", what, value);
    }
}
