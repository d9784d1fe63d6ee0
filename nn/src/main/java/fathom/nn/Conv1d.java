package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.Optional;

/// One-dimensional convolution (cross-correlation) of sequences: `[N, L, C]` to `[N, OL, K]`.
///
/// @param weight `[KL, C / groups, K]`
/// @param bias `[K]`, if any
/// @param sliding stride, padding and dilation, of which those along the width count
/// @param groups parts into which the channels are cut, each convolved by itself
public record Conv1d(Parameter weight, Optional<Parameter> bias, Sliding sliding, int groups) implements Module {
    public Conv1d {
        Check.weight("Conv1d", weight, 3, "[KL, C, K]");
        Require.positive("Conv1d: groups", groups);
        Check.bias("Conv1d", bias, weight);
        sliding = sliding.alongWidth();
    }

    @Override
    public Tensor forward(Tensor x) {
        Shape w = weight.shape();
        Check.channels(x, 3, "sequences [N, L, %s]", w.dim(1) * groups, w);
        Tensor row = weight.value().unsqueeze(0);
        Tensor y = SequenceRows.asRows(x, rows -> rows.conv2d(row, sliding.over(1, w.dim(0), 1, x.dim(1)), groups));
        return ConvolutionSettings.plus(y, bias);
    }

    /// The blueprint of a [Conv1d].
    ///
    /// @param filters channels of the result
    /// @param groups parts into which the channels are cut, each convolved by itself
    /// @param settings what all convolutions share
    public record Blueprint(int filters, int groups, ConvolutionSettings settings)
            implements ConvolutionBlueprint<Blueprint> {
        public Blueprint {
            settings = settings.withSliding(settings.sliding().alongWidth());
            settings.check("conv1d", filters, groups);
        }

        public Blueprint groups(int count) {
            return new Blueprint(filters, count, settings);
        }

        @Override
        public Blueprint with(ConvolutionSettings other) {
            return new Blueprint(filters, groups, other);
        }

        @Override
        public Conv1d build(Shape input, RandomStream random) {
            output(input);
            return new Conv1d(
                    settings.weight(random, settings.kernelWidth(), input.dim(1) / groups, filters),
                    settings.bias(filters),
                    settings.sliding(),
                    groups);
        }

        @Override
        public Shape output(Shape input) {
            return SequenceRows.output(input, new Conv2d.Blueprint(filters, groups, settings)::output);
        }
    }
}
