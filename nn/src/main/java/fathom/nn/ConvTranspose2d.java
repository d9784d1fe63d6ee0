package fathom.nn;

import fathom.ir.Op;
import fathom.ir.Require;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.Optional;

/// Two-dimensional transposed convolution, the gradient of a [Conv2d] with respect to its images:
/// `[N, H, W, C]` to `[N, OH, OW, K]`. Zeiler et al.: *Deconvolutional networks* (2010).
///
/// `OH` is `(H - 1) * stride - before - after + dilation * (KH - 1) + 1 + outputPadding`, and `H *
/// stride` with [Padding#same]; so is `OW`.
///
/// @param weight `[KH, KW, K / groups, C]`
/// @param bias `[K]`, if any
/// @param sliding the convolution's stride, padding and dilation
/// @param groups parts into which the channels are cut, each convolved by itself
/// @param outputPaddingHeight rows more at the end of the result
/// @param outputPaddingWidth columns more at the end of the result
public record ConvTranspose2d(
        Parameter weight,
        Optional<Parameter> bias,
        Sliding sliding,
        int groups,
        int outputPaddingHeight,
        int outputPaddingWidth)
        implements Module {
    public ConvTranspose2d {
        Check.weight("ConvTranspose2d", weight, 4, "[KH, KW, K, C]");
        Require.positive("ConvTranspose2d: groups", groups);
        Check.bias("ConvTranspose2d", bias, weight.shape().dim(2) * groups);
        sliding.checkOutputPadding("ConvTranspose2d", outputPaddingHeight, outputPaddingWidth);
    }

    @Override
    public Tensor forward(Tensor x) {
        Shape w = weight.shape();
        Check.channels(x, 4, "images [N, H, W, %s]", w.dim(3), w);
        Tensor y = apply(x, weight.value(), sliding, groups, outputPaddingHeight, outputPaddingWidth);
        return ConvolutionSettings.plus(y, bias);
    }

    static Tensor apply(Tensor x, Tensor weight, Sliding sliding, int groups, int moreRows, int moreColumns) {
        int rows = weight.dim(0);
        int columns = weight.dim(1);
        Shape image = Shape.of(x.dim(1), x.dim(2), x.dim(3));
        Shape y = sliding.transposedOutput(image, rows, columns, moreRows, moreColumns, 1);
        var window = sliding.over(rows, columns, y.dim(0), y.dim(1));
        return Tensor.of(new Op.ConvolutionInputGradient(window, groups, y.dim(0), y.dim(1)), x, weight);
    }

    /// The blueprint of a [ConvTranspose2d].
    ///
    /// @param filters channels of the result
    /// @param groups parts into which the channels are cut, each convolved by itself
    /// @param outputPaddingHeight rows more at the end of the result
    /// @param outputPaddingWidth columns more at the end of the result
    /// @param settings what all convolutions share
    public record Blueprint(
            int filters, int groups, int outputPaddingHeight, int outputPaddingWidth, ConvolutionSettings settings)
            implements ConvolutionBlueprint.OfImages<Blueprint> {
        public Blueprint {
            settings.check("convTranspose2d", filters, groups);
        }

        public Blueprint groups(int count) {
            return new Blueprint(filters, count, outputPaddingHeight, outputPaddingWidth, settings);
        }

        /// With so many rows and columns more at the end.
        public Blueprint outputPadding(int both) {
            return outputPadding(both, both);
        }

        /// With so many rows and columns more at the end.
        public Blueprint outputPadding(int height, int width) {
            return new Blueprint(filters, groups, height, width, settings);
        }

        @Override
        public Blueprint with(ConvolutionSettings other) {
            return new Blueprint(filters, groups, outputPaddingHeight, outputPaddingWidth, other);
        }

        @Override
        public ConvTranspose2d build(Shape input, RandomStream random) {
            output(input);
            return new ConvTranspose2d(
                    settings.weight(
                            random, settings.kernelHeight(), settings.kernelWidth(), filters / groups, input.dim(2)),
                    settings.bias(filters),
                    settings.sliding(),
                    groups,
                    outputPaddingHeight,
                    outputPaddingWidth);
        }

        @Override
        public Shape output(Shape input) {
            // Not checked in the constructor: the stride may be set after the output padding.
            Sliding sliding = settings.sliding();
            sliding.checkOutputPadding("convTranspose2d", outputPaddingHeight, outputPaddingWidth);
            Shape output = sliding.transposedOutput(
                    input,
                    settings.kernelHeight(),
                    settings.kernelWidth(),
                    outputPaddingHeight,
                    outputPaddingWidth,
                    filters);
            ConvolutionSettings.channels(input.dim(2), groups);
            return output;
        }
    }
}
