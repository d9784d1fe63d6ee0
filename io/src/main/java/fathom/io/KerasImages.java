package fathom.io;

import fathom.nn.AvgPool2d;
import fathom.nn.Border;
import fathom.nn.Conv2d;
import fathom.nn.ConvTranspose2d;
import fathom.nn.Flatten;
import fathom.nn.GlobalAvgPool2d;
import fathom.nn.GlobalMaxPool2d;
import fathom.nn.Interpolation;
import fathom.nn.MaxPool2d;
import fathom.nn.Module;
import fathom.nn.Pad2d;
import fathom.nn.Padding;
import fathom.nn.Parameter;
import fathom.nn.SeparableConv2d;
import fathom.nn.Sliding;
import fathom.nn.SpatialDropout;
import fathom.nn.Upsample2d;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/// The layers of Keras for images.
final class KerasImages {
    static final Map<String, Function<KerasLayer, KerasStep>> ALL = Map.ofEntries(
            Map.entry("AveragePooling2D", KerasImages::averagePooling),
            Map.entry("Conv2D", KerasImages::convolution),
            Map.entry("Conv2DTranspose", KerasImages::transposed),
            Map.entry("DepthwiseConv2D", KerasImages::depthwise),
            Map.entry("Flatten", layer -> KerasStep.of(channelsLast(layer), new Flatten())),
            Map.entry("GlobalAveragePooling2D", layer -> global(layer, new GlobalAvgPool2d())),
            Map.entry("GlobalMaxPooling2D", layer -> global(layer, new GlobalMaxPool2d())),
            Map.entry("MaxPooling2D", KerasImages::maxPooling),
            Map.entry("SeparableConv2D", KerasImages::separable),
            Map.entry(
                    "SpatialDropout2D",
                    layer -> KerasStep.of(
                            channelsLast(layer),
                            new SpatialDropout(layer.config().number("rate"), 2))),
            Map.entry("UpSampling2D", KerasImages::upsampling),
            Map.entry("ZeroPadding2D", KerasImages::zeroPadding));

    private KerasImages() {}

    // ---- settings that several have ----

    static KerasLayer channelsLast(KerasLayer layer) {
        String format = layer.config().text("data_format", "channels_last");
        layer.require(format.equals("channels_last"), "data_format '" + format + "', expected channels_last");
        return layer;
    }

    static KerasStep global(KerasLayer layer, Module pooling) {
        layer.require(!layer.config().flag("keepdims", false), "keepdims, expected none");
        return KerasStep.of(channelsLast(layer), pooling);
    }

    static Padding padding(KerasLayer layer) {
        String name = layer.config().text("padding", "valid");
        return switch (name) {
            case "valid" -> Padding.valid();
            case "same" -> Padding.same();
            default -> throw layer.error("padding " + SafetensorsHeader.quoted(name) + ", expected valid or same");
        };
    }

    /// @param steps of which there is one each row and column if the layer does not say
    private static Sliding sliding(KerasLayer layer, int[] steps) {
        channelsLast(layer);
        Padding padding = padding(layer);
        int[] stride = layer.pair("strides", steps);
        int[] dilation = layer.pair("dilation_rate", new int[] {1, 1});
        return Sliding.stride(stride[0], stride[1]).withPadding(padding).withDilation(dilation[0], dilation[1]);
    }

    // ---- convolutions ----

    private static KerasStep convolution(KerasLayer layer) {
        int[] size = layer.pair("kernel_size", null);
        int filters = layer.config().integer("filters");
        int groups = layer.config().integer("groups", 1);
        Parameter kernel = layer.weight("kernel", size[0], size[1], -1, filters);
        Sliding sliding = sliding(layer, new int[] {1, 1});
        return KerasStep.activated(layer, new Conv2d(kernel, layer.bias(filters), sliding, groups));
    }

    private static KerasStep depthwise(KerasLayer layer) {
        // So it was called before Keras 3.
        Parameter grouped = grouped(layer, layer.hasWeight("depthwise_kernel") ? "depthwise_kernel" : "kernel");
        int channels = grouped.shape().dim(3) / layer.config().integer("depth_multiplier", 1);
        Sliding sliding = sliding(layer, new int[] {1, 1});
        Optional<Parameter> bias = layer.bias(grouped.shape().dim(3));
        return KerasStep.activated(layer, new Conv2d(grouped, bias, sliding, channels));
    }

    /// A depthwise kernel as that of a convolution with as many groups as channels.
    private static Parameter grouped(KerasLayer layer, String key) {
        int[] size = layer.pair("kernel_size", null);
        int multiplier = layer.config().integer("depth_multiplier", 1);
        Tensor kernel = layer.weight(key, size[0], size[1], -1, multiplier).value();
        return layer.trained(Parameter.of(KerasWeights.depthwise(kernel)));
    }

    private static KerasStep separable(KerasLayer layer) {
        Parameter grouped = grouped(layer, "depthwise_kernel");
        int wide = grouped.shape().dim(3);
        int channels = wide / layer.config().integer("depth_multiplier", 1);
        int filters = layer.config().integer("filters");
        Parameter pointwise = layer.weight("pointwise_kernel", 1, 1, wide, filters);
        return KerasStep.activated(
                layer,
                new SeparableConv2d(
                        new Conv2d(grouped, Optional.empty(), sliding(layer, new int[] {1, 1}), channels),
                        new Conv2d(pointwise, layer.bias(filters), Sliding.stride(1), 1)));
    }

    private static KerasStep transposed(KerasLayer layer) {
        int[] size = layer.pair("kernel_size", null);
        int filters = layer.config().integer("filters");
        layer.require(!layer.config().has("output_padding"), "output_padding, expected none");
        Parameter kernel = layer.weight("kernel", size[0], size[1], filters, -1);
        Sliding sliding = sliding(layer, new int[] {1, 1});
        return KerasStep.activated(layer, new ConvTranspose2d(kernel, layer.bias(filters), sliding, 1, 0, 0));
    }

    // ---- without weights ----

    private static KerasStep zeroPadding(KerasLayer layer) {
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
        return KerasStep.of(layer, new Pad2d(around, Border.ZERO));
    }

    private static KerasStep maxPooling(KerasLayer layer) {
        int[] size = layer.pair("pool_size", null);
        return KerasStep.of(layer, new MaxPool2d(size[0], size[1], sliding(layer, size)));
    }

    /// Padding does not count in Keras: the mean is that of what is inside.
    private static KerasStep averagePooling(KerasLayer layer) {
        int[] size = layer.pair("pool_size", null);
        AvgPool2d pooling = new AvgPool2d(size[0], size[1], sliding(layer, size));
        if (pooling.sliding().padding() instanceof Padding.Valid) {
            return KerasStep.of(layer, pooling);
        }
        return KerasStep.applying(
                layer, x -> pooling.apply(x).div(pooling.apply(Tensor.ones(1, x.dim(1), x.dim(2), 1))));
    }

    private static KerasStep upsampling(KerasLayer layer) {
        int[] size = layer.pair("size", new int[] {2, 2});
        String name = layer.config().text("interpolation", "nearest");
        Interpolation interpolation = switch (name) {
            case "nearest" -> Interpolation.NEAREST;
            case "bilinear" -> Interpolation.BILINEAR;
            default ->
                throw layer.error("interpolation " + SafetensorsHeader.quoted(name) + ", expected nearest or bilinear");
        };
        return KerasStep.of(channelsLast(layer), new Upsample2d(size[0], size[1], interpolation));
    }
}
