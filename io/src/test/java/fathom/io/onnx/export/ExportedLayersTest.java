package fathom.io.onnx.export;

import static fathom.io.onnx.export.RoundTrip.check;
import static fathom.io.onnx.export.RoundTrip.operators;
import static fathom.io.onnx.export.RoundTrip.weights;
import static org.assertj.core.api.Assertions.assertThat;

import fathom.io.onnx.format.ModelProto;
import fathom.nn.Layer;
import fathom.nn.Layers;
import fathom.nn.Module;
import fathom.nn.Sequential;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Layers become the operators that people expect, under the names of their weights.
class ExportedLayersTest {
    private static Module build(Layer layer, int... sample) {
        return layer.build(Shape.of(sample), RandomStream.of(7));
    }

    @Test
    void denseLayersAreProductsAndSums() {
        Module mlp = build(
                Sequential.of(Layers.linear(16), Layers.relu(), Layers.dropout(0.5), Layers.linear(4), Layers.gelu()),
                8);
        ModelProto model = check(mlp, 8);
        assertThat(operators(model)).startsWith("MatMul", "Add", "Relu", "MatMul", "Add");
        assertThat(weights(model)).containsEntry("0.weight", List.of(8, 16)).containsEntry("3.bias", List.of(4));
    }

    @Test
    void aConvolutionalNetworkNeedsNoTranspositionInside() {
        Module cnn = build(
                Sequential.of(
                        Layers.conv2d(8, 3).padding(fathom.nn.Padding.same()),
                        Layers.batchNorm(),
                        Layers.relu(),
                        Layers.maxPool2d(2),
                        Layers.conv2d(4, 3),
                        Layers.relu(),
                        Layers.avgPool2d(2),
                        Layers.flatten(),
                        Layers.linear(10)),
                12,
                12,
                3);
        ModelProto model = check(cnn, 12, 12, 3);
        assertThat(operators(model))
                .containsExactly(
                        "Transpose",
                        "Conv",
                        "BatchNormalization",
                        "Relu",
                        "MaxPool",
                        "Conv",
                        "Relu",
                        "AveragePool",
                        "Transpose",
                        "Reshape",
                        "MatMul",
                        "Add");
        assertThat(weights(model))
                .containsEntry("0.weight", List.of(8, 3, 3, 3))
                .containsEntry("1.runningMean", List.of(8));
    }

    @Test
    void recurrentLayersAreRecurrentOperators() {
        Module lstm = build(Layers.lstm(6), 5, 4);
        assertThat(operators(check(lstm, 5, 4))).contains("LSTM").doesNotContain("Scan");
        Module gru = build(Layers.gru(6).bidirectional(), 5, 4);
        assertThat(operators(check(gru, 5, 4))).contains("GRU").doesNotContain("Scan");
        Module rnn = build(Layers.rnn(6), 5, 4);
        assertThat(operators(check(rnn, 5, 4))).contains("RNN").doesNotContain("Scan");
    }

    @Test
    void aTransformerHasItsNormalisationsAndSoftmaxes() {
        Module transformer = build(Layers.transformerEncoderLayer(2, 16), 6, 8);
        ModelProto model = check(transformer, 6, 8);
        assertThat(operators(model)).contains("LayerNormalization", "Softmax");
    }
}
