package fathom.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import fathom.nn.Context;
import fathom.nn.Modules;
import fathom.nn.optim.Optimizer;
import fathom.nn.optim.Sgd;
import fathom.tensor.RandomStream;
import fathom.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Small models whose results can be told without a computer; real ones are compared in parity.
class KerasModelTest {
    private static final String DENSE = """
            {"class_name": "Sequential", "config": {"name": "s", "layers": [
              {"class_name": "Dense", "config": {"name": "first", "units": 2, "activation": "relu",
               "use_bias": true, "batch_input_shape": [null, 3]}},
              {"class_name": "Dropout", "config": {"name": "drop", "rate": 0.5}},
              {"class_name": "Dense", "config": {"name": "second", "units": 1, "use_bias": false,
               "trainable": false}}]}}
            """;

    private static final String GRAPH = """
            {"class_name": "Model", "config": {"name": "m", "layers": [
              {"name": "in", "class_name": "InputLayer", "config": {"name": "in"}, "inbound_nodes": []},
              {"name": "pad", "class_name": "ZeroPadding2D", "config": {"name": "pad",
               "padding": [[0, 1], [1, 0]]}, "inbound_nodes": [[["in", 0, 0, {}]]]},
              {"name": "deep", "class_name": "DepthwiseConv2D", "config": {"name": "deep",
               "kernel_size": [2, 2], "use_bias": false, "depth_multiplier": 1, "activation": "linear"},
               "inbound_nodes": [[["pad", 0, 0, {}]]]},
              {"name": "mean", "class_name": "AveragePooling2D", "config": {"name": "mean",
               "pool_size": [3, 3], "strides": [1, 1], "padding": "same"},
               "inbound_nodes": [[["in", 0, 0, {}]]]},
              {"name": "norm", "class_name": "BatchNormalization", "config": {"name": "norm", "axis": 3,
               "momentum": 0.9, "epsilon": 0.001, "scale": false, "trainable": false},
               "inbound_nodes": [[["mean", 0, 0, {}]]]},
              {"name": "sum", "class_name": "Add", "config": {"name": "sum"},
               "inbound_nodes": [[["deep", 0, 0, {}], ["norm", 0, 0, {}]]]},
              {"name": "both", "class_name": "Concatenate", "config": {"name": "both", "axis": -1},
               "inbound_nodes": [[["sum", 0, 0], ["in", 0, 0]]]},
              {"name": "least", "class_name": "ReLU", "config": {"name": "least", "max_value": 6,
               "negative_slope": 0.5, "threshold": 0}, "inbound_nodes": [[["both", 0, 0, {}]]]}],
             "input_layers": [["in", 0, 0]], "output_layers": [["least", 0, 0]]}}
            """;

    @TempDir
    private Path folder;

    private ModelConfiguration json(String text) {
        try {
            return ModelConfiguration.read(Files.writeString(folder.resolve("topology.json"), text));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static Map<String, Tensor> dense() {
        Map<String, Tensor> weights = new LinkedHashMap<>();
        weights.put("first/kernel", Tensor.of(new float[] {1, -1, 2, -2, 3, -3}, 3, 2));
        weights.put("first/bias", Tensor.of(0.5f, 0.5f));
        weights.put("second/kernel", Tensor.of(new float[] {2, 4}, 2, 1));
        return weights;
    }

    private static Map<String, Tensor> images() {
        Map<String, Tensor> weights = new LinkedHashMap<>();
        weights.put("deep/depthwise_kernel", Tensor.of(new float[] {1, 10, 100, 1000}, 2, 2, 1, 1));
        weights.put("norm/beta", Tensor.of(-0.5f));
        weights.put("norm/moving_mean", Tensor.of(1f));
        weights.put("norm/moving_variance", Tensor.of(0.999f));
        return weights;
    }

    private static float[] state(KerasModel model, String name) {
        return Objects.requireNonNull(Modules.state(model).get(name)).toFloats();
    }

    @Test
    void layersFollowEachOther() {
        KerasModel model = KerasModel.of(json(DENSE), dense());
        assertThat(model.layers()).containsExactly("first", "drop", "second");
        Tensor y = model.apply(Tensor.of(new float[] {1, 1, 1, -1, 0, 0}, 2, 3));
        // 2 relu(6.5) + 4 relu(-5.5), and 2 relu(-0.5) + 4 relu(1.5).
        assertThat(y.toFloats()).containsExactly(13, 6);
    }

    @Test
    void layersThatAreNotTrainableStayAsTheyAre() {
        KerasModel model = KerasModel.of(json(DENSE), dense());
        assertThat(Modules.parameters(model)).containsOnlyKeys("first.weight", "first.bias", "second.weight");
        Tensor x = Tensor.of(new float[] {1, 1, 1}, 1, 3);
        Context.training(RandomStream.of(1), () -> {
            Optimizer optimizer = Optimizer.of(Sgd.of(0.01), model);
            for (int i = 0; i < 3; i++) {
                optimizer.step(model.apply(x).square().mean());
            }
        });
        assertThat(state(model, "second.weight")).containsExactly(2, 4);
        assertThat(state(model, "first.weight")).isNotEqualTo(new float[] {1, -1, 2, -2, 3, -3});
    }

    @Test
    void layersCanFollowSeveral() {
        KerasModel model = KerasModel.of(json(GRAPH), images());
        Tensor x = Tensor.of(new float[] {1, 2, 3, -40}, 1, 2, 2, 1);
        float[] y = model.apply(x).toFloats();
        // Around the images are a column of zeros on the left and a row below; the mean of all four
        // is -8.5, and what is around does not count.
        float norm = -8.5f - 1 - 0.5f;
        float[] deep = {10 + 3000, 1 + 20 + 300 - 40_000, 30, 3 - 400};
        for (int i = 0; i < 4; i++) {
            float sum = deep[i] + norm;
            float in = x.toFloats()[i];
            assertThat(y[2 * i]).isEqualTo(sum < 0 ? sum / 2 : Math.min(6, sum));
            assertThat(y[2 * i + 1]).isEqualTo(in < 0 ? in / 2 : in);
        }
    }

    @Test
    void statisticsOfLayersThatAreNotTrainableStay() {
        KerasModel model = KerasModel.of(json(GRAPH), images());
        Tensor x = Tensor.of(new float[] {1, 2, 3, -40}, 1, 2, 2, 1);
        float[] outside = model.apply(x).toFloats();
        float[] inside =
                Context.training(RandomStream.of(1), () -> model.apply(x).toFloats());
        assertThat(inside).isEqualTo(outside);
        assertThat(state(model, "norm.runningMean")).containsExactly(1);
    }

    // ---- what is refused ----

    private void assertRefused(String model, Map<String, Tensor> weights, String part, String instead, String message) {
        assertThat(model).contains(part);
        ModelConfiguration topology = json(model.replace(part, instead));
        assertThatThrownBy(() -> KerasModel.of(topology, weights))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(message);
    }

    @Test
    void allUnknownLayersAreNamedAtOnce() {
        String other = GRAPH.replace("\"Add\"", "\"Lambda\"").replace("\"Concatenate\"", "\"MultiHeadAttention\"");
        ModelConfiguration topology = json(other);
        assertThatThrownBy(() -> KerasModel.of(topology, images()))
                .hasMessage(topology.where() + ": layers that Fathom does not read: ['Lambda', 'MultiHeadAttention']");
    }

    @Test
    void settingsThatFathomDoesNotHaveAreRefused() {
        assertRefused(DENSE, dense(), "\"relu\"", "\"softermax\"", "activation 'softermax', expected one of [elu");
        assertRefused(DENSE, dense(), "Sequential", "Subclassed", "a 'Subclassed', expected a Sequential");
        assertRefused(DENSE, dense(), "\"units\": 2", "\"units\": 3", "'kernel' is F32[3, 2], expected F32[any, 3]");
        assertRefused(GRAPH, images(), "\"same\"", "\"causal\"", "padding 'causal', expected valid or same");
        assertRefused(GRAPH, images(), "[2, 2], \"use_bias\"", "[2, 2, 2], \"use_bias\"", "expected a number or two");
        assertRefused(
                GRAPH, images(), "\"depth_multiplier\"", "\"data_format\": \"channels_first\", \"x\"", "channels_last");
    }

    /// Which axis is the last shows when there is an input.
    @Test
    void normalisationAlongAnotherAxisIsRefused() {
        KerasModel model = KerasModel.of(json(GRAPH.replace("\"axis\": 3", "\"axis\": 1")), images());
        assertThatThrownBy(() -> model.apply(Tensor.zeros(1, 2, 2, 1)))
                .hasMessageContaining(
                        "layer 'norm', a BatchNormalization of Keras: 'axis' is 1, expected the last axis");
    }

    @Test
    void graphsThatAreNotSoundAreRefused() {
        assertRefused(GRAPH, images(), "[\"norm\", 0, 0, {}]", "[\"later\", 0, 0, {}]", "follows 'later'");
        assertRefused(GRAPH, images(), "[\"norm\", 0, 0, {}]", "[\"norm\", 1, 0, {}]", "expected [name, 0, 0]");
        assertRefused(GRAPH, images(), "[\"norm\", 0, 0, {}]", "[\"norm\", 0, 0, {\"a\": 1}]", "and no arguments");
        assertRefused(GRAPH, images(), "[[\"least\", 0, 0]]", "[[\"most\", 0, 0]]", "no layer 'most'");
        assertRefused(GRAPH, images(), "[[\"least\", 0, 0]]", "[]", "'output_layers' has 0, expected some");
        assertRefused(GRAPH, images(), "[[[\"mean\", 0, 0, {}]]]", "[]", "expected one call");
        assertRefused(GRAPH, images(), "{\"name\": \"pad\", \"class", "{\"name\": \"in\", \"class", "there twice");
    }

    @Test
    void weightsThatAreMissingOrLeftAreRefused() {
        Map<String, Tensor> fewer = dense();
        fewer.remove("first/bias");
        assertRefused(DENSE, fewer, "Dense", "Dense", "no weight 'bias', there are []");
        Map<String, Tensor> more = dense();
        more.put("third/kernel", Tensor.of(1f));
        assertRefused(DENSE, more, "Dense", "Dense", "weights of layers that it does not have: [third]");
        Map<String, Tensor> left = dense();
        left.put("second/bias", Tensor.of(1f));
        assertRefused(DENSE, left, "Dense", "Dense", "weights [bias], expected none of that name");
    }
}
