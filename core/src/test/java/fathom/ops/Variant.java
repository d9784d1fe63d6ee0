package fathom.ops;

import fathom.ir.Node;
import fathom.ir.Op;
import fathom.tensor.DType;
import fathom.tensor.Index;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/// How an operand reaches an operation, and what becomes of the result: compilers treat those
/// differently, and no element may depend on it.
enum Variant {
    /// Leaves in, result out.
    PLAIN,
    /// Operands computed on the way, result used on the way.
    FUSED,
    /// Operands that are views with exchanged axes.
    TRANSPOSED,
    /// Operands that are every second element, backwards, of something larger.
    STRIDED;

    Tensor operand(Tensor x) {
        return switch (this) {
            case PLAIN -> x;
            case FUSED -> unchanged(x);
            case TRANSPOSED -> {
                if (x.rank() < 2) {
                    yield x;
                }
                Tensor stored = x.transpose().evaluate();
                yield Tensor.of(stored.buffer(), stored.shape()).transpose();
            }
            case STRIDED -> {
                if (x.size() == 0 || x.rank() == 0) {
                    yield x;
                }
                List<Integer> none = Collections.nCopies(x.rank(), 0);
                List<Integer> one = new ArrayList<>(none);
                one.set(x.rank() - 1, 1);
                int last = x.rank() - 1;
                Tensor stored = new Tensor(
                        Node.of(new Op.Pad(one, one, one, 1), x.flip(last).node()));
                Tensor leaf = Tensor.of(stored.buffer(), stored.shape());
                Index[] indices = new Index[x.rank()];
                java.util.Arrays.fill(indices, Index.all());
                // Elements 1, 3, ... of the leaf are those of x in reverse.
                int n = x.dim(last);
                indices[last] = Index.range(2 * n - 1, Integer.MIN_VALUE, -2);
                yield leaf.get(indices);
            }
        };
    }

    Tensor result(Tensor y) {
        return this == FUSED ? unchanged(y) : y;
    }

    /// The same elements by way of an operation that is not optimised away: the factor is known when
    /// it runs, and no sooner.
    private static Tensor unchanged(Tensor x) {
        DType d = x.dtype();
        if (d.isHalf()) {
            return unchanged(x.cast(DType.F32)).cast(d);
        }
        Tensor one = Tensor.scalar(1).cast(d).evaluate();
        return d == DType.BOOL ? x.and(one) : x.mul(one);
    }
}
