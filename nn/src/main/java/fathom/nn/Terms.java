package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.Optional;

/// What a loss is put together from, before it is reduced to a scalar: one term for each sample,
/// place or element, as the loss says.
///
/// ```java
/// var terms = Loss.meanSquaredError().terms(prediction, target);
/// terms.values();                        // one by one: the reduction "none"
/// terms.sum();
/// terms.mean();
/// terms.weighted(sampleWeights).mean();  // [N], or more of the leading axes
/// terms.weighted(mask).sum();            // BOOL: false terms are left out
/// ```
///
/// @param values the terms, times their weights
/// @param weights the weights, shaped as the values; none if all are 1
public record Terms(Tensor values, Optional<Tensor> weights) {
    /// Terms of weight 1.
    public static Terms of(Tensor values) {
        return new Terms(values, Optional.empty());
    }

    /// The terms' sum, a scalar.
    public Tensor sum() {
        return values.sum();
    }

    /// The terms' sum divided by the sum of their weights, a scalar; NaN if that is 0.
    public Tensor mean() {
        return weights.map(w -> values.sum().div(w.sum())).orElseGet(values::mean);
    }

    /// These terms times weights, which [#mean] divides by.
    ///
    /// @param by a weight for each term or each part along the leading axes; with BOOL the terms at
    ///   false are left out, whatever they are
    /// @throws IllegalArgumentException if the shape is no beginning of the terms' shape
    public Terms weighted(Tensor by) {
        Shape shape = values.shape();
        boolean fits = by.rank() <= shape.rank()
                && by.shape().toList().equals(shape.toList().subList(0, by.rank()));
        Require.that(fits, "weighted: weights %s for terms %s, expected their leading axes", by.type(), values.type());
        Tensor each = by;
        while (each.rank() < shape.rank()) {
            each = each.unsqueeze(-1);
        }
        each = each.broadcastTo(shape);
        Tensor factor = each.cast(values.dtype());
        Tensor old = weights.orElse(null);
        Tensor all = old == null ? factor : old.mul(factor);
        // A choice rather than a product, which would make NaN of an infinite term.
        Tensor zeros = Tensor.full(shape, values.dtype(), 0);
        Tensor kept = by.dtype() == DType.BOOL ? each.select(values, zeros) : values.mul(factor);
        return new Terms(kept, Optional.of(all));
    }
}
