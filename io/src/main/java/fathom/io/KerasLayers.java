package fathom.io;

import fathom.nn.Activations;
import fathom.nn.AvgPool2d;
import fathom.nn.BatchNorm;
import fathom.nn.Border;
import fathom.nn.Conv2d;
import fathom.nn.Dropout;
import fathom.nn.Flatten;
import fathom.nn.GlobalAvgPool2d;
import fathom.nn.GlobalMaxPool2d;
import fathom.nn.Linear;
import fathom.nn.MaxPool2d;
import fathom.nn.Module;
import fathom.nn.Pad2d;
import fathom.nn.Padding;
import fathom.nn.Parameter;
import fathom.nn.Reshape;
import fathom.nn.Sliding;
import fathom.tensor.Tensor;
import fathom.tensor.Variable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BinaryOperator;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/// The layers of Keras that models can be made of, by the names of Keras' classes.
final class KerasLayers {
    private static final Map<String, Function<KerasLayer, Step>> ALL = Map.ofEntries(
            Map.entry("Activation", layer -> Step.applying(layer, activation(layer))),
            Map.entry("Add", layer -> merge(layer, Tensor::add)),
            Map.entry("AveragePooling2D", KerasLayers::averagePooling),
            Map.entry("BatchNormalization", KerasLayers::batchNormalization),
            Map.entry("Concatenate", KerasLayers::concatenate),
            Map.entry("Conv2D", KerasLayers::convolution),
            Map.entry("Dense", KerasLayers::dense),
            Map.entry("DepthwiseConv2D", KerasLayers::depthwise),
            Map.entry(
                    "Dropout",
                    layer -> Step.of(layer, new Dropout(layer.config().number("rate")))),
            Map.entry("Flatten", layer -> Step.of(channelsLast(layer), new Flatten())),
            Map.entry("GlobalAveragePooling2D", layer -> Step.of(pooled(layer), new GlobalAvgPool2d())),
            Map.entry("GlobalMaxPooling2D", layer -> Step.of(pooled(layer), new GlobalMaxPool2d())),
            Map.entry("MaxPooling2D", KerasLayers::maxPooling),
            Map.entry("Multiply", layer -> merge(layer, Tensor::mul)),
            Map.entry("ReLU", KerasLayers::relu),
            Map.entry("Reshape", KerasLayers::reshape),
            Map.entry("Softmax", layer -> Step.applying(lastAxis(layer, "axis", -1), x -> x.softmax(-1))),
            Map.entry("ZeroPadding2D", KerasLayers::zeroPadding));

    private static final Map<String, UnaryOperator<Tensor>> ACTIVATIONS = Map.ofEntries(
            Map.entry("elu", x -> Activations.elu(x, 1)),
            Map.entry("gelu", Activations::gelu),
            Map.entry("linear", x -> x),
            Map.entry("relu", Tensor::relu),
            Map.entry("relu6", Activations::relu6),
            Map.entry("selu", Activations::selu),
            Map.entry("sigmoid", Tensor::sigmoid),
            Map.entry("silu", Activations::silu),
            Map.entry("softmax", x -> x.softmax(-1)),
            Map.entry("softplus", Activations::softplus),
            Map.entry("softsign", Activations::softsign),
            Map.entry("swish", Activations::silu),
            Map.entry("tanh", Tensor::tanh));

    private KerasLayers() {}

    /// One layer of a model as Fathom computes it.
    ///
    /// @param inputs the layers that it follows
    /// @param module what its parameters are in, if it has any
    /// @param frozen running statistics that stay as they are
    record Step(
            String name,
            List<String> inputs,
            Optional<Module> module,
            List<Variable> frozen,
            Function<List<Tensor>, Tensor> function) {
        static Step of(KerasLayer layer, Module module) {
            return of(layer, module, x -> x);
        }

        static Step of(KerasLayer layer, Module module, UnaryOperator<Tensor> after) {
            one(layer);
            return new Step(
                    layer.name(),
                    layer.inputs(),
                    Optional.of(module),
                    List.of(),
                    x -> after.apply(module.apply(x.getFirst())));
        }

        static Step applying(KerasLayer layer, UnaryOperator<Tensor> function) {
            one(layer);
            return new Step(
                    layer.name(), layer.inputs(), Optional.empty(), List.of(), x -> function.apply(x.getFirst()));
        }

        Step withFrozen(List<Variable> statistics) {
            return new Step(name, inputs, module, statistics, function);
        }

        private static void one(KerasLayer layer) {
            layer.require(layer.inputs().size() == 1, "inputs " + layer.inputs() + ", expected one");
        }
    }

    static boolean has(String kind) {
        return ALL.containsKey(kind);
    }

    /// @throws IllegalArgumentException if its settings are others than Fathom has, or its weights do
    ///   not fit them
    static Step build(KerasLayer layer) {
        Function<KerasLayer, Step> builder = ALL.get(layer.kind());
        if (builder == null) {
            throw layer.error("no such layer, expected one of " + ALL.keySet());
        }
        try {
            Step step = builder.apply(layer);
            layer.checkAllUsed();
            return step;
        } catch (IllegalArgumentException e) {
            throw layer.error(e);
        }
    }

    // ---- settings that several have ----

    private static UnaryOperator<Tensor> activation(KerasLayer layer) {
        String name = layer.config().text("activation", "linear");
        UnaryOperator<Tensor> function = ACTIVATIONS.get(name);
        if (function == null) {
            throw layer.error("activation " + SafetensorsHeader.quoted(name) + ", expected one of "
                    + ACTIVATIONS.keySet().stream().sorted().toList());
        }
        return function;
    }

    private static KerasLayer channelsLast(KerasLayer layer) {
        String format = layer.config().text("data_format", "channels_last");
        layer.require(format.equals("channels_last"), "data_format '" + format + "', expected channels_last");
        return layer;
    }

    private static KerasLayer pooled(KerasLayer layer) {
        layer.require(!layer.config().flag("keepdims", false), "keepdims, expected none");
        return channelsLast(layer);
    }

    /// That an axis is the last one, which for images is 3.
    private static KerasLayer lastAxis(KerasLayer layer, String key, int otherwise) {
        Object given = layer.config().values().getOrDefault(key, (long) otherwise);
        Object axis = given instanceof List<?> list && list.size() == 1 ? list.getFirst() : given;
        layer.require(axis.equals(-1L) || axis.equals(3L), "'" + key + "', expected the last axis, -1 or 3");
        return layer;
    }

    /// @param steps of which there is one each row and column if the layer does not say
    private static Sliding sliding(KerasLayer layer, int[] steps) {
        channelsLast(layer);
        String name = layer.config().text("padding", "valid");
        Padding padding = switch (name) {
            case "valid" -> Padding.valid();
            case "same" -> Padding.same();
            default -> throw layer.error("padding " + SafetensorsHeader.quoted(name) + ", expected valid or same");
        };
        int[] stride = layer.pair("strides", steps);
        int[] dilation = layer.pair("dilation_rate", new int[] {1, 1});
        return Sliding.stride(stride[0], stride[1]).withPadding(padding).withDilation(dilation[0], dilation[1]);
    }

    // ---- with weights ----

    private static Step dense(KerasLayer layer) {
        int units = layer.config().integer("units");
        return Step.of(layer, new Linear(layer.weight("kernel", -1, units), layer.bias(units)), activation(layer));
    }

    private static Step convolution(KerasLayer layer) {
        int[] size = layer.pair("kernel_size", null);
        int filters = layer.config().integer("filters");
        int groups = layer.config().integer("groups", 1);
        Parameter kernel = layer.weight("kernel", size[0], size[1], -1, filters);
        Sliding sliding = sliding(layer, new int[] {1, 1});
        return Step.of(layer, new Conv2d(kernel, layer.bias(filters), sliding, groups), activation(layer));
    }

    private static Step depthwise(KerasLayer layer) {
        int[] size = layer.pair("kernel_size", null);
        int multiplier = layer.config().integer("depth_multiplier", 1);
        Tensor kernel = layer.weight("depthwise_kernel", size[0], size[1], -1, multiplier)
                .value();
        Parameter grouped = layer.trained(Parameter.of(KerasWeights.depthwise(kernel)));
        int channels = kernel.dim(2);
        Sliding sliding = sliding(layer, new int[] {1, 1});
        Optional<Parameter> bias = layer.bias(channels * multiplier);
        return Step.of(layer, new Conv2d(grouped, bias, sliding, channels), activation(layer));
    }

    /// One that is not trained leaves its statistics as they are, as in Keras.
    private static Step batchNormalization(KerasLayer layer) {
        lastAxis(layer, "axis", -1);
        ModelConfiguration config = layer.config();
        Tensor mean = layer.weight("moving_mean", -1).value();
        int channels = mean.dim(0);
        Variable runningMean = Variable.of(mean);
        Variable runningVariance =
                Variable.of(layer.weight("moving_variance", channels).value());
        // Without the one or the other Keras has no weight, and what takes its place is not trained.
        Parameter weight = config.flag("scale", true)
                ? layer.weight("gamma", channels)
                : Parameter.of(Tensor.ones(channels)).frozen();
        Parameter bias = config.flag("center", true)
                ? layer.weight("beta", channels)
                : Parameter.of(Tensor.zeros(channels)).frozen();
        double momentum = 1 - config.number("momentum", 0.99);
        double epsilon = config.number("epsilon", 1e-3);
        Step step = Step.of(layer, new BatchNorm(weight, bias, runningMean, runningVariance, momentum, epsilon));
        return config.flag("trainable", true) ? step : step.withFrozen(List.of(runningMean, runningVariance));
    }

    // ---- without ----

    private static Step relu(KerasLayer layer) {
        double slope = layer.config().number("negative_slope", 0);
        double threshold = layer.config().number("threshold", 0);
        double most = layer.config().number("max_value", Double.POSITIVE_INFINITY);
        return Step.applying(layer, x -> {
            boolean isPlain = slope == 0 && threshold == 0;
            Tensor y = isPlain
                    ? x.relu()
                    : x.greaterEqual(threshold).select(x, x.sub(threshold).mul(slope));
            return most < Double.POSITIVE_INFINITY ? y.minimum(most) : y;
        });
    }

    private static Step zeroPadding(KerasLayer layer) {
        channelsLast(layer);
        List<Integer> sides = new ArrayList<>();
        Object padding = layer.config().values().get("padding");
        if (padding instanceof List<?> axes && axes.size() == 2 && axes.getFirst() instanceof List) {
            for (Object axis : axes) {
                layer.require(axis instanceof List<?> two && two.size() == 2, "'padding', expected two pairs");
                ((List<?>) axis).forEach(side -> sides.add(layer.size("padding", side)));
            }
        } else {
            for (int side : layer.pair("padding", null)) {
                sides.add(side);
                sides.add(side);
            }
        }
        Padding.Explicit around = Padding.of(sides.get(0), sides.get(1), sides.get(2), sides.get(3));
        return Step.of(layer, new Pad2d(around, Border.ZERO));
    }

    private static Step maxPooling(KerasLayer layer) {
        int[] size = layer.pair("pool_size", null);
        return Step.of(layer, new MaxPool2d(size[0], size[1], sliding(layer, size)));
    }

    /// Padding does not count in Keras: the mean is that of what is inside.
    private static Step averagePooling(KerasLayer layer) {
        int[] size = layer.pair("pool_size", null);
        AvgPool2d pooling = new AvgPool2d(size[0], size[1], sliding(layer, size));
        if (pooling.sliding().padding() instanceof Padding.Valid) {
            return Step.of(layer, pooling);
        }
        return Step.applying(layer, x -> pooling.apply(x).div(pooling.apply(Tensor.ones(1, x.dim(1), x.dim(2), 1))));
    }

    private static Step reshape(KerasLayer layer) {
        List<Integer> sizes = new ArrayList<>();
        for (Object size : layer.config().list("target_shape")) {
            sizes.add(size.equals(-1L) ? -1 : layer.size("target_shape", size));
        }
        return Step.of(layer, new Reshape(sizes));
    }

    // ---- of several ----

    private static Step merge(KerasLayer layer, BinaryOperator<Tensor> function) {
        layer.require(layer.inputs().size() >= 2, "inputs " + layer.inputs() + ", expected two or more");
        return new Step(
                layer.name(),
                layer.inputs(),
                Optional.empty(),
                List.of(),
                x -> x.stream().reduce(function).orElseThrow());
    }

    private static Step concatenate(KerasLayer layer) {
        lastAxis(layer, "axis", -1);
        return new Step(layer.name(), layer.inputs(), Optional.empty(), List.of(), x -> Tensor.concat(-1, x));
    }
}
