package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.Arrays;

/// Turns pairs of elements of queries and keys `[..., T, d]` by angles that grow with the place, so
/// that their product depends on their distance only. Su et al.: *RoFormer: enhanced transformer
/// with rotary position embedding* (2021).
///
/// @param base by how much the slowest pair turns slower than the fastest
/// @param halves whether element i goes with element i + d / 2, as in GPT-NeoX, and not two that
///   are neighbours, as in the paper
/// @param scaling how the angles are changed for sequences longer than those of the training
public record RotaryPositions(double base, boolean halves, RotaryScaling scaling)
        implements PositionalEncoding, Stateless {
    public RotaryPositions {
        Require.positive("rotaryPositions: base", base);
    }

    /// Without scaling.
    public RotaryPositions(double base, boolean halves) {
        this(base, halves, RotaryScaling.none());
    }

    /// With base 10000 and pairs of neighbours.
    public static RotaryPositions of() {
        return new RotaryPositions(10000, false);
    }

    /// These with element i in one pair with element i + d / 2.
    public RotaryPositions inHalves() {
        return new RotaryPositions(base, true, scaling);
    }

    /// These with other angles.
    public RotaryPositions scaling(RotaryScaling other) {
        return new RotaryPositions(base, halves, other);
    }

    @Override
    public Tensor encode(Tensor x, Tensor places) {
        int width = x.dim(-1);
        Require.that(width % 2 == 0, "input %s, expected [..., T, d] with an even d", x.type());
        Tensor angles = PositionalEncoding.angles(places, scaling.rates(PositionalEncoding.rates(width, base)));
        Tensor cos = angles.cos().cast(x.dtype());
        Tensor sin = angles.sin().cast(x.dtype());
        // The axis along which a pair lies.
        int axis = halves ? x.rank() - 1 : x.rank();
        Tensor pairs = x.reshape(paired(x.shape()));
        Tensor first = pairs.at(axis, 0);
        Tensor second = pairs.at(axis, 1);
        Tensor turned = Tensor.stack(
                axis, first.mul(cos).sub(second.mul(sin)), second.mul(cos).add(first.mul(sin)));
        return turned.reshape(x.shape());
    }

    private Shape paired(Shape s) {
        int half = s.dim(-1) / 2;
        int[] sizes = Arrays.copyOf(s.dims(), s.rank() + 1);
        sizes[s.rank() - 1] = halves ? 2 : half;
        sizes[s.rank()] = halves ? half : 2;
        return Shape.of(sizes);
    }

    @Override
    public Shape output(Shape input) {
        boolean fits = input.rank() >= 2 && input.dim(-1) % 2 == 0;
        Require.that(fits, "samples of shape %s, expected [..., T, d] with an even d", input);
        return input;
    }
}
