package fathom.nn;

import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import fathom.tensor.Variable;

/// A weight of a model: a variable, and whether training changes it.
public final class Parameter {
    private final Variable variable;
    private final boolean trainable;

    private Parameter(Variable variable, boolean trainable) {
        this.variable = variable;
        this.trainable = trainable;
    }

    /// A trainable parameter that starts with a copy of the tensor's value.
    public static Parameter of(Tensor initial) {
        return new Parameter(Variable.of(initial), true);
    }

    /// The same weight, to be left as it is by training.
    public Parameter frozen() {
        return new Parameter(variable, false);
    }

    /// The cell that holds the value.
    public Variable variable() {
        return variable;
    }

    /// Whether training changes it.
    public boolean trainable() {
        return trainable;
    }

    /// The present value, which gradients can be taken for. In a layer that [WeightNorm] or the
    /// like is put around it is what that makes of it.
    public Tensor value() {
        return Replacement.of(variable);
    }

    public Shape shape() {
        return variable.shape();
    }

    /// Sets the value now.
    ///
    /// @throws IllegalArgumentException if shape or dtype differ
    public void set(Tensor value) {
        variable.set(value);
    }

    @Override
    public String toString() {
        return "Parameter " + variable.dtype() + shape() + (trainable ? "" : " frozen");
    }
}
