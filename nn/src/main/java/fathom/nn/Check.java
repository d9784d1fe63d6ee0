package fathom.nn;

import fathom.ir.Buffer;
import fathom.ir.Require;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.Optional;

/// Checks of arguments that several layers and losses share.
final class Check {
    private Check() {}

    /// A sample's shape with the given number of axes.
    static void sample(Shape input, int rank, String layout) {
        Require.that(input.rank() == rank, "samples of shape %s, expected %s", input, layout);
    }

    /// A batch of images.
    static void images(Tensor x) {
        Require.that(x.rank() == 4, "input %s, expected images [N, H, W, C]", x.type());
    }

    /// A batch of volumes.
    static void volumes(Tensor x) {
        Require.that(x.rank() == 5, "input %s, expected volumes [N, D, H, W, C]", x.type());
    }

    /// A batch of sequences.
    static void sequences(Tensor x) {
        Require.that(x.rank() == 3, "input %s, expected sequences [N, L, C]", x.type());
    }

    /// Elements that means can be taken of.
    static void floating(Tensor x) {
        Require.that(x.dtype().isFloating(), "input %s, expected F32 or F64", x.type());
    }

    /// A weight with the given number of axes.
    static void weight(String layer, Parameter weight, int rank, String layout) {
        Shape s = weight.shape();
        Require.that(s.rank() == rank, "%s: weight of shape %s, expected %s", layer, s, layout);
    }

    /// An input with the given number of axes and channels.
    ///
    /// @param layout what is expected, with `%s` for the channels
    static void channels(Tensor x, int rank, String layout, int channels, Shape weight) {
        boolean fits = x.rank() == rank && x.dim(-1) == channels;
        Require.that(fits, "input %s, expected " + layout + " for weight %s", x.type(), channels, weight);
    }

    /// A bias, if any, for each element of the weight's last axis.
    static void bias(String layer, Optional<Parameter> bias, Parameter weight) {
        bias(layer, bias, weight.shape().dim(-1));
    }

    /// A bias, if any, with the given number of elements.
    static void bias(String layer, Optional<Parameter> bias, int size) {
        Shape expected = Shape.of(size);
        bias.map(Parameter::shape)
                .ifPresent(
                        s -> Require.that(s.equals(expected), "%s: bias of shape %s, expected %s", layer, s, expected));
    }

    /// Indices from 0 to below `count`. Only elements that are there already are looked at; others
    /// are checked by the device when they are computed.
    static void indices(String where, String what, Tensor indices, int count) {
        boolean fits = indices.dtype() == DType.I32 || indices.dtype() == DType.I64;
        Require.that(fits, "%s: %ss of %s, expected I32 or I64", where, what, indices.type());
        if (indices.node().isEvaluated()) {
            Require.indices(where + ": " + what, indices.node().value(), count);
        }
    }

    /// [#indices(String, String, Tensor, int)], but for those that are `except`.
    static void indices(String where, String what, Tensor indices, int count, int except) {
        Tensor others = indices;
        if (indices.node().isEvaluated()) {
            Buffer given = indices.node().value();
            Buffer kept = Buffer.allocate(given.dtype(), given.size());
            for (int i = 0; i < given.size(); i++) {
                kept.setDouble(i, given.getLong(i) == except ? 0 : given.getLong(i));
            }
            others = Tensor.of(kept, indices.shape());
        }
        indices(where, what, others, count);
    }
}
