package fathom.nn;

import fathom.tensor.Tensor;
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
        return new Conv2d.Blueprint(filters, height, width, Sliding.stride(1), 1, true, Initializer.glorotUniform());
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
        return new Embedding.Blueprint(vocabulary, width, Initializer.uniform(-0.05, 0.05));
    }

    /// Long short-term memory: the states of sequences `[T, in]`, `units` numbers for each step.
    public static Lstm.Blueprint lstm(int units) {
        return new Lstm.Blueprint(units);
    }

    /// Gated recurrent units: the states of sequences `[T, in]`, `units` numbers for each step.
    public static Gru.Blueprint gru(int units) {
        return new Gru.Blueprint(units);
    }

    /// The plain recurrent layer: the states of sequences `[T, in]`, `units` numbers for each step.
    public static Rnn.Blueprint rnn(int units) {
        return new Rnn.Blueprint(units);
    }

    /// A layer whose inner values are computed anew for the gradient instead of being kept.
    public static Checkpoint.Blueprint checkpoint(Layer layer) {
        return new Checkpoint.Blueprint(layer);
    }

    // ---- without ----

    /// The last step of each sequence: `[T, width]` to `[width]`.
    public static Activation lastStep() {
        return function("lastStep", x -> x.at(1, -1));
    }

    /// The greatest value under windows of `size x size` side by side.
    public static MaxPool2d maxPool2d(int size) {
        return new MaxPool2d(size, size, Sliding.stride(size));
    }

    /// The mean under windows of `size x size` side by side.
    public static AvgPool2d avgPool2d(int size) {
        return new AvgPool2d(size, size, Sliding.stride(size));
    }

    /// The mean over each image.
    public static GlobalAvgPool2d globalAvgPool2d() {
        return new GlobalAvgPool2d();
    }

    /// All axes of a sample merged into one.
    public static Flatten flatten() {
        return new Flatten();
    }

    /// Elements zeroed at random in training.
    public static Dropout dropout(double p) {
        return new Dropout(p);
    }

    /// Any function of tensors that keeps the batch axis.
    public static Activation function(String name, UnaryOperator<Tensor> function) {
        return new Activation(name, function);
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

    // ---- normalisation ----

    /// Group normalisation over `groups` groups of channels, with epsilon 1e-5.
    public static GroupNorm.Blueprint groupNorm(int groups) {
        return new GroupNorm.Blueprint(groups, 1e-5);
    }

    /// Instance normalisation without parameters, with epsilon 1e-5.
    public static InstanceNorm.Blueprint instanceNorm() {
        return new InstanceNorm.Blueprint(false, 1e-5);
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

    // ---- more activations ----

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
}
