package fathom.nn.optim;

import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.util.List;

/// What is done to gradients before they are used.
public sealed interface Clipping {
    /// Nothing.
    record None() implements Clipping {}

    /// Every element is kept within `-limit` and `limit`.
    record ByValue(double limit) implements Clipping {
        public ByValue {
            Require.positive("clip by value: limit", limit);
        }
    }

    /// If the norm of all gradients together is above `limit`, all are scaled down to it. Pascanu,
    /// Mikolov and Bengio: *On the difficulty of training recurrent neural networks* (2013).
    record ByNorm(double limit) implements Clipping {
        public ByNorm {
            Require.positive("clip by norm: limit", limit);
        }
    }

    /// The gradients, clipped.
    default List<Tensor> apply(List<Tensor> gradients) {
        return switch (this) {
            case None none -> gradients;
            case ByValue v ->
                gradients.stream().map(g -> g.clamp(-v.limit(), v.limit())).toList();
            case ByNorm n -> {
                if (gradients.isEmpty()) {
                    yield gradients;
                }
                // The small number keeps gradients of zero as they are; as in PyTorch.
                Tensor factor = norm(gradients).add(1e-6).rdiv(n.limit()).minimum(1);
                yield gradients.stream().map(g -> g.mul(factor.cast(g.dtype()))).toList();
            }
        };
    }

    /// The Euclidean norm of all gradients taken as one vector.
    static Tensor norm(List<Tensor> gradients) {
        Tensor total = gradients.getFirst().square().sum();
        for (Tensor g : gradients.subList(1, gradients.size())) {
            total = total.add(g.square().sum().cast(total.dtype()));
        }
        return total.sqrt();
    }
}
