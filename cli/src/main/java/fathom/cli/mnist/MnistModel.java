package fathom.cli.mnist;

import static fathom.nn.Layers.conv2d;
import static fathom.nn.Layers.flatten;
import static fathom.nn.Layers.linear;
import static fathom.nn.Layers.maxPool2d;
import static fathom.nn.Layers.relu;

import fathom.nn.Chain;
import fathom.nn.Layer;
import fathom.nn.Sequential;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/// The models that learn digits.
public enum MnistModel {
    /// The well-known convolutional one: two convolutions, two poolings, two dense layers.
    CNN,
    /// Two hidden layers of 512.
    MLP;

    /// The shape of one sample.
    public static final Shape INPUT = Shape.of(DigitImage.SIDE, DigitImage.SIDE, 1);

    /// The name on the command line and in files.
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }

    /// The model of a name.
    public static Optional<MnistModel> of(String id) {
        return Arrays.stream(values()).filter(m -> m.id().equals(id)).findFirst();
    }

    /// All names, as a list to read.
    public static String names() {
        return Arrays.stream(values()).map(MnistModel::id).collect(Collectors.joining(" or "));
    }

    /// The model with fresh weights, which depend on the seed alone.
    public Chain build(long seed) {
        return new Sequential(layers()).build(INPUT, RandomStream.of(seed).split("weights"));
    }

    private List<Layer> layers() {
        return switch (this) {
            case CNN ->
                List.of(
                        conv2d(32, 3),
                        relu(),
                        maxPool2d(2),
                        conv2d(64, 3),
                        relu(),
                        maxPool2d(2),
                        flatten(),
                        linear(128),
                        relu(),
                        linear(10));
            case MLP -> List.of(flatten(), linear(512), relu(), linear(512), relu(), linear(10));
        };
    }
}
