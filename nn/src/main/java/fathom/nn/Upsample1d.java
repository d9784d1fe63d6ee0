package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.Tensor;

/// Sequences made longer by a whole factor: `[N, L, C]` to `[N, L * factor, C]`.
///
/// @param factor by how much
/// @param interpolation what the new steps are made of
public record Upsample1d(int factor, Interpolation interpolation) implements Stateless {
    public Upsample1d {
        Require.positive("upsample1d: factor", factor);
    }

    public Upsample1d interpolation(Interpolation other) {
        return new Upsample1d(factor, other);
    }

    @Override
    public Tensor forward(Tensor x) {
        return SequenceRows.asRows(x, new Upsample2d(1, factor, interpolation)::forward);
    }
}
