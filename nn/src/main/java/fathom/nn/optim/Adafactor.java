package fathom.nn.optim;

import fathom.ir.Require;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.List;

/// Adam without momentum, with the mean square of a matrix kept as means over its rows and columns:
/// next to no memory. Shazeer and Stern: *Adafactor: adaptive learning rates with sublinear memory
/// cost* (2018).
///
/// ```
/// b = 1 - t^-decayPower
/// s = gradient * gradient + squareFloor
/// r = b * r + (1 - b) * mean of s over the columns      // one for each row
/// c = b * c + (1 - b) * mean of s over the rows         // one for each column
/// v = r * c / mean(r)                                   // of a vector: v = b * v + (1 - b) * s
/// u = gradient / sqrt(v)
/// u = u / max(1, rms(u) / clip)
/// a = max(scaleFloor, rms(p)) * min(learningRate, 1 / sqrt(t))
/// p = p - learningRate * weightDecay * p - a * u
/// ```
///
/// Of a parameter of more than two axes, the last two are the matrix, as in the paper.
///
/// @param learningRate greatest step size relative to the parameter, above 0
/// @param decayPower how fast the means become long ones, above 0
/// @param squareFloor what is added to squared gradients, above 0
/// @param scaleFloor the root mean square that a parameter is taken to have at least, above 0
/// @param clip greatest root mean square of a step in units of the step size, above 0
/// @param weightDecay part of the parameter that is taken away in a step of learning rate 1, 0 or
///   more
public record Adafactor(
        double learningRate, double decayPower, double squareFloor, double scaleFloor, double clip, double weightDecay)
        implements UpdateRule {
    public Adafactor {
        Require.positive("Adafactor: learning rate", learningRate);
        Require.positive("Adafactor: decay power", decayPower);
        Require.positive("Adafactor: square floor", squareFloor);
        Require.positive("Adafactor: scale floor", scaleFloor);
        Require.positive("Adafactor: clip", clip);
        Require.notNegative("Adafactor: weight decay", weightDecay);
    }

    /// As in the paper, whose learning rate is 0.01: decay power 0.8, floors 1e-30 and 1e-3, steps
    /// clipped at 1, no weight decay.
    public static Adafactor of(double learningRate) {
        return new Adafactor(learningRate, 0.8, 1e-30, 1e-3, 1, 0);
    }

    @Override
    public Adafactor withLearningRate(double other) {
        return new Adafactor(other, decayPower, squareFloor, scaleFloor, clip, weightDecay);
    }

    public Adafactor withDecayPower(double other) {
        return new Adafactor(learningRate, other, squareFloor, scaleFloor, clip, weightDecay);
    }

    public Adafactor withFloors(double square, double scale) {
        return new Adafactor(learningRate, decayPower, square, scale, clip, weightDecay);
    }

    public Adafactor withClip(double other) {
        return new Adafactor(learningRate, decayPower, squareFloor, scaleFloor, other, weightDecay);
    }

    public Adafactor withWeightDecay(double other) {
        return new Adafactor(learningRate, decayPower, squareFloor, scaleFloor, clip, other);
    }

    @Override
    public List<Slot> slots(Tensor parameter) {
        Shape shape = parameter.shape();
        if (shape.rank() < 2) {
            return List.of(Slot.zeros("meanSquare", parameter));
        }
        return List.of(
                Slot.zeros("rowMeanSquare", shape.with(-1, 1), parameter.dtype()),
                Slot.zeros("columnMeanSquare", shape.with(-2, 1), parameter.dtype()));
    }

    @Override
    public Change change(Tensor parameter, Tensor gradient, List<Tensor> slots, long step) {
        Tensor square = gradient.mul(gradient).add(squareFloor);
        double fresh = Math.pow((double) step, -decayPower);
        Tensor mean;
        List<Tensor> next;
        if (slots.size() == 1) {
            mean = towards(slots.getFirst(), square, fresh);
            next = List.of(mean);
        } else {
            Tensor rows = towards(slots.get(0), square.mean(true, -1), fresh);
            Tensor columns = towards(slots.get(1), square.mean(true, -2), fresh);
            mean = rows.div(rows.mean(true, -2)).mul(columns);
            next = List.of(rows, columns);
        }
        Tensor u = gradient.div(mean.sqrt());
        Tensor relative = rms(parameter)
                .maximum(scaleFloor)
                .mul(Math.min(learningRate, 1 / Math.sqrt((double) step)))
                .div(rms(u).div(clip).maximum(1));
        Tensor kept = WeightDecay.decoupled(parameter, learningRate * weightDecay);
        return new Change(kept.sub(u.mul(relative)), next);
    }

    private static Tensor towards(Tensor mean, Tensor value, double part) {
        return mean.mul(1 - part).add(value.mul(part));
    }

    private static Tensor rms(Tensor x) {
        return x.square().mean().sqrt();
    }
}
