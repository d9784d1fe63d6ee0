package fathom.nn.optim;

import fathom.tensor.Tensor;
import java.util.function.DoubleFunction;

/// A search along a line for a point where the loss has fallen enough and its slope is small enough:
/// the strong conditions of Wolfe. Steps grow until they enclose such a point, then the interval
/// shrinks by cubic interpolation. Nocedal and Wright: *Numerical optimization* (2006), algorithms
/// 3.5 and 3.6; how the interval is safeguarded is PyTorch's.
final class WolfeSearch {
    /// By how much of what the slope promises the loss has to fall.
    private static final double FALL = 1e-4;
    /// Part of the slope that may be left.
    private static final double SLOPE = 0.9;

    private static final int MOST_TRIALS = 25;

    private final DoubleFunction<Trial> line;
    private final double tolerance;
    private final Trial start;
    private int trials;

    /// A point on the line.
    ///
    /// @param at how many times the direction from the start
    /// @param slope of the loss along the direction
    record Trial(double at, double loss, Tensor gradient, double slope) {}

    /// An end of the search.
    ///
    /// @param trials how many points were looked at
    record Outcome(Trial best, int trials) {}

    /// @param line looks at a point
    /// @param start the point at 0
    /// @param tolerance the length of an interval, in elements of the position, that is not searched
    ///   further, divided by the direction's greatest element
    WolfeSearch(DoubleFunction<Trial> line, Trial start, double tolerance) {
        this.line = line;
        this.start = start;
        this.tolerance = tolerance;
    }

    Outcome from(double first) {
        Trial before = start;
        Trial now = look(first);
        int grown = 0;
        while (grown < MOST_TRIALS) {
            if (isTooHigh(now) || grown > 1 && now.loss() >= before.loss()) {
                return shrink(before, now, grown);
            }
            if (isFlat(now)) {
                return new Outcome(now, trials);
            }
            if (now.slope() >= 0) {
                return shrink(before, now, grown);
            }
            double least = now.at() + 0.01 * (now.at() - before.at());
            double next = minimum(before, now, least, now.at() * 10);
            before = now;
            now = look(next);
            grown++;
        }
        return new Outcome(start.loss() <= now.loss() ? start : now, trials);
    }

    /// Looks between two points, of which one is a good place to be and the other encloses a better
    /// one.
    private Outcome shrink(Trial one, Trial other, int grown) {
        boolean ordered = one.loss() <= other.loss();
        Trial low = ordered ? one : other;
        Trial high = ordered ? other : one;
        boolean slow = false;
        for (int i = grown; i < MOST_TRIALS && Math.abs(high.at() - low.at()) >= tolerance; i++) {
            double left = Math.min(low.at(), high.at());
            double right = Math.max(low.at(), high.at());
            double at = minimum(low, high, left, right);
            // Twice in a row near an end: take a firm step away from it.
            double margin = 0.1 * (right - left);
            boolean near = Math.min(right - at, at - left) < margin;
            if (near && (slow || at >= right || at <= left)) {
                at = Math.abs(at - right) < Math.abs(at - left) ? right - margin : left + margin;
                near = false;
            }
            slow = near;
            Trial next = look(at);
            if (isTooHigh(next) || next.loss() >= low.loss()) {
                high = next;
                if (high.loss() < low.loss()) {
                    high = low;
                    low = next;
                }
            } else {
                if (isFlat(next)) {
                    return new Outcome(next, trials);
                }
                if (next.slope() * (high.at() - low.at()) >= 0) {
                    high = low;
                }
                low = next;
            }
        }
        return new Outcome(low, trials);
    }

    private Trial look(double at) {
        trials++;
        return line.apply(at);
    }

    private boolean isTooHigh(Trial t) {
        return t.loss() > start.loss() + FALL * t.at() * start.slope();
    }

    private boolean isFlat(Trial t) {
        return Math.abs(t.slope()) <= -SLOPE * start.slope();
    }

    /// Where the cubic through two points with their slopes is least, within bounds.
    private static double minimum(Trial a, Trial b, double least, double most) {
        Trial left = a.at() <= b.at() ? a : b;
        Trial right = a.at() <= b.at() ? b : a;
        double width = right.at() - left.at();
        double mean = left.slope() + right.slope() - 3 * (right.loss() - left.loss()) / width;
        double square = mean * mean - left.slope() * right.slope();
        if (square < 0) {
            return (least + most) / 2;
        }
        double root = Math.sqrt(square);
        double part = (right.slope() + root - mean) / (right.slope() - left.slope() + 2 * root);
        double at = right.at() - width * part;
        return Math.min(Math.max(at, least), most);
    }
}
