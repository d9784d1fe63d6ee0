package fathom.cli.bench;

import static fathom.nn.Layers.embedding;
import static fathom.nn.Layers.lastStep;
import static fathom.nn.Layers.linear;
import static fathom.nn.Layers.lstm;

import fathom.cli.mnist.MnistModel;
import fathom.nn.Module;
import fathom.nn.Sequential;
import fathom.nn.optim.Adam;
import fathom.nn.optim.AdamW;
import fathom.nn.optim.Sgd;
import fathom.nn.optim.UpdateRule;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/// Models of well-known kinds, each with data that it can learn and the rule that it is trained by.
public enum BenchModel {
    /// The MNIST convolutional network.
    CNN(128),
    /// The MNIST network of dense layers.
    MLP(128),
    /// A residual network of 18 layers on images of 32 x 32.
    RESNET18(32),
    /// Long short-term memory of 256 units on sequences of 100 words.
    LSTM(32),
    /// A transformer of 4 layers of width 256 on contexts of 128 tokens.
    GPT(8);

    private static final int SEED = 42;
    private static final int CLASSES = 10;
    private static final int WORDS = 10_000;
    private static final int TIME = 100;
    private static final int VOCABULARY = 512;
    private static final int CONTEXT = 128;

    private final int batch;

    BenchModel(int batch) {
        this.batch = batch;
    }

    /// The name on the command line.
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// The model of a name.
    public static Optional<BenchModel> of(String id) {
        return Arrays.stream(values()).filter(m -> m.id().equals(id)).findFirst();
    }

    /// All names, as a list to read.
    public static String names() {
        return Arrays.stream(values()).map(BenchModel::id).collect(Collectors.joining(", "));
    }

    /// The usual number of samples in a batch.
    public int batch() {
        return batch;
    }

    /// Made-up data.
    ///
    /// @param size samples in a batch
    public BenchData data(int size) {
        return switch (this) {
            case CNN, MLP -> BenchData.images(size, MnistModel.INPUT);
            case RESNET18 -> BenchData.images(size, ResNet18.INPUT);
            case LSTM -> BenchData.sequences(size, TIME, WORDS);
            case GPT -> BenchData.language(size, CONTEXT, VOCABULARY);
        };
    }

    /// The model with fresh weights.
    public Module build() {
        return switch (this) {
            case CNN -> MnistModel.CNN.build(SEED);
            case MLP -> MnistModel.MLP.build(SEED);
            case RESNET18 -> ResNet18.build(CLASSES, SEED);
            case LSTM ->
                Sequential.of(embedding(WORDS, 128), lstm(256), lastStep(), linear(2))
                        .build(Shape.of(TIME), RandomStream.of(SEED));
            case GPT -> transformer();
        };
    }

    static Gpt transformer() {
        return Gpt.build(VOCABULARY, CONTEXT, 256, 4, 4, SEED);
    }

    /// What it is trained by.
    public UpdateRule rule() {
        return switch (this) {
            case CNN, MLP, LSTM -> Adam.of(1e-3);
            case RESNET18 -> Sgd.of(0.01, 0.9);
            case GPT -> AdamW.of(3e-4).withWeightDecay(0.01);
        };
    }
}
