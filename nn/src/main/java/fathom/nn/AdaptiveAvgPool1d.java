package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.Tensor;

/// The mean under `length` windows that cover a sequence of any length, by channel: `[N, L, C]` to
/// `[N, length, C]`. The windows are those of [AdaptiveAvgPool2d].
///
/// @param length steps of the result
public record AdaptiveAvgPool1d(int length) implements Stateless {
    public AdaptiveAvgPool1d {
        Require.positive("adaptiveAvgPool1d: length", length);
    }

    @Override
    public Tensor forward(Tensor x) {
        return SequenceRows.asRows(x, new AdaptiveAvgPool2d(1, length)::forward);
    }
}
