package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.DType;
import fathom.tensor.Tensor;

/// What tells a model the places of the steps in a sequence, which attention alone does not see.
public sealed interface PositionalEncoding extends Module
        permits SinusoidalPositions, LearnedPositions, RotaryPositions {
    /// Marks steps with their places; called through [#apply(Tensor)] and [#apply(Tensor, Tensor)].
    ///
    /// @param x `[..., T, C]`
    /// @param places I32 `[T]`, from 0 on
    Tensor encode(Tensor x, Tensor places);

    /// Of sequences `[..., T, C]` from place 0 on.
    @Override
    default Tensor forward(Tensor x) {
        return encode(x, places(x));
    }

    /// Of sequences that begin at a place of their own, as in generation.
    ///
    /// @param x `[..., T, C]`
    /// @param first I32 `[1]`, the place of the first step
    /// @throws IllegalArgumentException if shapes do not fit
    default Tensor apply(Tensor x, Tensor first) {
        return Calls.apply(this, x, () -> encode(x, places(x).add(first)));
    }

    private static Tensor places(Tensor x) {
        Require.that(x.rank() >= 2, "input %s, expected sequences [..., T, C]", x.type());
        return Tensor.arange(x.dim(-2));
    }

    /// Angles F64 `[T, pairs]`: of pair i of `width` elements `place * base^(-2 i / width)`. In
    /// double precision, for a float far from 0 is too coarse for an angle.
    static Tensor angles(Tensor places, int width, double base) {
        return angles(places, rates(width, base));
    }

    /// By how much the pairs turn from one place to the next: pair i by `base^(-2 i / width)`.
    static double[] rates(int width, double base) {
        double[] rates = new double[Math.ceilDiv(width, 2)];
        for (int i = 0; i < rates.length; i++) {
            rates[i] = Math.pow(base, -2.0 * i / width);
        }
        return rates;
    }

    /// Angles F64 `[T, pairs]`: for each place and rate their product.
    static Tensor angles(Tensor places, double[] rates) {
        return places.cast(DType.F64).unsqueeze(1).mul(Tensor.of(rates, 1, rates.length));
    }
}
