package fathom.io.onnx.operators;

import fathom.tensor.Tensor;

/// Inverse functions of angles, made of what tensors can do.
final class Trigonometry {
    private static final int TERMS = 13;

    private Trigonometry() {}

    /// By its series, after the argument has been brought below 0.2: above 1 by its reciprocal, and then
    /// by halving the angle twice, `tan(a / 2) = tan(a) / (1 + sqrt(1 + tan(a)^2))`.
    static Tensor atan(Tensor x) {
        Tensor size = x.abs();
        Tensor steep = size.greater(1);
        Tensor t = steep.select(size.maximum(1).rdiv(1), size);
        for (int i = 0; i < 2; i++) {
            t = t.div(t.square().add(1).sqrt().add(1));
        }
        Tensor square = t.square();
        Tensor sum = Tensor.full(x.shape(), x.dtype(), 1.0 / (2 * TERMS + 1));
        for (int k = TERMS - 1; k >= 0; k--) {
            sum = sum.mul(square).rsub(1.0 / (2 * k + 1));
        }
        Tensor angle = sum.mul(t).mul(4);
        Tensor turned = steep.select(angle.rsub(Math.PI / 2), angle);
        return x.less(0).select(turned.neg(), turned);
    }

    static Tensor asin(Tensor x) {
        return atan(x.div(x.square().rsub(1).sqrt()));
    }

    static Tensor acos(Tensor x) {
        return atan(x.rsub(1).div(x.add(1)).sqrt()).mul(2);
    }

    static Tensor asinh(Tensor x) {
        Tensor size = x.abs();
        Tensor square = size.square();
        Tensor y = size.add(square.div(square.add(1).sqrt().add(1))).log1p();
        return x.less(0).select(y.neg(), y);
    }
}
