package fathom.io.onnx.operators;

import fathom.ir.Op;
import fathom.ir.Require;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;

/// Determinants by Gauss's elimination, the greatest element of a column first.
final class Determinant {
    private Determinant() {}

    /// @param matrices `[..., n, n]`
    static Tensor of(Tensor matrices) {
        int n = matrices.dim(-1);
        Require.that(n == matrices.dim(-2), "matrices of shape %s, expected square ones", matrices.shape());
        Shape stack = Shape.of(matrices.shape().toList().subList(0, matrices.rank() - 2));
        Tensor a = matrices.reshape(stack.size(), n, n);
        Tensor product = Tensor.full(Shape.of(stack.size()), a.dtype(), 1);
        for (int size = n; size > 0; size--) {
            Tensor column = a.at(2, 0);
            Tensor greatest = column.abs().argmax(1);
            Tensor row = Tensor.of(new Op.Gather(1, 1), a, greatest);
            Tensor pivot = row.at(1, 0);
            Tensor exchanged = greatest.notEqual(0);
            product = product.mul(exchanged.select(pivot.neg(), pivot));
            // The first row goes to where the chosen one was.
            Tensor places = Tensor.of(new Op.Iota(Shape.of(stack.size(), size, 1), DType.I32, 1));
            Tensor isChosen = places.equal(greatest.reshape(stack.size(), 1, 1));
            Tensor rest = isChosen.select(a.slice(1, 0, 1), a).slice(1, 1, size);
            Tensor divisor = pivot.equal(0).select(ElementwiseOperators.full(pivot, 1), pivot);
            Tensor factors = rest.slice(2, 0, 1).div(divisor.reshape(stack.size(), 1, 1));
            a = rest.sub(factors.mul(row.unsqueeze(1))).slice(2, 1, size);
        }
        return product.reshape(stack);
    }
}
