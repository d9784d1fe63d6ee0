package fathom.io;

import fathom.nn.AvgPool1d;
import fathom.nn.Bidirectional;
import fathom.nn.Conv1d;
import fathom.nn.Embedding;
import fathom.nn.GlobalAvgPool1d;
import fathom.nn.GlobalMaxPool1d;
import fathom.nn.Gru;
import fathom.nn.Lstm;
import fathom.nn.MaxPool1d;
import fathom.nn.Padding;
import fathom.nn.Parameter;
import fathom.nn.Recurrent;
import fathom.nn.RecurrentCell;
import fathom.nn.Rnn;
import fathom.nn.Sequences;
import fathom.nn.Sliding;
import fathom.nn.SpatialDropout;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// The layers of Keras for texts and other sequences.
final class KerasSequences {
    static final Map<String, Function<KerasLayer, KerasStep>> ALL = Map.ofEntries(
            Map.entry("AveragePooling1D", KerasSequences::averagePooling),
            Map.entry("Bidirectional", KerasSequences::bidirectional),
            Map.entry("Conv1D", KerasSequences::convolution),
            Map.entry("Embedding", KerasSequences::embedding),
            Map.entry("GRU", KerasSequences::recurrent),
            Map.entry("GlobalAveragePooling1D", layer -> KerasImages.global(layer, new GlobalAvgPool1d())),
            Map.entry("GlobalMaxPooling1D", layer -> KerasImages.global(layer, new GlobalMaxPool1d())),
            Map.entry("LSTM", KerasSequences::recurrent),
            Map.entry("MaxPooling1D", KerasSequences::maxPooling),
            Map.entry("RepeatVector", KerasSequences::repeat),
            Map.entry("SimpleRNN", KerasSequences::recurrent),
            Map.entry(
                    "SpatialDropout1D",
                    layer -> KerasStep.of(
                            layer, new SpatialDropout(layer.config().number("rate"), 1))));

    private KerasSequences() {}

    // ---- words ----

    /// Whose results have no mask: with `mask_zero` the layers after it would leave out steps.
    private static KerasStep embedding(KerasLayer layer) {
        ModelConfiguration config = layer.config();
        layer.require(!config.flag("mask_zero", false), "mask_zero, expected none");
        Parameter table = layer.weight("embeddings", config.integer("input_dim"), config.integer("output_dim"));
        Embedding embedding = new Embedding(table);
        // Keras takes words that are told as floating-point numbers, too.
        return KerasStep.of(layer, embedding, x -> embedding.apply(x.dtype().isFloating() ? x.cast(DType.I32) : x));
    }

    private static KerasStep repeat(KerasLayer layer) {
        int times = layer.config().integer("n");
        return KerasStep.applying(layer, x -> {
            layer.require(x.rank() == 2, "input " + x.type() + ", expected [N, C]");
            return x.unsqueeze(1).broadcastTo(Shape.of(x.dim(0), times, x.dim(1)));
        });
    }

    // ---- recurrent layers ----

    private static KerasStep recurrent(KerasLayer layer) {
        layer.require(!layer.config().flag("go_backwards", false), "go_backwards, expected none");
        return recurrent(layer, cell(layer), layer.config().flag("return_sequences", false));
    }

    /// What Keras gives is the first tensor of the state at the end of each direction, or all steps.
    private static KerasStep recurrent(KerasLayer layer, Recurrent recurrent, boolean all) {
        int ways = recurrent instanceof Bidirectional ? 2 : 1;
        return KerasStep.of(layer, recurrent, x -> {
            Recurrent.Result result = recurrent.run(Sequences.of(x));
            if (all) {
                return result.outputs();
            }
            Tensor first = result.state().getFirst();
            return ways == 1 ? first : Tensor.concat(1, first, result.state().get(recurrent.states() / ways));
        });
    }

    private static KerasStep bidirectional(KerasLayer layer) {
        String merge = layer.config().text("merge_mode", "concat");
        layer.require(merge.equals("concat"), "merge_mode '" + merge + "', expected concat");
        KerasLayer there = layer.inner("layer", "forward_");
        // Keras 2 leaves out the other one where it is the same the other way round.
        KerasLayer back = layer.inner(layer.config().has("backward_layer") ? "backward_layer" : "layer", "backward_");
        Recurrent both = new Bidirectional(cell(there), cell(back));
        there.checkAllUsed();
        back.checkAllUsed();
        return recurrent(layer, both, there.config().flag("return_sequences", false));
    }

    private static RecurrentCell cell(KerasLayer layer) {
        ModelConfiguration config = layer.config();
        for (String key : List.of("return_state", "stateful", "time_major")) {
            layer.require(!config.flag(key, false), key + ", expected none");
        }
        expect(layer, "activation", "tanh");
        int units = config.integer("units");
        return switch (layer.kind()) {
            case "LSTM" -> {
                expect(layer, "recurrent_activation", "sigmoid");
                yield new Lstm(kernel(layer, 4 * units), state(layer, units, 4), bias(layer, 4 * units));
            }
            case "SimpleRNN" -> new Rnn(kernel(layer, units), state(layer, units, 1), bias(layer, units));
            case "GRU" -> gru(layer, units);
            default -> throw layer.error(layer.kind() + " within it, expected LSTM, GRU or SimpleRNN");
        };
    }

    private static void expect(KerasLayer layer, String key, String value) {
        String given = layer.config().text(key, value);
        layer.require(given.equals(value), "%s '%s', expected %s".formatted(key, given, value));
    }

    private static Parameter kernel(KerasLayer layer, int columns) {
        return layer.weight("kernel", -1, columns);
    }

    private static Parameter state(KerasLayer layer, int units, int gates) {
        return layer.weight("recurrent_kernel", units, gates * units);
    }

    private static Parameter bias(KerasLayer layer, int size) {
        return layer.bias(size).orElseGet(() -> Parameter.of(Tensor.zeros(size)).frozen());
    }

    private static Gru gru(KerasLayer layer, int units) {
        expect(layer, "recurrent_activation", "sigmoid");
        layer.require(layer.config().flag("reset_after", true), "without reset_after, expected with it");
        Tensor kernel = kernel(layer, 3 * units).value();
        Tensor state = state(layer, units, 3).value();
        boolean hasBias = layer.config().flag("use_bias", true);
        Tensor biases = hasBias ? layer.weight("bias", 2, 3 * units).value() : Tensor.zeros(2, 3 * units);
        List<Parameter> parts = KerasWeights.gru(kernel, state, biases, units).stream()
                .map(Parameter::of)
                .map(layer::trained)
                .toList();
        return hasBias
                ? new Gru(parts.get(0), parts.get(1), parts.get(2), parts.get(3))
                : new Gru(
                        parts.get(0),
                        parts.get(1),
                        parts.get(2).frozen(),
                        parts.get(3).frozen());
    }

    // ---- convolutions and pools along the steps ----

    private static KerasStep convolution(KerasLayer layer) {
        int size = layer.one("kernel_size", -1);
        int filters = layer.config().integer("filters");
        int groups = layer.config().integer("groups", 1);
        Sliding sliding = sliding(layer, 1).withDilation(1, layer.one("dilation_rate", 1));
        Parameter kernel = layer.weight("kernel", size, -1, filters);
        return KerasStep.activated(layer, new Conv1d(kernel, layer.bias(filters), sliding, groups));
    }

    private static Sliding sliding(KerasLayer layer, int step) {
        KerasImages.channelsLast(layer);
        return Sliding.stride(1, layer.one("strides", step)).withPadding(KerasImages.padding(layer));
    }

    private static KerasStep maxPooling(KerasLayer layer) {
        int size = layer.one("pool_size", -1);
        return KerasStep.of(layer, new MaxPool1d(size, sliding(layer, size)));
    }

    /// Padding does not count in Keras: the mean is that of what is inside.
    private static KerasStep averagePooling(KerasLayer layer) {
        int size = layer.one("pool_size", -1);
        AvgPool1d pooling = new AvgPool1d(size, sliding(layer, size));
        return pooling.sliding().padding() instanceof Padding.Valid
                ? KerasStep.of(layer, pooling)
                : KerasStep.applying(layer, x -> pooling.apply(x).div(pooling.apply(Tensor.ones(1, x.dim(1), 1))));
    }
}
