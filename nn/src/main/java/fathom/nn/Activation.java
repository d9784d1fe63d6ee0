package fathom.nn;

import fathom.tensor.Tensor;
import java.util.function.UnaryOperator;

/// A function without parameters as a layer.
///
/// @param name what it is called in summaries and errors
/// @param function what it computes
public record Activation(String name, UnaryOperator<Tensor> function) implements Stateless {
    @Override
    public Tensor forward(Tensor x) {
        return function.apply(x);
    }

    @Override
    public String toString() {
        return name;
    }
}
