package fathom.io;

import static fathom.io.KerasFiles.assertClose;
import static fathom.io.KerasFiles.layer;
import static fathom.io.KerasFiles.sequential;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import fathom.nn.Modules;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Layers of Keras in whole models, compared with their formulas in Keras' documentation, written out here as loops.
class KerasLayersTest {
    private static final int STEPS = 5;
    private static final int IN = 3;
    private static final int UNITS = 2;

    @TempDir
    private Path folder;

    private final Random random = new Random(7);

    private float[] vector(int size) {
        float[] values = new float[size];
        for (int i = 0; i < size; i++) {
            values[i] = (float) random.nextGaussian();
        }
        return values;
    }

    private float[][] matrix(int rows, int columns) {
        float[][] values = new float[rows][];
        for (int i = 0; i < rows; i++) {
            values[i] = vector(columns);
        }
        return values;
    }

    private KerasModel keras2(String topology, Map<String, Object> weights) {
        return KerasModel.read(KerasFile.open(KerasFiles.keras2(folder.resolve("model.h5"), topology, weights)));
    }

    private KerasModel keras3(String topology, Map<String, Object> weights) {
        return KerasModel.read(KerasFile.open(KerasFiles.keras3(folder.resolve("model.keras"), topology, weights)));
    }

    // ---- sequences ----

    private static double sigmoid(double x) {
        return 1 / (1 + Math.exp(-x));
    }

    private static double[] affine(double[] x, float[][] kernel, float[] bias) {
        double[] y = new double[kernel[0].length];
        for (int j = 0; j < y.length; j++) {
            y[j] = bias[j];
            for (int i = 0; i < x.length; i++) {
                y[j] += x[i] * kernel[i][j];
            }
        }
        return y;
    }

    private static double[] row(float[] values) {
        double[] row = new double[values.length];
        for (int i = 0; i < row.length; i++) {
            row[i] = values[i];
        }
        return row;
    }

    /// Gates in the order input, forget, candidate, output.
    private static float[][] lstm(float[][] x, float[][] kernel, float[][] recurrent, float[] bias, boolean back) {
        double[] h = new double[UNITS];
        double[] c = new double[UNITS];
        float[][] all = new float[x.length][UNITS];
        for (int n = 0; n < x.length; n++) {
            int t = back ? x.length - 1 - n : n;
            double[] in = affine(row(x[t]), kernel, bias);
            double[] state = affine(h, recurrent, new float[4 * UNITS]);
            for (int u = 0; u < UNITS; u++) {
                double forget = sigmoid(in[UNITS + u] + state[UNITS + u]);
                double candidate = Math.tanh(in[2 * UNITS + u] + state[2 * UNITS + u]);
                c[u] = forget * c[u] + sigmoid(in[u] + state[u]) * candidate;
            }
            for (int u = 0; u < UNITS; u++) {
                h[u] = sigmoid(in[3 * UNITS + u] + state[3 * UNITS + u]) * Math.tanh(c[u]);
                all[t][u] = (float) h[u];
            }
        }
        return all;
    }

    /// Gates in the order update, reset, candidate, with two biases (`reset_after`).
    private static float[] gru(float[][] x, float[][] kernel, float[][] recurrent, float[][] bias) {
        double[] h = new double[UNITS];
        for (float[] step : x) {
            double[] in = affine(row(step), kernel, bias[0]);
            double[] state = affine(h, recurrent, bias[1]);
            for (int u = 0; u < UNITS; u++) {
                double update = sigmoid(in[u] + state[u]);
                double reset = sigmoid(in[UNITS + u] + state[UNITS + u]);
                double candidate = Math.tanh(in[2 * UNITS + u] + reset * state[2 * UNITS + u]);
                h[u] = update * h[u] + (1 - update) * candidate;
            }
        }
        return new float[] {(float) h[0], (float) h[1]};
    }

    @Test
    void recurrentLayersFollowKerasFormulas() {
        float[][] words = matrix(10, IN);
        float[][] kernel = matrix(IN, 4 * UNITS);
        float[][] recurrent = matrix(UNITS, 4 * UNITS);
        float[] bias = vector(4 * UNITS);
        float[][] kernelBack = matrix(IN, 4 * UNITS);
        float[][] recurrentBack = matrix(UNITS, 4 * UNITS);
        float[] biasBack = vector(4 * UNITS);
        float[][] gruKernel = matrix(2 * UNITS, 3 * UNITS);
        float[][] gruRecurrent = matrix(UNITS, 3 * UNITS);
        float[][] gruBias = matrix(2, 3 * UNITS);
        int[] text = {3, 1, 4, 1, 5};
        float[][] x = new float[STEPS][];
        for (int t = 0; t < STEPS; t++) {
            x[t] = words[text[t]];
        }
        float[][] there = lstm(x, kernel, recurrent, bias, false);
        float[][] back = lstm(x, kernelBack, recurrentBack, biasBack, true);
        float[][] both = new float[STEPS][];
        for (int t = 0; t < STEPS; t++) {
            both[t] = new float[] {there[t][0], there[t][1], back[t][0], back[t][1]};
        }
        float[] expected = gru(both, gruKernel, gruRecurrent, gruBias);

        String topology = sequential(
                layer("Embedding", "\"name\": \"words\", \"input_dim\": 10, \"output_dim\": 3, \"mask_zero\": false"),
                layer(
                        "Bidirectional",
                        "\"name\": \"both\", \"merge_mode\": \"concat\", \"layer\": "
                                + layer("LSTM", "\"name\": \"lstm\", \"units\": 2, \"return_sequences\": true")),
                layer("GRU", "\"name\": \"gru\", \"units\": 2, \"activation\": \"tanh\", \"dropout\": 0.2"));
        Map<String, Object> named = new LinkedHashMap<>();
        named.put("words|words/embeddings:0", words);
        named.put("both|both/forward_lstm/lstm_cell/kernel:0", kernel);
        named.put("both|both/forward_lstm/lstm_cell/recurrent_kernel:0", recurrent);
        named.put("both|both/forward_lstm/lstm_cell/bias:0", bias);
        named.put("both|both/backward_lstm/lstm_cell/kernel:0", kernelBack);
        named.put("both|both/backward_lstm/lstm_cell/recurrent_kernel:0", recurrentBack);
        named.put("both|both/backward_lstm/lstm_cell/bias:0", biasBack);
        named.put("gru|gru/gru_cell/kernel:0", gruKernel);
        named.put("gru|gru/gru_cell/recurrent_kernel:0", gruRecurrent);
        named.put("gru|gru/gru_cell/bias:0", gruBias);
        Tensor tokens = Tensor.of(text).reshape(1, STEPS);
        assertClose(keras2(topology, named).apply(tokens), expected);

        Map<String, Object> numbered = new LinkedHashMap<>();
        numbered.put("layers/embedding/vars/0", words);
        numbered.put("layers/bidirectional/forward_layer/cell/vars/0", kernel);
        numbered.put("layers/bidirectional/forward_layer/cell/vars/1", recurrent);
        numbered.put("layers/bidirectional/forward_layer/cell/vars/2", bias);
        numbered.put("layers/bidirectional/forward_layer/cell/seed_generator/vars/0", new int[] {1, 2});
        numbered.put("layers/bidirectional/backward_layer/cell/vars/0", kernelBack);
        numbered.put("layers/bidirectional/backward_layer/cell/vars/1", recurrentBack);
        numbered.put("layers/bidirectional/backward_layer/cell/vars/2", biasBack);
        numbered.put("layers/gru/cell/vars/0", gruKernel);
        numbered.put("layers/gru/cell/vars/1", gruRecurrent);
        numbered.put("layers/gru/cell/vars/2", gruBias);
        Tensor asFloats = Tensor.of(new float[] {3, 1, 4, 1, 5}, 1, STEPS);
        KerasModel model = keras3(topology, numbered);
        assertClose(model.apply(asFloats), expected);
        assertThat(Modules.parameters(model)).containsKeys("words.weight", "both.forwards.bias", "gru.candidateBias");

        // The weights of a layer, in Keras' order: what goes from the beginning first, and no random numbers.
        KerasFile file = KerasFile.open(folder.resolve("model.keras"));
        assertThat(file.layers().get("layers/bidirectional"))
                .containsExactly(
                        "layers/bidirectional/forward_layer/cell/vars/0",
                        "layers/bidirectional/forward_layer/cell/vars/1",
                        "layers/bidirectional/forward_layer/cell/vars/2",
                        "layers/bidirectional/backward_layer/cell/vars/0",
                        "layers/bidirectional/backward_layer/cell/vars/1",
                        "layers/bidirectional/backward_layer/cell/vars/2");
    }

    @Test
    void theLastStateOfBothDirectionsIsGiven() {
        float[][] kernel = matrix(IN, 4 * UNITS);
        float[][] recurrent = matrix(UNITS, 4 * UNITS);
        float[][] x = matrix(STEPS, IN);
        Map<String, Object> weights = new LinkedHashMap<>();
        for (String way : List.of("forward", "backward")) {
            weights.put("both|both/" + way + "_a/lstm_cell/kernel:0", kernel);
            weights.put("both|both/" + way + "_a/lstm_cell/recurrent_kernel:0", recurrent);
        }
        KerasModel model = keras2(
                sequential(layer(
                        "Bidirectional",
                        "\"name\": \"both\", \"trainable\": false, \"layer\": "
                                + layer("LSTM", "\"name\": \"a\", \"units\": 2, \"use_bias\": false"))),
                weights);
        // What the layer around says of training holds for those within.
        assertThat(Modules.parameters(model))
                .isNotEmpty()
                .allSatisfy((_, p) -> assertThat(p.trainable()).isFalse());
        float[] none = new float[4 * UNITS];
        float[] there = lstm(x, kernel, recurrent, none, false)[STEPS - 1];
        float[] back = lstm(x, kernel, recurrent, none, true)[0];
        float[] flat = new float[STEPS * IN];
        for (int i = 0; i < flat.length; i++) {
            flat[i] = x[i / IN][i % IN];
        }
        assertClose(model.apply(Tensor.of(flat, 1, STEPS, IN)), new float[] {there[0], there[1], back[0], back[1]});
    }

    @Test
    void whatWouldGiveOtherResultsIsRefused() {
        Map<String, Object> none = Map.of("x|x/y:0", new float[] {1});
        for (List<String> bad : List.of(
                List.of("Embedding", "\"input_dim\": 1, \"output_dim\": 1, \"mask_zero\": true", "mask_zero"),
                List.of("LayerNormalization", "\"rms_scaling\": true", "rms_scaling, expected none"),
                List.of("LSTM", "\"units\": 2, \"go_backwards\": true", "go_backwards, expected none"),
                List.of("LSTM", "\"units\": 2, \"stateful\": true", "stateful, expected none"),
                List.of("LSTM", "\"units\": 2, \"activation\": \"relu\"", "activation 'relu', expected tanh"),
                List.of("GRU", "\"units\": 2, \"reset_after\": false", "without reset_after"),
                List.of("Bidirectional", "\"merge_mode\": \"sum\"", "merge_mode 'sum', expected concat"),
                List.of("UpSampling2D", "\"interpolation\": \"area\"", "'area', expected nearest or bilinear"),
                List.of("Conv1D", "\"kernel_size\": [2, 2], \"filters\": 1", "'kernel_size', expected a number"))) {
            String topology = sequential(layer(bad.get(0), "\"name\": \"x\", " + bad.get(1)));
            assertThatThrownBy(() -> keras2(topology, none))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("layer 'x', a " + bad.get(0) + " of Keras: ")
                    .hasMessageContaining(bad.get(2));
        }
    }

    // ---- images and the rest ----

    /// A transposed convolution adds each pixel times the kernel from `stride * pixel - before` on, where
    /// Keras' "same" has `before` of half of what the kernel is larger than the stride, rounded down.
    @Test
    void convolutionsFollowKerasFormulas() {
        float[] depthwise = vector(2 * 3);
        float[] pointwise = vector(3 * 2);
        float[] bias = vector(2);
        float[] transposed = vector(3 * 2);
        Map<String, Object> weights = new LinkedHashMap<>();
        weights.put("layers/separable_conv2d/vars/0", nested(depthwise, 1, 2, 3, 1));
        weights.put("layers/separable_conv2d/vars/1", nested(pointwise, 1, 1, 3, 2));
        weights.put("layers/separable_conv2d/vars/2", bias);
        weights.put("layers/conv2d_transpose/vars/0", nested(transposed, 1, 3, 1, 2));
        KerasModel model = keras3(
                sequential(
                        layer(
                                "SeparableConv2D",
                                "\"name\": \"a\", \"kernel_size\": [1, 2], \"filters\": 2, \"padding\": \"valid\""),
                        layer(
                                "Conv2DTranspose",
                                "\"name\": \"b\", \"kernel_size\": [1, 3], \"filters\": 1, \"padding\": \"same\","
                                        + " \"strides\": [1, 2], \"use_bias\": false"),
                        layer("UpSampling2D", "\"name\": \"c\", \"size\": [2, 1]")),
                weights);
        float[] x = vector(4 * 3);
        float[] y = new float[3 * 2];
        for (int i = 0; i < 3; i++) {
            for (int k = 0; k < 2; k++) {
                y[2 * i + k] = bias[k];
                for (int c = 0; c < 3; c++) {
                    float deep = x[3 * i + c] * depthwise[c] + x[3 * (i + 1) + c] * depthwise[3 + c];
                    y[2 * i + k] += deep * pointwise[2 * c + k];
                }
            }
        }
        float[] z = new float[6];
        for (int i = 0; i < 3; i++) {
            for (int k = 0; k < 3 && 2 * i + k < 6; k++) {
                z[2 * i + k] += y[2 * i] * transposed[2 * k] + y[2 * i + 1] * transposed[2 * k + 1];
            }
        }
        Tensor found = model.apply(Tensor.of(x, 1, 1, 4, 3));
        assertThat(found.shape()).isEqualTo(Shape.of(1, 2, 6, 1));
        assertClose(found, z, z);
    }

    private static float[][][][] nested(float[] values, int a, int b, int c, int d) {
        float[][][][] nested = new float[a][b][c][d];
        for (int i = 0; i < values.length; i++) {
            nested[i / (b * c * d)][i / (c * d) % b][i / d % c][i % d] = values[i];
        }
        return nested;
    }

    @Test
    void layersWithoutImagesFollowKerasFormulas() {
        float[] kernel = {1, 10, 100};
        Map<String, Object> weights = new LinkedHashMap<>();
        weights.put("conv|conv/kernel:0", new float[][][] {{{kernel[0]}}, {{kernel[1]}}, {{kernel[2]}}});
        weights.put("norm|norm/gamma:0", new float[] {2});
        weights.put("norm|norm/beta:0", new float[] {0.5f});
        KerasModel model = keras2(
                sequential(
                        layer("Rescaling", "\"name\": \"scale\", \"scale\": 2, \"offset\": -1"),
                        layer(
                                "Conv1D",
                                "\"name\": \"conv\", \"kernel_size\": [3], \"filters\": 1, \"padding\": \"same\","
                                        + " \"strides\": [1], \"use_bias\": false"),
                        layer("LeakyReLU", "\"name\": \"leaky\", \"alpha\": 0.25"),
                        layer("AveragePooling1D", "\"name\": \"mean\", \"pool_size\": [2], \"padding\": \"same\""),
                        layer("Permute", "\"name\": \"turned\", \"dims\": [2, 1]"),
                        layer("Flatten", "\"name\": \"flat\""),
                        layer("RepeatVector", "\"name\": \"twice\", \"n\": 2"),
                        layer("Permute", "\"name\": \"back\", \"dims\": [2, 1]")),
                Map.of("conv|conv/kernel:0", weights.get("conv|conv/kernel:0")));
        // Scaled: 1, 3, -5; convolved: 310, -469, -47; rectified: 310, -117.25, -11.75; means: 96.375, -11.75.
        Tensor found = model.apply(Tensor.of(new float[] {1, 2, -2}, 1, 3, 1));
        assertThat(found.shape()).isEqualTo(Shape.of(1, 2, 2));
        assertClose(found, new float[] {96.375f, 96.375f, -11.75f, -11.75f});

        KerasModel norm = keras2(
                sequential(layer("LayerNormalization", "\"name\": \"norm\", \"axis\": [2], \"epsilon\": 1e-3")),
                Map.of("norm|norm/gamma:0", new float[] {2, 2}, "norm|norm/beta:0", new float[] {0.5f, 0}));
        float scale = (float) (2 / Math.sqrt(1 + 1e-3));
        assertClose(norm.apply(Tensor.of(new float[] {3, 5}, 1, 1, 2)), new float[] {0.5f - scale, scale});
    }

    /// A model of two inputs whose outputs are those of layers that take both.
    private static String merging(List<String> kinds) {
        StringBuilder layers = new StringBuilder();
        for (String input : List.of("a", "b")) {
            layers.append("{\"name\": \"%s\", \"class_name\": \"InputLayer\", \"config\": {}, \"inbound_nodes\": []}, "
                    .formatted(input));
        }
        for (String kind : kinds) {
            layers.append("""
                    {"name": "%s", "class_name": "%s", "config": {"name": "%s"},
                     "inbound_nodes": [[["a", 0, 0, {}], ["b", 0, 0, {}]]]}, """.formatted(kind, kind, kind));
        }
        String outputs = kinds.stream()
                .map("[\"%s\", 0, 0]"::formatted)
                .reduce((x, y) -> x + ", " + y)
                .orElseThrow();
        return """
                {"class_name": "Functional", "config": {"name": "m", "layers": [%s],
                 "input_layers": [["a", 0, 0], ["b", 0, 0]], "output_layers": [%s]}}""".formatted(layers.substring(0, layers.lastIndexOf(",")), outputs);
    }

    @Test
    void layersThatTakeSeveralFollowKerasFormulas() {
        List<String> kinds = List.of("Add", "Average", "Maximum", "Minimum", "Multiply", "Subtract", "Concatenate");
        KerasModel model = keras3(merging(kinds), Map.of("optimizer/vars/0", new float[] {1}));
        assertThat(model.outputs()).isEqualTo(kinds);
        Tensor a = Tensor.of(new float[] {1, -2}, 1, 2);
        Tensor b = Tensor.of(new float[] {5, -6}, 1, 2);
        List<Tensor> found = model.run(List.of(a, b));
        assertClose(found.get(0), new float[] {6, -8});
        assertClose(found.get(1), new float[] {3, -4});
        assertClose(found.get(2), new float[] {5, -2});
        assertClose(found.get(3), new float[] {1, -6});
        assertClose(found.get(4), new float[] {5, 12});
        assertClose(found.get(5), new float[] {-4, 4});
        assertClose(found.get(6), new float[] {1, -2, 5, -6});
        assertThatThrownBy(() -> model.apply(a)).hasMessageContaining("a model with outputs [Add, Average");
    }

    @Test
    void simpleRecurrencesAndPoolsFollowKerasFormulas() {
        float[][] kernel = matrix(1, 1);
        float[][] recurrent = matrix(1, 1);
        float[] bias = vector(1);
        Map<String, Object> weights = new LinkedHashMap<>();
        weights.put("rnn|rnn/simple_rnn_cell/kernel:0", kernel);
        weights.put("rnn|rnn/simple_rnn_cell/recurrent_kernel:0", recurrent);
        weights.put("rnn|rnn/simple_rnn_cell/bias:0", bias);
        String recurrence = layer("SimpleRNN", "\"name\": \"rnn\", \"units\": 1, \"return_sequences\": true");
        float[] h = new float[4];
        float[] x = {1, -2, 3, 0.5f};
        for (int t = 0; t < 4; t++) {
            float before = t == 0 ? 0 : h[t - 1];
            h[t] = (float) Math.tanh(x[t] * kernel[0][0] + before * recurrent[0][0] + bias[0]);
        }
        // Noise and dropout are for training alone.
        String[] quiet = {
            layer("GaussianNoise", "\"name\": \"noise\", \"stddev\": 1.0"),
            layer("SpatialDropout1D", "\"name\": \"drop\", \"rate\": 0.5")
        };
        Tensor input = Tensor.of(x, 1, 4, 1);
        assertClose(keras2(sequential(quiet[0], recurrence, quiet[1]), weights).apply(input), h);
        float most = Math.max(Math.max(h[0], h[1]), Math.max(h[2], h[3]));
        float mean = (h[0] + h[1] + h[2] + h[3]) / 4;
        String max = layer("GlobalMaxPooling1D", "\"name\": \"max\"");
        assertClose(keras2(sequential(recurrence, max), weights).apply(input), new float[] {most});
        String average = layer("GlobalAveragePooling1D", "\"name\": \"mean\"");
        assertClose(keras2(sequential(recurrence, average), weights).apply(input), new float[] {mean});
        String pairs = layer("MaxPooling1D", "\"name\": \"pairs\", \"pool_size\": [2], \"strides\": [2]");
        String elu = layer("ELU", "\"name\": \"elu\", \"alpha\": 0.5");
        float first = Math.max(h[0], h[1]);
        float second = Math.max(h[2], h[3]);
        assertClose(
                keras2(sequential(recurrence, pairs, elu), weights).apply(input),
                new float[] {elu(first), elu(second)});
    }

    private static float elu(float x) {
        return x > 0 ? x : (float) (0.5 * Math.expm1(x));
    }

    @Test
    void largeInputsRun() {
        // At real size: a text of 200 words of a vocabulary of 20,000 through 64 units in both directions.
        Map<String, Object> weights = new LinkedHashMap<>();
        weights.put("layers/embedding/vars/0", matrix(20_000, 32));
        for (String way : List.of("forward", "backward")) {
            String path = "layers/bidirectional/" + way + "_layer/cell/vars/";
            weights.put(path + 0, matrix(32, 256));
            weights.put(path + 1, matrix(64, 256));
            weights.put(path + 2, vector(256));
        }
        weights.put("layers/dense/vars/0", matrix(128, 1));
        weights.put("layers/dense/vars/1", vector(1));
        KerasModel model = keras3(
                sequential(
                        layer("Embedding", "\"name\": \"e\", \"input_dim\": 20000, \"output_dim\": 32"),
                        layer("Bidirectional", "\"name\": \"b\", \"layer\": " + layer("LSTM", "\"units\": 64")),
                        layer("Dense", "\"name\": \"d\", \"units\": 1, \"activation\": \"sigmoid\"")),
                weights);
        Tensor texts = RandomStream.of(1).uniform(Shape.of(32, 200)).mul(19_999);
        float[] found = model.apply(texts).toFloats();
        assertThat(found).hasSize(32);
        for (float p : found) {
            assertThat(p).isBetween(0f, 1f);
        }
    }
}
