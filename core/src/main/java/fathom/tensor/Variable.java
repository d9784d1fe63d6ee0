package fathom.tensor;

import fathom.ir.Buffer;
import fathom.ir.Node;
import fathom.ir.Require;

/// A cell whose value changes: a weight, a running average, an optimiser's moment.
///
/// [#value] is the present value as a leaf of the graph. An update is computed by [Device#commit]
/// into a second buffer, and then the two change places; so whatever was built from the value
/// before the latest update can still be read, and what is older says so when it is.
public final class Variable {
    private final Shape shape;
    private final DType dtype;
    private Buffer front;
    private Buffer back;
    private Tensor value;

    private Variable(Buffer initial, Shape shape) {
        this.shape = shape;
        this.dtype = initial.dtype();
        this.front = initial;
        this.back = Buffer.allocate(dtype, shape.size());
        this.value = new Tensor(Node.variable(front, shape));
    }

    /// A variable that starts with a copy of the tensor's value.
    public static Variable of(Tensor initial) {
        return new Variable(initial.copy().buffer(), initial.shape());
    }

    public Shape shape() {
        return shape;
    }

    public DType dtype() {
        return dtype;
    }

    /// The present value, which gradients can be taken for. It can be read until the variable has
    /// been updated twice; [Tensor#copy] keeps it longer.
    public Tensor value() {
        return value;
    }

    /// Sets the value now.
    ///
    /// @throws IllegalArgumentException if shape or dtype differ
    public void set(Tensor newValue) {
        Device.current().commit(java.util.List.of(), java.util.List.of(to(newValue)));
    }

    /// An update to be committed.
    ///
    /// @throws IllegalArgumentException if shape or dtype differ
    public Update to(Tensor newValue) {
        boolean fits = newValue.type().equals(value.type());
        Require.that(fits, "variable: a value of %s, expected %s", newValue.type(), value.type());
        return new Update(this, newValue);
    }

    /// A new value of a variable, not yet committed.
    public record Update(Variable variable, Tensor value) {}

    Buffer target() {
        return back;
    }

    /// Exchanges the buffers; the target has been written.
    void updated() {
        Buffer old = front;
        front = back;
        back = old;
        value = new Tensor(Node.variable(front, shape));
    }
}
