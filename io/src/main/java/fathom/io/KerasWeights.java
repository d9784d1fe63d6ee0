package fathom.io;

import fathom.ir.Require;
import fathom.nn.BatchNorm;
import fathom.nn.Bidirectional;
import fathom.nn.Conv1d;
import fathom.nn.Conv2d;
import fathom.nn.Conv3d;
import fathom.nn.ConvTranspose2d;
import fathom.nn.Embedding;
import fathom.nn.Gru;
import fathom.nn.LayerNorm;
import fathom.nn.Linear;
import fathom.nn.Lstm;
import fathom.nn.Module;
import fathom.nn.Parameter;
import fathom.nn.Rnn;
import fathom.nn.SeparableConv2d;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// Puts the weights of a layer of Keras into the layer of Fathom that does the same.
///
/// Most have the same layout in both: dense kernels are `[in, out]`, those of convolutions `[KH, KW,
/// Cin, Cout]`, and the gates of an LSTM come in the order input, forget, candidate, output. What
/// differs is rearranged by a function of its own here: [#gates], [#depthwise].
///
/// What Keras keeps in a layer's settings and not in its weights has to be the same in Fathom's layer:
/// strides, padding, activations, and the epsilon of normalisations, by default 0.001.
public final class KerasWeights {
    private KerasWeights() {}

    /// Sets a layer's parameters.
    ///
    /// @param layer one of `Linear`, `Conv1d`, `Conv2d` (also for depthwise ones), `Conv3d`,
    ///   `ConvTranspose2d`, `SeparableConv2d`, `BatchNorm`, `LayerNorm`, `Embedding`, `Lstm`, `Gru`,
    ///   `Rnn` and `Bidirectional`
    /// @param weights in the order of Keras, as [KerasFile#layer] gives them
    /// @throws IllegalArgumentException if there are more or fewer than the layer has, their shapes do
    ///   not fit, or the layer is another
    public static void set(Module layer, List<Tensor> weights) {
        switch (layer) {
            case Linear l -> all(layer, weights, parameters(l.weight(), l.bias()));
            case Conv1d l -> all(layer, weights, parameters(l.weight(), l.bias()));
            case Conv2d l -> conv2d(l, weights);
            case Conv3d l -> all(layer, weights, parameters(l.weight(), l.bias()));
            case ConvTranspose2d l -> all(layer, weights, parameters(l.weight(), l.bias()));
            case SeparableConv2d l -> separable(l, weights);
            case BatchNorm l -> batchNorm(l, weights);
            case LayerNorm l -> all(layer, weights, List.of(l.weight(), l.bias()));
            case Embedding l -> all(layer, weights, List.of(l.weight()));
            case Lstm l -> all(layer, weights, List.of(l.inputWeight(), l.recurrentWeight(), l.bias()));
            case Rnn l -> all(layer, weights, List.of(l.inputWeight(), l.recurrentWeight(), l.bias()));
            case Gru l -> gru(l, weights);
            case Bidirectional l -> {
                int half = weights.size() / 2;
                set(l.forwards(), weights.subList(0, half));
                set(l.backwards(), weights.subList(half, weights.size()));
            }
            default ->
                throw new IllegalArgumentException("weights of Keras for a "
                        + layer.getClass().getSimpleName()
                        + ", expected a layer that Keras has with the same weights");
        }
    }

    private static List<Parameter> parameters(Parameter weight, Optional<Parameter> bias) {
        List<Parameter> parameters = new ArrayList<>(List.of(weight));
        bias.ifPresent(parameters::add);
        return parameters;
    }

    private static void all(Module layer, List<Tensor> weights, List<Parameter> parameters) {
        List<Shape> given = shapes(weights);
        List<Shape> expected = parameters.stream().map(Parameter::shape).toList();
        check(layer, given, expected);
        for (int i = 0; i < parameters.size(); i++) {
            parameters.get(i).set(weights.get(i).cast(parameters.get(i).value().dtype()));
        }
    }

    private static List<Shape> shapes(List<Tensor> weights) {
        return weights.stream().map(Tensor::shape).toList();
    }

    private static void check(Module layer, List<Shape> given, List<Shape> expected) {
        String message = "weights of Keras for a %s: shapes %s, expected %s";
        Require.that(given.equals(expected), message, layer.getClass().getSimpleName(), given, expected);
    }

    // ---- convolutions ----

    /// Keras has depthwise kernels `[KH, KW, C, multiplier]`.
    private static void conv2d(Conv2d layer, List<Tensor> weights) {
        boolean isDepthwise = layer.groups() > 1
                && !weights.isEmpty()
                && weights.getFirst().rank() == 4
                && weights.getFirst().dim(2) == layer.groups();
        List<Tensor> arranged = new ArrayList<>(weights);
        if (isDepthwise) {
            arranged.set(0, depthwise(weights.getFirst()));
        }
        all(layer, arranged, parameters(layer.weight(), layer.bias()));
    }

    /// The kernel of a depthwise convolution, `[KH, KW, C, multiplier]`, as that of a grouped one,
    /// `[KH, KW, 1, C * multiplier]`.
    public static Tensor depthwise(Tensor kernel) {
        Require.that(kernel.rank() == 4, "depthwise: kernel %s, expected [KH, KW, C, multiplier]", kernel.type());
        return kernel.reshape(kernel.dim(0), kernel.dim(1), 1, kernel.dim(2) * kernel.dim(3));
    }

    private static void separable(SeparableConv2d layer, List<Tensor> weights) {
        Require.that(
                weights.size() >= 2, "weights of Keras for a SeparableConv2d: %s, expected 2 or 3", weights.size());
        conv2d(layer.depthwise(), weights.subList(0, 1));
        conv2d(layer.pointwise(), weights.subList(1, weights.size()));
    }

    // ---- normalisation ----

    private static void batchNorm(BatchNorm layer, List<Tensor> weights) {
        Shape channels = layer.weight().shape();
        check(layer, shapes(weights), List.of(channels, channels, channels, channels));
        all(layer, weights.subList(0, 2), List.of(layer.weight(), layer.bias()));
        layer.runningMean().set(weights.get(2).cast(layer.runningMean().dtype()));
        layer.runningVariance().set(weights.get(3).cast(layer.runningVariance().dtype()));
    }

    // ---- gated units ----

    /// Keras has the update gate first, and with `reset_after` two rows of biases: those of the input
    /// and those of the state.
    private static void gru(Gru layer, List<Tensor> weights) {
        int units = layer.recurrentWeight().shape().dim(0);
        Shape input = layer.inputWeight().shape();
        Shape state = layer.recurrentWeight().shape();
        String one = "weights of Keras for a Gru: biases [%s], as without reset_after, which Fathom does not have";
        boolean isOne = weights.size() == 3 && weights.get(2).rank() == 1;
        Require.that(!isOne, one, 3 * units);
        check(layer, shapes(weights), List.of(input, state, Shape.of(2, 3 * units)));
        all(
                layer,
                gru(weights.get(0), weights.get(1), weights.get(2), units),
                List.of(layer.inputWeight(), layer.recurrentWeight(), layer.bias(), layer.candidateBias()));
    }

    /// The weights of a [Gru], in the order of its components.
    ///
    /// @param kernel `[in, 3 * units]`
    /// @param state `[units, 3 * units]`
    /// @param both biases `[2, 3 * units]`, those of the input and those of the state
    static List<Tensor> gru(Tensor kernel, Tensor state, Tensor both, int units) {
        Tensor biases = gates(both, units);
        Tensor ofInput = biases.slice(0, 0, 1).reshape(3 * units);
        Tensor ofState = biases.slice(0, 1, 2).reshape(3 * units);
        Tensor candidate = ofState.slice(0, 2 * units, 3 * units);
        Tensor sum = ofInput.add(ofState.slice(0, 0, 2 * units).pad(0, 0, units));
        return List.of(gates(kernel, units), gates(state, units), sum, candidate);
    }

    /// Columns of a GRU in Keras' order (update, reset, candidate) in Fathom's (reset, update,
    /// candidate), or the other way round.
    ///
    /// @param columns `[..., 3 * units]`
    public static Tensor gates(Tensor columns, int units) {
        boolean fits = columns.rank() >= 1 && columns.dim(-1) == 3 * units;
        Require.that(fits, "gates: %s, expected [..., %s]", columns.type(), 3 * units);
        int axis = columns.rank() - 1;
        return Tensor.concat(
                axis,
                columns.slice(axis, units, 2 * units),
                columns.slice(axis, 0, units),
                columns.slice(axis, 2 * units, 3 * units));
    }
}
