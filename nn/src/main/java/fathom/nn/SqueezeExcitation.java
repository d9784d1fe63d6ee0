package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;

/// Squeeze and excitation: each channel of an image `[N, H, W, C]` (or a sequence `[N, L, C]`) is
/// scaled by a number from 0 to 1 that a small network finds from the means of all channels:
/// `x * sigmoid(excite(relu(squeeze(mean(x)))))`. Hu et al.: *Squeeze-and-excitation networks*
/// (2018).
///
/// @param squeeze `[C, C / reduction]`
/// @param excite `[C / reduction, C]`
public record SqueezeExcitation(Linear squeeze, Linear excite) implements Module {
    @Override
    public Tensor forward(Tensor x) {
        int channels = squeeze.weight().shape().dim(0);
        boolean fits = (x.rank() == 3 || x.rank() == 4) && x.dim(-1) == channels;
        String message = "input %s, expected images [N, H, W, %s] or sequences [N, L, %s]";
        Require.that(fits, message, x.type(), channels, channels);
        int[] inner = x.rank() == 4 ? new int[] {1, 2} : new int[] {1};
        return x.mul(excite.apply(squeeze.apply(x.mean(true, inner)).relu()).sigmoid());
    }

    /// The blueprint of a [SqueezeExcitation].
    ///
    /// @param reduction by how much the channels are more than the units between the two layers, of
    ///   which there is at least one
    public record Blueprint(int reduction) implements Layer {
        public Blueprint {
            Require.positive("squeezeExcitation: reduction", reduction);
        }

        @Override
        public SqueezeExcitation build(Shape input, RandomStream random) {
            output(input);
            int channels = input.dim(-1);
            int units = Math.max(1, channels / reduction);
            Initializer initializer = Initializer.glorotUniform();
            return new SqueezeExcitation(
                    new Linear.Blueprint(units, true, initializer).build(Shape.of(channels), random.split("squeeze")),
                    new Linear.Blueprint(channels, true, initializer).build(Shape.of(units), random.split("excite")));
        }

        @Override
        public Shape output(Shape input) {
            boolean fits = input.rank() == 2 || input.rank() == 3;
            Require.that(fits, "samples of shape %s, expected images [H, W, C] or sequences [L, C]", input);
            return input;
        }
    }
}
