package fathom.io;

import fathom.nn.Module;
import fathom.tensor.Tensor;
import fathom.tensor.Variable;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/// One layer of a model of Keras as Fathom computes it.
///
/// @param inputs the layers that it follows
/// @param module what its parameters are in, if it has any
/// @param frozen running statistics that stay as they are
record KerasStep(
        String name,
        List<String> inputs,
        Optional<Module> module,
        List<Variable> frozen,
        Function<List<Tensor>, Tensor> function) {
    static KerasStep of(KerasLayer layer, Module module) {
        return of(layer, module, module::apply);
    }

    /// @param function which uses the module
    static KerasStep of(KerasLayer layer, Module module, UnaryOperator<Tensor> function) {
        one(layer);
        return new KerasStep(
                layer.name(),
                layer.inputs(),
                Optional.of(module),
                List.of(),
                inputs -> function.apply(inputs.getFirst()));
    }

    /// With the activation that the layer has in its settings.
    static KerasStep activated(KerasLayer layer, Module module) {
        UnaryOperator<Tensor> activation = KerasActivations.of(layer);
        return of(layer, module, x -> activation.apply(module.apply(x)));
    }

    static KerasStep applying(KerasLayer layer, UnaryOperator<Tensor> function) {
        one(layer);
        return new KerasStep(
                layer.name(), layer.inputs(), Optional.empty(), List.of(), inputs -> function.apply(inputs.getFirst()));
    }

    /// Of two layers or more.
    static KerasStep merging(KerasLayer layer, Function<List<Tensor>, Tensor> function) {
        layer.require(layer.inputs().size() >= 2, "inputs " + layer.inputs() + ", expected two or more");
        return new KerasStep(layer.name(), layer.inputs(), Optional.empty(), List.of(), function);
    }

    KerasStep withFrozen(List<Variable> statistics) {
        return new KerasStep(name, inputs, module, statistics, function);
    }

    private static void one(KerasLayer layer) {
        layer.require(layer.inputs().size() == 1, "inputs " + layer.inputs() + ", expected one");
    }
}
