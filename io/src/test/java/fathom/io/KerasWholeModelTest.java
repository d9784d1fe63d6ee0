package fathom.io;

import static fathom.io.KerasFiles.assertClose;
import static fathom.io.KerasFiles.layer;
import static fathom.io.KerasFiles.sequential;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import fathom.nn.Modules;
import fathom.tensor.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Whole models in files of Keras 2 and 3.
class KerasWholeModelTest {
    @TempDir
    private Path folder;

    private KerasModel keras2(String topology, Map<String, Object> weights) {
        return KerasModel.read(KerasFile.open(KerasFiles.keras2(folder.resolve("model.h5"), topology, weights)));
    }

    private KerasModel keras3(String topology, Map<String, Object> weights) {
        return KerasModel.read(KerasFile.open(KerasFiles.keras3(folder.resolve("model.keras"), topology, weights)));
    }

    // ---- files ----

    /// The axis of the normalisation is 1, as Keras 2 tells the last one of `[N, C]`.
    @Test
    void aModelOfKeras2IsRead() {
        Map<String, Object> weights = new LinkedHashMap<>();
        weights.put("first|first/kernel:0", new float[][] {{1, 2}, {3, 4}, {5, 6}});
        weights.put("first|first/bias:0", new float[] {-10, 0.5f});
        weights.put("norm|norm/gamma:0", new float[] {2, 3});
        weights.put("norm|norm/beta:0", new float[] {1, -1});
        weights.put("norm|norm/moving_mean:0", new float[] {0.5f, 4});
        weights.put("norm|norm/moving_variance:0", new float[] {4, 9});
        KerasModel model = keras2(
                sequential(
                        layer("InputLayer", "\"name\": \"in\", \"batch_input_shape\": [null, 3]"),
                        layer("Dense", "\"name\": \"first\", \"units\": 2, \"activation\": \"relu\""),
                        layer("Dropout", "\"name\": \"drop\", \"rate\": 0.5"),
                        layer("BatchNormalization", "\"name\": \"norm\", \"axis\": [1], \"epsilon\": 0")
                                .replace("\"epsilon\": 0", "\"epsilon\": 1e-12")),
                weights);
        assertThat(model.layers()).containsExactly("first", "drop", "norm");
        assertThat(Modules.parameters(model))
                .containsOnlyKeys("first.weight", "first.bias", "norm.weight", "norm.bias");
        // 9 - 10 is cut off at 0; 12.5 stays.
        assertClose(model.apply(Tensor.of(new float[] {1, 1, 1}, 1, 3)), new float[] {2 * -0.5f / 2 + 1, 8.5f - 1});
        assertThatThrownBy(() -> model.apply(Tensor.zeros(2, 2, 3)))
                .hasMessageContaining("'axis' is 1, expected the last axis of F32[2, 2, 2]");
    }

    @Test
    void weightsAloneAreNoModel() {
        Path file = KerasFiles.keras3(folder.resolve("x.keras"), "{}", Map.of("layers/dense/vars/0", new float[] {1}));
        assertThatThrownBy(() -> KerasModel.read(KerasFile.open(file))).hasMessageContaining("no 'class_name'");
        Path weights = KerasFiles.keras2(folder.resolve("x.h5"), "", Map.of("a|a/kernel:0", new float[] {1}));
        KerasFile alone = KerasFile.open(weights);
        assertThatThrownBy(() -> KerasModel.read(alone))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(weights + ": weights alone, expected a whole model");
    }

    private static String tensor(String layer, int call) {
        return """
                {"class_name": "__keras_tensor__", "config": {"shape": [null, 2], "dtype": "float32",
                 "keras_history": ["%s", %s, 0]}}""".formatted(layer, call);
    }

    private static String node(String name, String kind, String settings, String... arguments) {
        return """
                {"module": "keras.layers", "class_name": "%s", "config": {"name": "%s", %s}, "registered_name": null,
                 "build_config": {"input_shape": [null, 2]}, "name": "%s", "inbound_nodes": [%s]}""".formatted(
                kind,
                name,
                settings,
                name,
                arguments.length == 0
                        ? ""
                        : "{\"args\": [%s], \"kwargs\": {\"mask\": null}}".formatted(String.join(", ", arguments)));
    }

    /// Two inputs, a model within the model, two layers of a class, a layer with a state of random
    /// numbers, and an optimiser's state. Keras 3 names none of their weights by the layers' names.
    private static String graph() {
        String inner = """
                {"module": "keras", "class_name": "Sequential", "config": {"name": "inside", "layers": [%s, %s]},
                 "name": "inside", "inbound_nodes": [{"args": [%s], "kwargs": {}}]}""".formatted(
                        layer("InputLayer", "\"name\": \"x\""),
                        layer("Dense", "\"name\": \"deep\", \"units\": 2, \"activation\": \"linear\""),
                        tensor("one", 0));
        return """
                {"module": "keras.src.models.functional", "class_name": "Functional", "config": {"name": "f", "layers": [
                 %s, %s, %s, %s, %s, %s, %s],
                 "input_layers": [["left", 0, 0], ["right", 0, 0]], "output_layers": ["all", 0, 0]}}""".formatted(
                node("left", "InputLayer", "\"batch_shape\": [null, 2]"),
                node("right", "InputLayer", "\"batch_shape\": [null, 2]"),
                node("one", "Dense", "\"units\": 2, \"use_bias\": false", tensor("left", 0)),
                node("two", "Dense", "\"units\": 2, \"use_bias\": true", tensor("right", 0)),
                node("noise", "Dropout", "\"rate\": 0.5", tensor("two", 0)),
                inner,
                node("all", "Add", "\"trainable\": true", "[" + tensor("inside", 1) + ", " + tensor("noise", 0) + "]"));
    }

    private static Map<String, Object> graphWeights() {
        Map<String, Object> weights = new LinkedHashMap<>();
        weights.put("layers/dense_1/vars/0", new float[][] {{100, 0}, {0, 100}});
        weights.put("layers/dense_1/vars/1", new float[] {1000, 2000});
        weights.put("layers/dense/vars/0", new float[][] {{1, 2}, {3, 4}});
        weights.put("optimizer/vars/0", new float[] {1e-3f});
        weights.put("layers/dropout/seed_generator/vars/0", new int[] {3, 4});
        weights.put("layers/sequential/layers/dense/vars/0", new float[][] {{1, 0}, {0, -1}});
        weights.put("layers/sequential/layers/dense/vars/1", new float[] {0.5f, 0.25f});
        return weights;
    }

    @Test
    void aGraphOfKeras3IsRead() {
        KerasModel model = keras3(graph(), graphWeights());
        assertThat(model.inputs()).containsExactly("left", "right");
        assertThat(model.outputs()).containsExactly("all");
        assertThat(Modules.parameters(model))
                .containsOnlyKeys("one.weight", "two.weight", "two.bias", "inside.deep.weight", "inside.deep.bias");
        Tensor left = Tensor.of(new float[] {1, 1}, 1, 2);
        Tensor right = Tensor.of(new float[] {2, 3}, 1, 2);
        assertClose(model.run(List.of(left, right)).getFirst(), new float[] {4.5f + 1200, -5.75f + 2300});
        assertThatThrownBy(() -> model.apply(left)).hasMessageContaining("1 tensors for inputs [left, right]");
    }

    @Test
    void whatAGraphOfKeras3MayNotHaveIsNamed() {
        assertRefused(graph().replace("\"mask\": null", "\"mask\": 1"), "has 'kwargs', expected none");
        assertRefused(graph().replace("\"noise\", 0, 0", "\"noise\", 1, 0"), "expected [name, 0, 0]");
        assertRefused(
                graph().replace(
                                "\"keras.layers\", \"class_name\": \"Add\"",
                                "\"keras.src.ops.numpy\", \"class_name\": \"Add\""),
                "layers that Fathom does not read: ['Add']");
        assertRefused(graph().replace("\"deep\", \"units\": 2", "\"deep\", \"units\": 3"), "F32[2, 2], expected");
        assertRefused(graph().replace("\"class_name\": \"Dropout\"", "\"class_name\": \"Lambda\""), "['Lambda']");
        assertRefused(
                graph().replace("\"left\", 0, 0], [\"right\"", "\"left\", 0, 0], [\"wrong\""),
                "follows 'right', expected a layer before it");
    }

    private void assertRefused(String topology, String message) {
        Path file = KerasFiles.keras3(folder.resolve("bad.keras"), topology, graphWeights());
        assertThatThrownBy(() -> KerasModel.read(KerasFile.open(file)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(file.toString())
                .hasMessageContaining(message);
    }
}
