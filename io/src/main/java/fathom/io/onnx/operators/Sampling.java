package fathom.io.onnx.operators;

import fathom.ir.Op;
import fathom.tensor.DType;
import fathom.tensor.Tensor;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// Elements of images at places between the elements. Differentiable in both.
///
/// @param images `[N, H * W, C]`, with any number of axes for H and W
/// @param sizes H, W
/// @param border what is outside
@SuppressWarnings("ArrayRecordComponent") // Neither compared nor given out.
record Sampling(Tensor images, int[] sizes, Border border) {

    /// What is outside of an image.
    enum Border {
        /// Nothing.
        ZEROS,
        /// What is on the border.
        EDGE,
        /// The image mirrored at the outer side of the elements on the border.
        MIRROR,
        /// The image mirrored at the middle of the elements on the border.
        MIRROR_CENTRES;

        static Border of(String mode, boolean corners) {
            return switch (mode) {
                case "zeros" -> ZEROS;
                case "border" -> EDGE;
                case "reflection" -> corners ? MIRROR_CENTRES : MIRROR;
                default ->
                    throw new IllegalArgumentException(
                            "padding_mode '" + mode + "', expected zeros, border or reflection");
            };
        }

        /// Places inside of an axis that stand for those outside.
        private Tensor within(Tensor place, int size) {
            return switch (this) {
                case ZEROS -> place;
                case EDGE -> place.clamp(0, size - 1);
                case MIRROR -> mirrored(place, -0.5, size).clamp(0, size - 1);
                case MIRROR_CENTRES -> mirrored(place, 0, size - 1);
            };
        }

        private static Tensor mirrored(Tensor place, double least, double range) {
            if (range == 0) {
                return ElementwiseOperators.full(place, least);
            }
            Tensor period = ElementwiseOperators.full(place, 2 * range);
            Tensor inside = place.sub(least).mod(period);
            return inside.minimum(inside.rsub(2 * range)).add(least);
        }
    }

    /// What is made of the elements around a place.
    enum Mode {
        NEAREST,
        LINEAR,
        CUBIC
    }

    /// The elements at places, `[N, P, C]`.
    ///
    /// @param places for each axis of the images the places, `[N, P]`, 0 being the first element
    Tensor at(List<Tensor> places, Mode mode) {
        // In the other modes it is the taps that are brought inside, and not the place between them.
        Tensor[] moved = new Tensor[sizes.length];
        for (int i = 0; i < sizes.length; i++) {
            Tensor p = places.get(i);
            moved[i] = mode == Mode.LINEAR ? border.within(p, sizes[i]) : p;
        }
        Tensor none = Tensor.full(moved[0].shape(), DType.I32, 0);
        return taps(moved, 0, mode, none, null);
    }

    /// The sum over the taps of the axes from one on.
    ///
    /// @param index where the taps of the axes before are
    /// @param weight their weight, null for 1
    private Tensor taps(Tensor[] places, int axis, Mode mode, Tensor index, @Nullable Tensor weight) {
        if (axis == sizes.length) {
            Tensor found = Tensor.of(new Op.Gather(1, 1), images, index);
            return weight == null ? found : found.mul(weight.unsqueeze(2));
        }
        Tensor p = places[axis];
        Tensor below = (mode == Mode.NEAREST ? p.round() : p.floor()).detach();
        int first = mode == Mode.CUBIC ? -1 : 0;
        int last = mode == Mode.CUBIC ? 2 : mode == Mode.LINEAR ? 1 : 0;
        Tensor sum = null;
        for (int k = first; k <= last; k++) {
            Tensor at = below.add(k);
            Tensor share = mode == Mode.NEAREST ? null : share(p.sub(at).abs(), mode);
            Tensor inner =
                    border == Border.ZEROS ? at : border.within(at, sizes[axis]).round();
            if (border == Border.ZEROS) {
                Tensor inside =
                        at.greaterEqual(0).and(at.lessEqual(sizes[axis] - 1)).cast(p.dtype());
                share = share == null ? inside : share.mul(inside);
            }
            Tensor row = inner.clamp(0, sizes[axis] - 1).cast(DType.I32);
            Tensor next = index.mul(sizes[axis]).add(row);
            Tensor all = weight == null ? share : share == null ? weight : weight.mul(share);
            Tensor part = taps(places, axis + 1, mode, next, all);
            sum = sum == null ? part : sum.add(part);
        }
        return Objects.requireNonNull(sum);
    }

    /// How much an element at a distance counts: in the cubic mode by Keys' kernel with a slope of -3/4.
    private static Tensor share(Tensor d, Mode mode) {
        if (mode == Mode.LINEAR) {
            return d.rsub(1);
        }
        Tensor near = d.mul(1.25).sub(2.25).mul(d).mul(d).add(1);
        Tensor far = d.mul(-0.75).add(3.75).mul(d).sub(6).mul(d).add(3);
        return d.lessEqual(1).select(near, far);
    }
}
