package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.Optional;

/// One-dimensional transposed convolution of sequences: `[N, L, C]` to `[N, OL, K]`, where `OL` is
/// as [ConvTranspose2d] says.
///
/// @param weight `[KL, K / groups, C]`
/// @param bias `[K]`, if any
/// @param sliding the convolution's stride, padding and dilation, of which those along the width
///   count
/// @param groups parts into which the channels are cut, each convolved by itself
/// @param outputPadding steps more at the end of the result
public record ConvTranspose1d(
        Parameter weight, Optional<Parameter> bias, Sliding sliding, int groups, int outputPadding) implements Module {
    public ConvTranspose1d {
        Check.weight("ConvTranspose1d", weight, 3, "[KL, K, C]");
        Require.positive("ConvTranspose1d: groups", groups);
        Check.bias("ConvTranspose1d", bias, weight.shape().dim(1) * groups);
        sliding = sliding.alongWidth();
        sliding.checkOutputPadding("ConvTranspose1d", 0, outputPadding);
    }

    @Override
    public Tensor forward(Tensor x) {
        Shape w = weight.shape();
        Check.channels(x, 3, "sequences [N, L, %s]", w.dim(2), w);
        Tensor row = weight.value().unsqueeze(0);
        Tensor y = SequenceRows.asRows(x, rows -> ConvTranspose2d.apply(rows, row, sliding, groups, 0, outputPadding));
        return ConvolutionSettings.plus(y, bias);
    }

    /// The blueprint of a [ConvTranspose1d].
    ///
    /// @param filters channels of the result
    /// @param groups parts into which the channels are cut, each convolved by itself
    /// @param outputPadding steps more at the end of the result
    /// @param settings what all convolutions share
    public record Blueprint(int filters, int groups, int outputPadding, ConvolutionSettings settings)
            implements ConvolutionBlueprint<Blueprint> {
        public Blueprint {
            settings = settings.withSliding(settings.sliding().alongWidth());
            settings.check("convTranspose1d", filters, groups);
        }

        public Blueprint groups(int count) {
            return new Blueprint(filters, count, outputPadding, settings);
        }

        public Blueprint outputPadding(int steps) {
            return new Blueprint(filters, groups, steps, settings);
        }

        @Override
        public Blueprint with(ConvolutionSettings other) {
            return new Blueprint(filters, groups, outputPadding, other);
        }

        @Override
        public ConvTranspose1d build(Shape input, RandomStream random) {
            output(input);
            return new ConvTranspose1d(
                    settings.weight(random, settings.kernelWidth(), filters / groups, input.dim(1)),
                    settings.bias(filters),
                    settings.sliding(),
                    groups,
                    outputPadding);
        }

        @Override
        public Shape output(Shape input) {
            return SequenceRows.output(
                    input, new ConvTranspose2d.Blueprint(filters, groups, 0, outputPadding, settings)::output);
        }
    }
}
