package fathom.io;

import fathom.nn.Activations;
import fathom.nn.BatchNorm;
import fathom.nn.Dropout;
import fathom.nn.GaussianNoise;
import fathom.nn.LayerNorm;
import fathom.nn.Linear;
import fathom.nn.Parameter;
import fathom.nn.Permute;
import fathom.nn.Reshape;
import fathom.tensor.Tensor;
import fathom.tensor.Variable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/// The layers of Keras that models can be made of, by the names of Keras' classes: those for any shape here, and those
/// of [KerasImages] and [KerasSequences].
final class KerasLayers {
    private static final Map<String, Function<KerasLayer, KerasStep>> ALL = Map.ofEntries(
            Map.entry("Activation", layer -> KerasStep.applying(layer, KerasActivations.of(layer))),
            Map.entry("Add", layer -> merge(layer, Tensor::add)),
            Map.entry("Average", KerasLayers::average),
            Map.entry("BatchNormalization", KerasLayers::batchNormalization),
            Map.entry("Concatenate", KerasLayers::concatenate),
            Map.entry("Dense", KerasLayers::dense),
            Map.entry(
                    "Dropout",
                    layer -> KerasStep.of(layer, new Dropout(layer.config().number("rate")))),
            Map.entry("ELU", layer -> {
                double alpha = layer.config().number("alpha", 1);
                return KerasStep.applying(layer, x -> Activations.elu(x, alpha));
            }),
            Map.entry(
                    "GaussianNoise",
                    layer ->
                            KerasStep.of(layer, new GaussianNoise(layer.config().number("stddev")))),
            Map.entry("LayerNormalization", KerasLayers::layerNormalization),
            Map.entry("LeakyReLU", KerasLayers::leakyRelu),
            Map.entry("Maximum", layer -> merge(layer, Tensor::maximum)),
            Map.entry("Minimum", layer -> merge(layer, Tensor::minimum)),
            Map.entry("Multiply", layer -> merge(layer, Tensor::mul)),
            Map.entry("Permute", KerasLayers::permute),
            Map.entry("ReLU", KerasLayers::relu),
            Map.entry("Rescaling", KerasLayers::rescaling),
            Map.entry("Reshape", KerasLayers::reshape),
            Map.entry("Softmax", KerasLayers::softmax),
            Map.entry("Subtract", layer -> merge(layer, Tensor::sub)));

    private KerasLayers() {}

    /// Whether there is a layer of that class. Keras 3 has operations of the same names as some layers,
    /// which are others.
    static boolean has(ModelConfiguration layer) {
        boolean isLayer = !layer.text("module", "").contains(".ops");
        return isLayer && builder(layer.text("class_name")).isPresent();
    }

    private static Optional<Function<KerasLayer, KerasStep>> builder(String kind) {
        return Optional.ofNullable(ALL.get(kind))
                .or(() -> Optional.ofNullable(KerasImages.ALL.get(kind)))
                .or(() -> Optional.ofNullable(KerasSequences.ALL.get(kind)));
    }

    /// @throws IllegalArgumentException if its settings are others than Fathom has, or its weights do
    ///   not fit them
    static KerasStep build(KerasLayer layer) {
        Function<KerasLayer, KerasStep> builder = builder(layer.kind()).orElseThrow(() -> {
            TreeSet<String> known = new TreeSet<>(ALL.keySet());
            known.addAll(KerasImages.ALL.keySet());
            known.addAll(KerasSequences.ALL.keySet());
            return layer.error("no such layer, expected one of " + known);
        });
        try {
            KerasStep step = builder.apply(layer);
            layer.checkAllUsed();
            return step;
        } catch (IllegalArgumentException e) {
            throw layer.error(e);
        }
    }

    /// The axis that a layer has to be told, if it is not told from the end: Keras 2 says 1 for the last axis of
    /// `[N, C]`, and 3 for that of images.
    private static OptionalInt axis(KerasLayer layer, String key) {
        Object given = layer.config().values().getOrDefault(key, -1L);
        Object axis = given instanceof List<?> list && list.size() == 1 ? list.getFirst() : given;
        return axis.equals(-1L) ? OptionalInt.empty() : OptionalInt.of(layer.size(key, axis));
    }

    /// That an axis is the last one, which shows when the layer is used.
    private static UnaryOperator<Tensor> lastAxis(KerasLayer layer, UnaryOperator<Tensor> function) {
        OptionalInt axis = axis(layer, "axis");
        return x -> {
            if (axis.isPresent()) {
                String what = "'axis' is %s, expected the last axis of %s".formatted(axis.getAsInt(), x.type());
                layer.require(axis.getAsInt() == x.rank() - 1, what);
            }
            return function.apply(x);
        };
    }

    // ---- with weights ----

    private static KerasStep dense(KerasLayer layer) {
        int units = layer.config().integer("units");
        return KerasStep.activated(layer, new Linear(layer.weight("kernel", -1, units), layer.bias(units)));
    }

    /// A weight that Keras leaves out if the layer is told so; what takes its place is not trained.
    private static Optional<Parameter> optional(KerasLayer layer, String flag, String key) {
        return layer.config().flag(flag, true) ? Optional.of(layer.weight(key, -1)) : Optional.empty();
    }

    private static Parameter ones(int size) {
        return Parameter.of(Tensor.ones(size)).frozen();
    }

    private static Parameter zeros(int size) {
        return Parameter.of(Tensor.zeros(size)).frozen();
    }

    /// One that is not trained leaves its statistics as they are, as in Keras.
    private static KerasStep batchNormalization(KerasLayer layer) {
        ModelConfiguration config = layer.config();
        Optional<Parameter> gamma = optional(layer, "scale", "gamma");
        Optional<Parameter> beta = optional(layer, "center", "beta");
        Tensor mean = layer.weight("moving_mean", -1).value();
        int channels = mean.dim(0);
        Variable runningMean = Variable.of(mean);
        Variable runningVariance =
                Variable.of(layer.weight("moving_variance", channels).value());
        double momentum = 1 - config.number("momentum", 0.99);
        double epsilon = config.number("epsilon", 1e-3);
        BatchNorm norm = new BatchNorm(
                gamma.orElseGet(() -> ones(channels)),
                beta.orElseGet(() -> zeros(channels)),
                runningMean,
                runningVariance,
                momentum,
                epsilon);
        KerasStep step = KerasStep.of(layer, norm, lastAxis(layer, norm::apply));
        return config.flag("trainable", true) ? step : step.withFrozen(List.of(runningMean, runningVariance));
    }

    private static KerasStep layerNormalization(KerasLayer layer) {
        layer.require(!layer.config().flag("rms_scaling", false), "rms_scaling, expected none");
        Optional<Parameter> gamma = optional(layer, "scale", "gamma");
        Optional<Parameter> beta = optional(layer, "center", "beta");
        layer.require(gamma.isPresent() || beta.isPresent(), "neither scale nor center, expected one of them");
        int channels = gamma.or(() -> beta).orElseThrow().shape().dim(0);
        LayerNorm norm = new LayerNorm(
                gamma.orElseGet(() -> ones(channels)),
                beta.orElseGet(() -> zeros(channels)),
                layer.config().number("epsilon", 1e-3));
        return KerasStep.of(layer, norm, lastAxis(layer, norm::apply));
    }

    // ---- without ----

    private static KerasStep relu(KerasLayer layer) {
        double slope = layer.config().number("negative_slope", 0);
        double threshold = layer.config().number("threshold", 0);
        double most = layer.config().number("max_value", Double.POSITIVE_INFINITY);
        return KerasStep.applying(layer, x -> {
            boolean isPlain = slope == 0 && threshold == 0;
            Tensor y = isPlain
                    ? x.relu()
                    : x.greaterEqual(threshold).select(x, x.sub(threshold).mul(slope));
            return most < Double.POSITIVE_INFINITY ? y.minimum(most) : y;
        });
    }

    /// The slope was called `alpha` before Keras 3.
    private static KerasStep leakyRelu(KerasLayer layer) {
        ModelConfiguration config = layer.config();
        double slope = config.number("negative_slope", config.number("alpha", 0.3));
        return KerasStep.applying(layer, x -> Activations.leakyRelu(x, slope));
    }

    private static KerasStep softmax(KerasLayer layer) {
        return KerasStep.applying(layer, lastAxis(layer, x -> x.softmax(-1)));
    }

    private static KerasStep rescaling(KerasLayer layer) {
        double scale = layer.config().number("scale");
        double offset = layer.config().number("offset", 0);
        return KerasStep.applying(layer, x -> x.mul(scale).add(offset));
    }

    private static KerasStep reshape(KerasLayer layer) {
        List<Integer> sizes = new ArrayList<>();
        for (Object size : layer.config().list("target_shape")) {
            sizes.add(size.equals(-1L) ? -1 : layer.size("target_shape", size));
        }
        return KerasStep.of(layer, new Reshape(sizes));
    }

    private static KerasStep permute(KerasLayer layer) {
        List<Integer> order = new ArrayList<>();
        layer.config().list("dims").forEach(axis -> order.add(layer.size("dims", axis)));
        return KerasStep.of(layer, new Permute(order));
    }

    // ---- of several ----

    private static KerasStep merge(KerasLayer layer, BinaryOperator<Tensor> function) {
        return KerasStep.merging(layer, x -> x.stream().reduce(function).orElseThrow());
    }

    private static KerasStep average(KerasLayer layer) {
        return KerasStep.merging(
                layer, x -> x.stream().reduce(Tensor::add).orElseThrow().div(x.size()));
    }

    private static KerasStep concatenate(KerasLayer layer) {
        OptionalInt axis = axis(layer, "axis");
        return KerasStep.merging(
                layer, x -> Tensor.concat(axis.orElse(x.getFirst().rank() - 1), x));
    }
}
