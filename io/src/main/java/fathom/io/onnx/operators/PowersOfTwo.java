package fathom.io.onnx.operators;

import fathom.tensor.DType;
import fathom.tensor.Tensor;

/// Rounds to powers of two: the scales of blocks in the Open Compute Project's *Microscaling formats* (2023).
final class PowersOfTwo {
    private static final int LEAST = -127;
    private static final int GREATEST = 127;

    private PowersOfTwo() {}

    /// @param x F32; below 0 the result is not a number
    /// @param mode `up`, `down` or `nearest`, halves up
    static Tensor near(Tensor x, String mode) {
        Tensor guess = x.log().mul(1 / Math.log(2)).floor().clamp(LEAST, GREATEST - 1);
        Tensor exponent =
                x.greater(0).select(guess, ElementwiseOperators.full(x, LEAST)).cast(DType.I32);
        // The logarithm may be off by one next to a power.
        exponent = power(exponent).greater(x).select(exponent.sub(1).maximum(LEAST), exponent);
        exponent = power(exponent).mul(2).lessEqual(x).select(exponent.add(1), exponent);
        Tensor below = power(exponent);
        Tensor above = power(exponent.add(1).minimum(GREATEST));
        Tensor y = switch (mode) {
            case "up" -> below.less(x).select(above, below);
            case "down" -> below;
            case "nearest" -> below.mul(1.5).lessEqual(x).select(above, below);
            default -> throw new IllegalArgumentException("round_mode '" + mode + "', expected up, down or nearest");
        };
        return x.greaterEqual(0).select(y, ElementwiseOperators.full(x, Double.NaN));
    }

    private static Tensor power(Tensor exponent) {
        float[] powers = new float[GREATEST - LEAST + 1];
        for (int i = 0; i < powers.length; i++) {
            powers[i] = (float) Math.scalb(1.0, LEAST + i);
        }
        return Tensor.of(powers).take(exponent.sub(LEAST), 0);
    }
}
