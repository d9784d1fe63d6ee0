package fathom.nn;

import fathom.ir.Buffer;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;

/// Checks of arguments that several layers and losses share.
final class Check {
    private Check() {}

    /// At least 1.
    static void positive(String what, int value) {
        if (value < 1) {
            throw new IllegalArgumentException(what + " " + value + ", expected at least 1");
        }
    }

    /// Above 0 and finite.
    static void positive(String what, double value) {
        if (!(value > 0 && value < Double.POSITIVE_INFINITY)) {
            throw new IllegalArgumentException(what + " " + value + ", expected a number above 0");
        }
    }

    /// From 0 to below 1.
    static void fraction(String what, double value) {
        if (!(value >= 0 && value < 1)) {
            throw new IllegalArgumentException(what + " " + value + ", expected 0 or more and below 1");
        }
    }

    /// A sample's shape with the given number of axes.
    static void sample(Shape input, int rank, String layout) {
        if (input.rank() != rank) {
            throw new IllegalArgumentException("samples of shape " + input + ", expected " + layout);
        }
    }

    /// A batch of images.
    static void images(Tensor x) {
        if (x.rank() != 4) {
            throw new IllegalArgumentException("input " + x.dtype() + x.shape() + ", expected images [N, H, W, C]");
        }
    }

    /// Indices from 0 to below `count`. Only elements that are there already are looked at; others
    /// are checked by the device when they are computed.
    static void indices(String where, String what, Tensor indices, int count) {
        if (indices.dtype() != DType.I32 && indices.dtype() != DType.I64) {
            throw new IllegalArgumentException(
                    where + ": " + what + "s of " + indices.dtype() + indices.shape() + ", expected I32 or I64");
        }
        if (!indices.node().isEvaluated()) {
            return;
        }
        Buffer buffer = indices.node().value();
        for (int i = 0; i < buffer.size(); i++) {
            long label = buffer.getLong(i);
            if (label < 0 || label >= count) {
                throw new IllegalArgumentException(where
                        + ": "
                        + what
                        + " "
                        + label
                        + " at position "
                        + i
                        + ", expected 0 to "
                        + (count - 1)
                        + ", as there are "
                        + count);
            }
        }
    }
}
