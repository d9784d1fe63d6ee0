package fathom.nn;

import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.function.UnaryOperator;

/// Sequences `[N, L, C]` as images of one row: there a layer of one dimension is one of two.
final class SequenceRows {
    private SequenceRows() {}

    /// What a function of images makes of sequences.
    static Tensor asRows(Tensor x, UnaryOperator<Tensor> ofImages) {
        Check.sequences(x);
        return ofImages.apply(x.unsqueeze(1)).squeeze(1);
    }

    /// The shape of a sample of that, from the function's on the shape of an image.
    static Shape output(Shape input, UnaryOperator<Shape> ofImages) {
        Check.sample(input, 2, "sequences [L, C]");
        Shape y = ofImages.apply(Shape.of(1, input.dim(0), input.dim(1)));
        return Shape.of(y.dim(1), y.dim(2));
    }
}
