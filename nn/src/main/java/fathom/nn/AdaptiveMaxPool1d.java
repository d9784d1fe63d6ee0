package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.Tensor;

/// The greatest value under `length` windows that cover a sequence of any length, by channel: `[N, L, C]` to
/// `[N, length, C]`. The windows are those of [AdaptiveMaxPool2d].
///
/// @param length steps of the result
public record AdaptiveMaxPool1d(int length) implements Stateless {
    public AdaptiveMaxPool1d {
        Require.positive("adaptiveMaxPool1d: length", length);
    }

    @Override
    public Tensor forward(Tensor x) {
        return SequenceRows.asRows(x, new AdaptiveMaxPool2d(1, length)::forward);
    }
}
