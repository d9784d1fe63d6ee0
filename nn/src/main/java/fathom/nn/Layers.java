package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.UnaryOperator;

/// The blueprints of all layers, for `import static fathom.nn.Layers.*`.
///
/// Defaults are those by which the well-known examples were trained: weights by
/// [Initializer#glorotUniform], biases zero, no padding.
public final class Layers {
    private Layers() {}

    // ---- with parameters ----

    /// A matrix product over the last axis, plus a bias.
    public static Linear.Blueprint linear(int units) {
        return new Linear.Blueprint(units, true, Initializer.glorotUniform());
    }

    /// A convolution by filters of `kernel x kernel`.
    public static Conv2d.Blueprint conv2d(int filters, int kernel) {
        return conv2d(filters, kernel, kernel);
    }

    /// A convolution by filters of `height x width`.
    public static Conv2d.Blueprint conv2d(int filters, int height, int width) {
        return new Conv2d.Blueprint(filters, 1, ConvolutionSettings.of(height, width));
    }

    /// Batch normalisation over all axes but the last, with momentum 0.1 and epsilon 1e-5.
    public static BatchNorm.Blueprint batchNorm() {
        return new BatchNorm.Blueprint(0.1, 1e-5);
    }

    /// Layer normalisation over the last axis, with epsilon 1e-5.
    public static LayerNorm.Blueprint layerNorm() {
        return new LayerNorm.Blueprint(1, 1e-5);
    }

    /// A table of `vocabulary` vectors, initially even over -0.05 to 0.05.
    public static Embedding.Blueprint embedding(int vocabulary, int width) {
        return new Embedding.Blueprint(vocabulary, width, Initializer.uniform(-0.05, 0.05), OptionalInt.empty());
    }

    /// Long short-term memory: the states of sequences `[T, in]`, `units` numbers for each step.
    public static Recurrent.Blueprint lstm(int units) {
        return new Recurrent.Blueprint(RecurrentCell.Kind.LSTM, units, false, 1, 0, 0);
    }

    /// Gated recurrent units: the states of sequences `[T, in]`, `units` numbers for each step.
    public static Recurrent.Blueprint gru(int units) {
        return new Recurrent.Blueprint(RecurrentCell.Kind.GRU, units, false, 1, 0, 0);
    }

    /// The plain recurrent layer: the states of sequences `[T, in]`, `units` numbers for each step.
    public static Recurrent.Blueprint rnn(int units) {
        return new Recurrent.Blueprint(RecurrentCell.Kind.RNN, units, false, 1, 0, 0);
    }

    /// A layer whose inner values are computed anew for the gradient instead of being kept.
    public static Checkpointed.Blueprint checkpoint(Layer layer) {
        return new Checkpointed.Blueprint(layer);
    }

    // ---- attention ----

    /// Self-attention of sequences `[T, width]` with several heads, with biases and without dropout.
    public static MultiHeadAttention.Blueprint multiHeadAttention(int heads) {
        return new MultiHeadAttention.Blueprint(
                heads, heads, OptionalInt.empty(), AttentionMask.none(), 0, Optional.empty(), true);
    }

    /// A layer of a transformer's encoder with rectifiers, dropout 0.1 and normalisation at the end.
    public static TransformerEncoderLayer.Blueprint transformerEncoderLayer(int heads, int hidden) {
        MultiHeadAttention.Blueprint attention = multiHeadAttention(heads).dropout(0.1);
        return new TransformerEncoderLayer.Blueprint(attention, hidden, relu(), 0.1, false);
    }

    /// A layer of a transformer's decoder with causal self-attention, rectifiers, dropout 0.1 and
    /// normalisation at the end.
    public static TransformerDecoderLayer.Blueprint transformerDecoderLayer(int heads, int hidden) {
        MultiHeadAttention.Blueprint attention = multiHeadAttention(heads).dropout(0.1);
        return new TransformerDecoderLayer.Blueprint(attention.causal(), attention, hidden, relu(), 0.1, false);
    }

    /// Waves added to sequences `[T, width]`, with base 10000.
    public static SinusoidalPositions sinusoidalPositions() {
        return new SinusoidalPositions(10000);
    }

    /// Learned vectors added to sequences `[T, width]` of up to `context` steps, initially normal with
    /// standard deviation 0.02.
    public static LearnedPositions.Blueprint learnedPositions(int context) {
        return new LearnedPositions.Blueprint(context, Initializer.normal(0, 0.02));
    }

    // ---- graphs ----

    /// Convolution over the edges of a graph.
    public static GraphConv.Blueprint graphConv(int units) {
        return new GraphConv.Blueprint(units, true, Initializer.glorotUniform());
    }

    /// Attention over the edges of a graph, the heads' results side by side, without dropout.
    public static GraphAttention.Blueprint graphAttention(int units, int heads) {
        return new GraphAttention.Blueprint(units, heads, false, 0);
    }

    // ---- without ----

    /// The last step of each sequence: `[T, width]` to `[width]`.
    public static Activation lastStep() {
        return function("lastStep", x -> {
            Require.that(x.rank() >= 2, "input %s, expected sequences [N, T, ...]", x.type());
            return x.at(1, -1);
        });
    }

    /// All axes of a sample merged into one.
    public static Flatten flatten() {
        return new Flatten();
    }

    /// The elements of each sample under another shape; one size may be -1 and is inferred.
    ///
    /// @throws IllegalArgumentException if a size is 0, or more than one is -1
    public static Reshape reshape(int... sizes) {
        return new Reshape(Arrays.stream(sizes).boxed().toList());
    }

    /// The axes of each sample in another order, counted from 1 on, as axis 0 is the batch's: `permute(2, 1)`
    /// exchanges steps and channels of sequences.
    ///
    /// @throws IllegalArgumentException if the axes are not 1 and so on, each once
    public static Permute permute(int... order) {
        return new Permute(Arrays.stream(order).boxed().toList());
    }

    /// Elements zeroed at random in training.
    public static Dropout dropout(double p) {
        return new Dropout(p);
    }

    /// Any function of tensors that keeps the batch axis.
    public static Activation function(String name, UnaryOperator<Tensor> function) {
        return new Activation(name, function);
    }

    // ---- images and sequences ----

    /// A convolution of sequences `[L, C]` by filters of `kernel` steps.
    public static Conv1d.Blueprint conv1d(int filters, int kernel) {
        return new Conv1d.Blueprint(filters, 1, ConvolutionSettings.of(1, kernel));
    }

    /// A convolution of volumes `[D, H, W, C]` by filters of `kernel x kernel x kernel`.
    public static Conv3d.Blueprint conv3d(int filters, int kernel) {
        return conv3d(filters, kernel, kernel, kernel);
    }

    /// A convolution of volumes `[D, H, W, C]` by filters of `depth x height x width`.
    public static Conv3d.Blueprint conv3d(int filters, int depth, int height, int width) {
        return new Conv3d.Blueprint(filters, 1, depth, Sliding.stride(1), ConvolutionSettings.of(height, width));
    }

    /// A transposed convolution of sequences `[L, C]` by filters of `kernel` steps.
    public static ConvTranspose1d.Blueprint convTranspose1d(int filters, int kernel) {
        return new ConvTranspose1d.Blueprint(filters, 1, 0, ConvolutionSettings.of(1, kernel));
    }

    /// A transposed convolution by filters of `kernel x kernel`.
    public static ConvTranspose2d.Blueprint convTranspose2d(int filters, int kernel) {
        return convTranspose2d(filters, kernel, kernel);
    }

    /// A transposed convolution by filters of `height x width`.
    public static ConvTranspose2d.Blueprint convTranspose2d(int filters, int height, int width) {
        return new ConvTranspose2d.Blueprint(filters, 1, 0, 0, ConvolutionSettings.of(height, width));
    }

    /// A transposed convolution of volumes `[D, H, W, C]` by filters of `kernel x kernel x kernel`.
    public static ConvTranspose3d.Blueprint convTranspose3d(int filters, int kernel) {
        return convTranspose3d(filters, kernel, kernel, kernel);
    }

    /// A transposed convolution of volumes `[D, H, W, C]` by filters of `depth x height x width`.
    public static ConvTranspose3d.Blueprint convTranspose3d(int filters, int depth, int height, int width) {
        return new ConvTranspose3d.Blueprint(
                filters, 1, depth, Sliding.stride(1), List.of(0, 0, 0), ConvolutionSettings.of(height, width));
    }

    /// A convolution of each channel by itself, by one filter of `kernel x kernel`.
    public static DepthwiseConv2d depthwiseConv2d(int kernel) {
        return depthwiseConv2d(kernel, kernel);
    }

    /// A convolution of each channel by itself, by one filter of `height x width`.
    public static DepthwiseConv2d depthwiseConv2d(int height, int width) {
        return new DepthwiseConv2d(1, ConvolutionSettings.of(height, width));
    }

    /// A convolution of each channel by one filter of `kernel x kernel`, and then of each pixel by `filters`.
    public static SeparableConv2d.Blueprint separableConv2d(int filters, int kernel) {
        return separableConv2d(filters, kernel, kernel);
    }

    /// A convolution of each channel by one filter of `height x width`, and then of each pixel by `filters`.
    public static SeparableConv2d.Blueprint separableConv2d(int filters, int height, int width) {
        return new SeparableConv2d.Blueprint(filters, 1, ConvolutionSettings.of(height, width));
    }

    /// The greatest value under windows of `size` steps side by side.
    public static MaxPool1d maxPool1d(int size) {
        return new MaxPool1d(size, Sliding.stride(size));
    }

    /// The greatest value under windows of `size x size` side by side.
    public static MaxPool2d maxPool2d(int size) {
        return new MaxPool2d(size, size, Sliding.stride(size));
    }

    /// The mean under windows of `size` steps side by side.
    public static AvgPool1d avgPool1d(int size) {
        return new AvgPool1d(size, Sliding.stride(size));
    }

    /// The mean under windows of `size x size` side by side.
    public static AvgPool2d avgPool2d(int size) {
        return new AvgPool2d(size, size, Sliding.stride(size));
    }

    /// The greatest value under `length` windows that cover a sequence of any length.
    public static AdaptiveMaxPool1d adaptiveMaxPool1d(int length) {
        return new AdaptiveMaxPool1d(length);
    }

    /// The greatest value under `height x width` windows that cover an image of any size.
    public static AdaptiveMaxPool2d adaptiveMaxPool2d(int height, int width) {
        return new AdaptiveMaxPool2d(height, width);
    }

    /// The mean under `length` windows that cover a sequence of any length.
    public static AdaptiveAvgPool1d adaptiveAvgPool1d(int length) {
        return new AdaptiveAvgPool1d(length);
    }

    /// The mean under `height x width` windows that cover an image of any size.
    public static AdaptiveAvgPool2d adaptiveAvgPool2d(int height, int width) {
        return new AdaptiveAvgPool2d(height, width);
    }

    /// The greatest value of each sequence.
    public static GlobalMaxPool1d globalMaxPool1d() {
        return new GlobalMaxPool1d();
    }

    /// The greatest value of each image.
    public static GlobalMaxPool2d globalMaxPool2d() {
        return new GlobalMaxPool2d();
    }

    /// The mean over each sequence.
    public static GlobalAvgPool1d globalAvgPool1d() {
        return new GlobalAvgPool1d();
    }

    /// The mean over each image.
    public static GlobalAvgPool2d globalAvgPool2d() {
        return new GlobalAvgPool2d();
    }

    /// The greatest value under windows of `size x size x size` side by side.
    public static MaxPool3d maxPool3d(int size) {
        return new MaxPool3d(size, size, size, Sliding.stride(size), Sliding.stride(size));
    }

    /// The mean under windows of `size x size x size` side by side.
    public static AvgPool3d avgPool3d(int size) {
        return new AvgPool3d(size, size, size, Sliding.stride(size), Sliding.stride(size));
    }

    /// The greatest value under `depth x height x width` windows that cover a volume of any size.
    public static AdaptiveMaxPool3d adaptiveMaxPool3d(int depth, int height, int width) {
        return new AdaptiveMaxPool3d(depth, height, width);
    }

    /// The mean under `depth x height x width` windows that cover a volume of any size.
    public static AdaptiveAvgPool3d adaptiveAvgPool3d(int depth, int height, int width) {
        return new AdaptiveAvgPool3d(depth, height, width);
    }

    /// The greatest value of each volume.
    public static GlobalMaxPool3d globalMaxPool3d() {
        return new GlobalMaxPool3d();
    }

    /// The mean over each volume.
    public static GlobalAvgPool3d globalAvgPool3d() {
        return new GlobalAvgPool3d();
    }

    /// Zeros before and after sequences: `zeroPad1d(Padding.of(2, 0))`.
    public static Pad1d zeroPad1d(Padding.Explicit padding) {
        return new Pad1d(padding, Border.ZERO);
    }

    /// Zeros around images: `zeroPad2d(Padding.of(1))`.
    public static Pad2d zeroPad2d(Padding.Explicit padding) {
        return new Pad2d(padding, Border.ZERO);
    }

    /// Sequences mirrored at both ends, whose elements are not repeated.
    public static Pad1d reflectPad1d(Padding.Explicit padding) {
        return new Pad1d(padding, Border.REFLECT);
    }

    /// Images mirrored at their borders, whose pixels are not repeated.
    public static Pad2d reflectPad2d(Padding.Explicit padding) {
        return new Pad2d(padding, Border.REFLECT);
    }

    /// Sequences whose ends go on.
    public static Pad1d replicatePad1d(Padding.Explicit padding) {
        return new Pad1d(padding, Border.REPLICATE);
    }

    /// Images whose borders go on.
    public static Pad2d replicatePad2d(Padding.Explicit padding) {
        return new Pad2d(padding, Border.REPLICATE);
    }

    /// Sequences made longer by a whole factor, each step repeated.
    public static Upsample1d upsample1d(int factor) {
        return new Upsample1d(factor, Interpolation.NEAREST);
    }

    /// Images made larger by a whole factor, each pixel repeated.
    public static Upsample2d upsample2d(int factor) {
        return new Upsample2d(factor, factor, Interpolation.NEAREST);
    }

    /// Images brought to a size by the nearest pixels.
    public static Resize2d resize2d(int height, int width) {
        return new Resize2d(height, width, Interpolation.NEAREST);
    }

    /// Channels spread over the pixels of an image `factor` times the size.
    public static PixelShuffle pixelShuffle(int factor) {
        return new PixelShuffle(factor);
    }

    /// Blocks of `factor x factor` pixels made channels of one.
    public static PixelUnshuffle pixelUnshuffle(int factor) {
        return new PixelUnshuffle(factor);
    }

    /// `units` bilinear forms of two vectors side by side, of which the first has `first` elements.
    public static Bilinear.Blueprint bilinear(int first, int units) {
        return new Bilinear.Blueprint(first, units, true, Initializer.glorotUniform());
    }

    /// Channels scaled by what a small network makes of their means, with 16 times fewer units.
    public static SqueezeExcitation.Blueprint squeezeExcitation() {
        return squeezeExcitation(16);
    }

    /// Channels scaled by what a small network makes of their means, with `reduction` times fewer units.
    public static SqueezeExcitation.Blueprint squeezeExcitation(int reduction) {
        return new SqueezeExcitation.Blueprint(reduction);
    }

    // ---- combinations ----

    /// The layers one after the other, and their result added to their input.
    public static Residual.Blueprint residual(Layer... layers) {
        return new Residual.Blueprint(Sequential.of(layers), Optional.empty());
    }

    /// The sum of what the branches make of the same input.
    public static Parallel.Blueprint parallel(Layer... branches) {
        return new Parallel.Blueprint(List.of(branches));
    }

    /// What the branches make of the same input, side by side along the channels.
    public static Concat.Blueprint concat(Layer... branches) {
        return new Concat.Blueprint(List.of(branches));
    }

    // ---- activations ----

    public static Activation relu() {
        return function("relu", Activations::relu);
    }

    public static Activation relu6() {
        return function("relu6", Activations::relu6);
    }

    /// With slope 0.01.
    public static Activation leakyRelu() {
        return leakyRelu(0.01);
    }

    public static Activation leakyRelu(double slope) {
        return function("leakyRelu(" + slope + ")", x -> Activations.leakyRelu(x, slope));
    }

    /// With alpha 1.
    public static Activation elu() {
        return elu(1);
    }

    public static Activation elu(double alpha) {
        return function("elu(" + alpha + ")", x -> Activations.elu(x, alpha));
    }

    public static Activation selu() {
        return function("selu", Activations::selu);
    }

    public static Activation gelu() {
        return function("gelu", Activations::gelu);
    }

    public static Activation geluTanh() {
        return function("geluTanh", Activations::geluTanh);
    }

    public static Activation silu() {
        return function("silu", Activations::silu);
    }

    public static Activation mish() {
        return function("mish", Activations::mish);
    }

    public static Activation softplus() {
        return function("softplus", Activations::softplus);
    }

    public static Activation softsign() {
        return function("softsign", Activations::softsign);
    }

    public static Activation sigmoid() {
        return function("sigmoid", Activations::sigmoid);
    }

    public static Activation logSigmoid() {
        return function("logSigmoid", Activations::logSigmoid);
    }

    public static Activation hardSigmoid() {
        return function("hardSigmoid", Activations::hardSigmoid);
    }

    public static Activation hardSwish() {
        return function("hardSwish", Activations::hardSwish);
    }

    public static Activation tanh() {
        return function("tanh", Activations::tanh);
    }

    /// Over the last axis.
    public static Activation softmax() {
        return function("softmax", x -> Activations.softmax(x, -1));
    }

    /// Over the last axis.
    public static Activation logSoftmax() {
        return function("logSoftmax", x -> Activations.logSoftmax(x, -1));
    }

    /// With alpha 1.
    public static Activation celu() {
        return celu(1);
    }

    public static Activation celu(double alpha) {
        return function("celu(" + alpha + ")", x -> Activations.celu(x, alpha));
    }

    /// One slope for all channels, 0.25 at first.
    public static PRelu.Blueprint prelu() {
        return new PRelu.Blueprint(false, 0.25);
    }

    /// Over the last axis, whose size is halved.
    public static Activation glu() {
        return function("glu", x -> Activations.glu(x, -1));
    }

    /// The feed-forward block with a gate: `hidden` channels inside, as many out as in, no biases.
    public static SwiGlu.Blueprint swiglu(int hidden) {
        return new SwiGlu.Blueprint(hidden, false, Initializer.glorotUniform());
    }

    /// Units that are each the greatest of `pieces` linear functions.
    public static Maxout.Blueprint maxout(int units, int pieces) {
        return new Maxout.Blueprint(units, pieces, Initializer.glorotUniform());
    }

    public static Activation threshold(double threshold, double value) {
        return function("threshold(" + threshold + ", " + value + ")", x -> Activations.threshold(x, threshold, value));
    }

    public static Activation hardTanh() {
        return function("hardTanh", Activations::hardTanh);
    }

    /// With lambda 0.5.
    public static Activation hardShrink() {
        return hardShrink(0.5);
    }

    public static Activation hardShrink(double lambda) {
        return function("hardShrink(" + lambda + ")", x -> Activations.hardShrink(x, lambda));
    }

    /// With lambda 0.5.
    public static Activation softShrink() {
        return softShrink(0.5);
    }

    public static Activation softShrink(double lambda) {
        return function("softShrink(" + lambda + ")", x -> Activations.softShrink(x, lambda));
    }

    public static Activation tanhShrink() {
        return function("tanhShrink", Activations::tanhShrink);
    }

    // ---- normalisation ----

    /// Group normalisation over `groups` groups of channels, with epsilon 1e-5.
    public static GroupNorm.Blueprint groupNorm(int groups) {
        return new GroupNorm.Blueprint(groups, 1e-5);
    }

    /// Instance normalisation without parameters, with epsilon 1e-5.
    public static InstanceNorm.Blueprint instanceNorm() {
        return new InstanceNorm.Blueprint(1e-5);
    }

    /// Normalisation by the root of the mean square over the last axis, with epsilon 1e-6.
    public static RmsNorm.Blueprint rmsNorm() {
        return new RmsNorm.Blueprint(1, 1e-6);
    }

    /// A layer whose parameter `weight` is learnt as lengths and directions.
    public static WeightNorm.Blueprint weightNorm(Layer layer) {
        return new WeightNorm.Blueprint(layer, "weight");
    }

    /// A layer whose parameter `weight` is divided by its greatest singular value, with one power
    /// iteration for each call in training and epsilon 1e-12.
    public static SpectralNorm.Blueprint spectralNorm(Layer layer) {
        return new SpectralNorm.Blueprint(layer, "weight", 1, 1e-12);
    }

    // ---- regularisation ----

    /// Channels of sequences `[L, C]` zeroed at random in training, each as a whole.
    public static SpatialDropout spatialDropout1d(double p) {
        return new SpatialDropout(p, 1);
    }

    /// Channels of images `[H, W, C]` zeroed at random in training, each as a whole.
    public static SpatialDropout spatialDropout2d(double p) {
        return new SpatialDropout(p, 2);
    }

    /// Channels of volumes `[D, H, W, C]` zeroed at random in training, each as a whole.
    public static SpatialDropout spatialDropout3d(double p) {
        return new SpatialDropout(p, 3);
    }

    /// Dropout that keeps mean and variance, for [#selu].
    public static AlphaDropout alphaDropout(double p) {
        return new AlphaDropout(p);
    }

    /// Stochastic depth: samples zeroed at random in training, each as a whole.
    public static DropPath dropPath(double p) {
        return new DropPath(p);
    }

    /// Normal noise added in training.
    public static GaussianNoise gaussianNoise(double standardDeviation) {
        return new GaussianNoise(standardDeviation);
    }
}
