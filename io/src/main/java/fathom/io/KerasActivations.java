package fathom.io;

import fathom.nn.Activations;
import fathom.tensor.Tensor;
import java.util.Map;
import java.util.function.UnaryOperator;

/// The activations that Keras knows by a name.
final class KerasActivations {
    private static final Map<String, UnaryOperator<Tensor>> ALL = Map.ofEntries(
            Map.entry("elu", x -> Activations.elu(x, 1)),
            Map.entry("exponential", Tensor::exp),
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

    private KerasActivations() {}

    /// The one that a layer has in its settings.
    static UnaryOperator<Tensor> of(KerasLayer layer) {
        String name = layer.config().text("activation", "linear");
        UnaryOperator<Tensor> function = ALL.get(name);
        if (function == null) {
            throw layer.error("activation " + SafetensorsHeader.quoted(name) + ", expected one of "
                    + ALL.keySet().stream().sorted().toList());
        }
        return function;
    }
}
