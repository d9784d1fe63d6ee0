package fathom.io.onnx.run;

import fathom.io.onnx.format.SmallFloats;
import fathom.tensor.DType;
import fathom.tensor.Tensor;

/// Rounds F32 to the values of a floating point type of a byte or less.
final class Minifloats {
    private Minifloats() {}

    /// To the nearest, ties to even; what is beyond the greatest becomes infinite or, where there is no
    /// infinity, not a number.
    static Tensor round(Tensor x, SmallFloats type) {
        Tensor size = x.abs();
        // The distance between neighbours doubles at each power of two, all of which are compared with.
        Tensor step = Tensor.full(x.shape(), x.dtype(), Math.scalb(1.0, type.leastExponent() - type.fractionBits()));
        for (int e = type.leastExponent() + 1; e <= Math.getExponent(type.greatest()); e++) {
            Tensor doubled = step.mul(2);
            step = size.greaterEqual(Math.scalb(1.0, e)).select(doubled, step);
        }
        Tensor rounded = size.div(step).round().mul(step);
        double beyond = type.infinite() ? Double.POSITIVE_INFINITY : Double.NaN;
        Tensor finite = rounded.greater(type.greatest()).select(Tensor.full(x.shape(), x.dtype(), beyond), rounded);
        // Of -0 the bits tell.
        Tensor isNegative = type.negativeZero() ? x.bitCast(DType.I32).less(0) : x.less(0);
        return x.isNaN().select(x, isNegative.select(finite.neg(), finite));
    }
}
