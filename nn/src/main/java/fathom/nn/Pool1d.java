package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;

/// What pooling layers of sequences have in common: they are those of images, of one row.
///
/// @param <P> the layer itself
sealed interface Pool1d<P> extends Stateless permits AvgPool1d, MaxPool1d {
    Sliding sliding();

    /// The layer over images of one row.
    Pool2d<?> rows();

    /// With windows that move otherwise.
    P with(Sliding other);

    default P stride(int stride) {
        return with(sliding().withStride(1, stride));
    }

    default P padding(Padding padding) {
        return with(sliding().withPadding(padding));
    }

    @Override
    default Tensor forward(Tensor x) {
        return SequenceRows.asRows(x, rows()::forward);
    }

    @Override
    default Shape output(Shape input) {
        return SequenceRows.output(input, rows()::output);
    }

    static void check(String layer, int kernel) {
        Require.positive(layer + ": kernel", kernel);
    }
}
