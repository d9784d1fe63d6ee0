package fathom.nn;

import fathom.tensor.Tensor;
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
    public static Recurrent.Blueprint lstm(int units) {
        return new Recurrent.Blueprint(RecurrentCell.Kind.LSTM, units, false, 1, 0);
    }

    /// Gated recurrent units: the states of sequences `[T, in]`, `units` numbers for each step.
    public static Recurrent.Blueprint gru(int units) {
        return new Recurrent.Blueprint(RecurrentCell.Kind.GRU, units, false, 1, 0);
    }

    /// The plain recurrent layer: the states of sequences `[T, in]`, `units` numbers for each step.
    public static Recurrent.Blueprint rnn(int units) {
        return new Recurrent.Blueprint(RecurrentCell.Kind.RNN, units, false, 1, 0);
    }

    /// A layer whose inner values are computed anew for the gradient instead of being kept.
    public static Checkpoint.Blueprint checkpoint(Layer layer) {
        return new Checkpoint.Blueprint(layer);
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
}
