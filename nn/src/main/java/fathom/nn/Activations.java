package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// The activation functions, on tensors; as layers they are in [Layers]. Defaults are PyTorch's.
///
/// Where a function is put together from two branches, the branch not taken is computed for a
/// harmless argument, so that no infinity of it gets into the gradient.
public final class Activations {
    private static final double SELU_ALPHA = 1.6732632423543772;
    private static final double SELU_SCALE = 1.0507009873554805;

    /// What [#selu] tends to far below 0.
    static final double SELU_LOWEST = -SELU_SCALE * SELU_ALPHA;

    private Activations() {}

    /// max(x, 0).
    public static Tensor relu(Tensor x) {
        return x.relu();
    }

    /// x kept within 0 and 6.
    public static Tensor relu6(Tensor x) {
        return x.clamp(0, 6);
    }

    /// x above 0, else x times the slope.
    public static Tensor leakyRelu(Tensor x, double slope) {
        return x.greater(0).select(x, x.mul(slope));
    }

    /// x above 0, else alpha * (exp(x) - 1). Clevert, Unterthiner and Hochreiter (2016).
    public static Tensor elu(Tensor x, double alpha) {
        return exponentialBelow(x, alpha, 1);
    }

    /// The self-normalising [#elu]. Klambauer et al. (2017).
    public static Tensor selu(Tensor x) {
        return elu(x, SELU_ALPHA).mul(SELU_SCALE);
    }

    /// x times the normal distribution function of x. Hendrycks and Gimpel (2016).
    public static Tensor gelu(Tensor x) {
        return x.mul(0.5).mul(x.mul(Math.sqrt(0.5)).erf().add(1));
    }

    /// [#gelu] approximated by tanh.
    public static Tensor geluTanh(Tensor x) {
        Tensor inner = x.mul(x).mul(x).mul(0.044715).add(x).mul(Math.sqrt(2 / Math.PI));
        return x.mul(0.5).mul(inner.tanh().add(1));
    }

    /// x * sigmoid(x), also known as swish.
    public static Tensor silu(Tensor x) {
        return x.mul(x.sigmoid());
    }

    /// x * tanh(softplus(x)). Misra (2020).
    public static Tensor mish(Tensor x) {
        return x.mul(softplus(x).tanh());
    }

    /// ln(1 + exp(x)), without overflow.
    public static Tensor softplus(Tensor x) {
        // Both halves choose by the same test, so that the derivative is right at 0 too.
        Tensor positive = x.greaterEqual(0);
        Tensor magnitude = positive.select(x, x.neg());
        return positive.select(x, zeros(x)).add(magnitude.neg().exp().log1p());
    }

    /// x / (1 + |x|).
    public static Tensor softsign(Tensor x) {
        return x.div(x.abs().add(1));
    }

    /// 1 / (1 + exp(-x)).
    public static Tensor sigmoid(Tensor x) {
        return x.sigmoid();
    }

    /// ln(sigmoid(x)), without overflow.
    public static Tensor logSigmoid(Tensor x) {
        return softplus(x.neg()).neg();
    }

    /// x / 6 + 1 / 2, kept within 0 and 1.
    public static Tensor hardSigmoid(Tensor x) {
        return x.add(3).clamp(0, 6).div(6);
    }

    /// x * [#hardSigmoid].
    public static Tensor hardSwish(Tensor x) {
        return x.mul(hardSigmoid(x));
    }

    /// The hyperbolic tangent.
    public static Tensor tanh(Tensor x) {
        return x.tanh();
    }

    /// Exponentials divided by their sum along the axis.
    public static Tensor softmax(Tensor x, int axis) {
        return x.softmax(axis);
    }

    /// ln of [#softmax], without loss of precision.
    public static Tensor logSoftmax(Tensor x, int axis) {
        return x.logSoftmax(axis);
    }

    /// x above 0, else alpha * (exp(x / alpha) - 1): an [#elu] whose slope does not jump. Barron (2017).
    public static Tensor celu(Tensor x, double alpha) {
        Require.positive("celu: alpha", alpha);
        return exponentialBelow(x, alpha, alpha);
    }

    /// The first half of the channels along the axis times the [#sigmoid] of the second. Dauphin et
    /// al. (2017).
    ///
    /// @throws IllegalArgumentException if the axis has an odd size
    public static Tensor glu(Tensor x, int axis) {
        int size = x.shape().dim(axis);
        Require.that(size % 2 == 0, "glu: %s along axis %s, expected an even size", x.type(), axis);
        return x.slice(axis, 0, size / 2).mul(x.slice(axis, size / 2, size).sigmoid());
    }

    /// The greatest of every `pieces` neighbouring channels: `[..., units * pieces]` to `[..., units]`.
    /// Goodfellow et al. (2013).
    ///
    /// @throws IllegalArgumentException if the last axis is no multiple of `pieces`
    public static Tensor maxout(Tensor x, int pieces) {
        Require.positive("maxout: pieces", pieces);
        boolean fits = x.rank() > 0 && x.dim(-1) % pieces == 0;
        Require.that(fits, "maxout: %s, expected [..., units * %s]", x.type(), pieces);
        List<Integer> sizes =
                new ArrayList<>(x.shape().with(-1, x.dim(-1) / pieces).toList());
        sizes.add(pieces);
        return x.reshape(Shape.of(sizes)).max(-1);
    }

    /// x above the threshold, else the value.
    public static Tensor threshold(Tensor x, double threshold, double value) {
        return x.greater(threshold).select(x, Tensor.full(x.shape(), x.dtype(), value));
    }

    /// x kept within -1 and 1.
    public static Tensor hardTanh(Tensor x) {
        return x.clamp(-1, 1);
    }

    /// x where it is further from 0 than lambda, else 0.
    public static Tensor hardShrink(Tensor x, double lambda) {
        Require.notNegative("hardShrink: lambda", lambda);
        return x.abs().greater(lambda).select(x, zeros(x));
    }

    /// x moved towards 0 by lambda, and 0 where that would go beyond it.
    public static Tensor softShrink(Tensor x, double lambda) {
        Require.notNegative("softShrink: lambda", lambda);
        return x.sub(x.clamp(-lambda, lambda));
    }

    /// x - tanh(x).
    public static Tensor tanhShrink(Tensor x) {
        return x.sub(x.tanh());
    }

    /// x above 0, else height * (exp(x / width) - 1).
    private static Tensor exponentialBelow(Tensor x, double height, double width) {
        Tensor positive = x.greater(0);
        return positive.select(
                x, positive.select(zeros(x), x).div(width).expm1().mul(height));
    }

    private static Tensor zeros(Tensor like) {
        return Tensor.full(like.shape(), like.dtype(), 0);
    }
}
