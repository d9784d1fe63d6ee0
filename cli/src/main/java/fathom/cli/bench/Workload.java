package fathom.cli.bench;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/// What can be measured. Names and sizes are those of the peers' harness, so that figures compare.
public enum Workload {
    /// A product of two 1024 x 1024 matrices.
    GEMM("gemm", "GFLOP/s", 2.0 * 1024 * 1024 * 1024 / 1e9),
    /// Training of a 784-512-512-10 network on batches of 128.
    MLP_TRAIN("mlp-train", "samples/s", 128),
    /// Training of the MNIST convolutional network on batches of 128.
    CNN_TRAIN("cnn-train", "samples/s", 128),
    /// The same on batches of 32.
    CNN_TRAIN_32("cnn-train-32", "samples/s", 32),
    /// Its forward pass on batches of 128.
    CNN_INFER("cnn-infer", "samples/s", 128),
    /// Its forward pass on one image at a time.
    CNN_INFER_1("cnn-infer-1", "samples/s", 1),
    /// `layerNorm(gelu(x * a + b) + r)` over 4096 rows of 1024.
    ELEMENTWISE("elementwise", "elements/s", 4096 * 1024),
    /// Training of a residual network of 18 layers on batches of 32 images of 32 x 32.
    RESNET18_TRAIN("resnet18-train", "samples/s", 32),
    /// Training of an embedding, a long short-term memory of 256 and a classifier on batches of 32
    /// sequences of 100 words.
    LSTM_TRAIN("lstm-train", "samples/s", 32),
    /// Training of a transformer of 4 layers on batches of 8 contexts of 128 tokens.
    GPT_TRAIN("gpt-train", "tokens/s", 8 * 128),
    /// The same transformer writing, one token after the other.
    GPT_INFER("gpt-infer", "tokens/s", 1);

    private final String id;
    private final String unit;
    private final double perStep;

    Workload(String id, String unit, double perStep) {
        this.id = id;
        this.unit = unit;
        this.perStep = perStep;
    }

    /// The name on the command line.
    public String id() {
        return id;
    }

    /// What is counted.
    public String unit() {
        return unit;
    }

    /// How many of the units one step is.
    public double perStep() {
        return perStep;
    }

    /// Whether there is a loss that has to fall.
    public boolean trains() {
        return id.contains("-train");
    }

    /// The workload of a name.
    public static Optional<Workload> of(String id) {
        return Arrays.stream(values()).filter(w -> w.id.equals(id)).findFirst();
    }

    /// All names, as a list to read.
    public static String names() {
        return Arrays.stream(values()).map(Workload::id).collect(Collectors.joining(", "));
    }
}
