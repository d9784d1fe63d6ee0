package fathom.tensor;

import fathom.ir.Buffer;
import fathom.ir.Node;
import fathom.ir.Require;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A cell whose value changes: a weight, a running average, an optimiser's moment.
///
/// [#value] is the present value as a leaf of the graph. An update is computed by [Device#commit]
/// into a second buffer, and then the two change places; so whatever was built from the value
/// before the latest update can still be read, and what is older says so when it is.
public final class Variable {
    private final Shape shape;
    private final DType dtype;
    private Buffer front;
    /// Where the next value goes, once there was an update: what is only read takes half the memory.
    private @Nullable Buffer back;
    private Tensor value;
    /// The rows in which the buffers may differ, or null if that may be any.
    private int @Nullable [] stale;

    private Variable(Buffer initial, Shape shape) {
        this.shape = shape;
        this.dtype = initial.dtype();
        this.front = initial;
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
        Device.current().commit(List.of(), List.of(to(newValue)));
    }

    /// An update to be committed.
    ///
    /// @throws IllegalArgumentException if shape or dtype differ
    public Update to(Tensor newValue) {
        boolean fits = newValue.type().equals(value.type());
        Require.that(fits, "variable: a value of %s, expected %s", newValue.type(), value.type());
        return new Whole(this, newValue);
    }

    /// An update of some rows to be committed; the others stay as they are. What it takes grows with the
    /// rows that are given and not with those that there are, but for the first time after the whole
    /// value was set.
    ///
    /// @param indices I32 `[R]`, which rows; one that is named twice must be given twice the same
    /// @param rows `[R, ...]`, their new values
    /// @throws IllegalArgumentException if shapes or dtypes do not fit
    public Update rowsTo(Tensor indices, Tensor rows) {
        boolean fits = shape.rank() >= 1
                && indices.dtype() == DType.I32
                && indices.rank() == 1
                && rows.dtype() == dtype
                && rows.shape().equals(shape.with(0, indices.dim(0)));
        String message = "variable: rows %s with the values %s, expected I32[R] and R rows of %s";
        Require.that(fits, message, indices.type(), rows.type(), value.type());
        return new Rows(this, indices, rows);
    }

    /// A change of a variable, not yet committed.
    public sealed interface Update {
        /// What is changed.
        Variable variable();

        /// What is computed for it.
        List<Tensor> computed();
    }

    /// A new value of a variable.
    record Whole(Variable variable, Tensor value) implements Update {
        @Override
        public List<Tensor> computed() {
            return List.of(value);
        }
    }

    /// New values of some rows of a variable.
    record Rows(Variable variable, Tensor indices, Tensor rows) implements Update {
        @Override
        public List<Tensor> computed() {
            return List.of(indices, rows);
        }

        /// @throws IllegalArgumentException if there is no such row
        void check() {
            Require.indices(
                    "variable: row", indices.node().value(), variable.shape().dim(0));
        }
    }

    /// The buffer that the next value is to be written to. From now on it may hold anything.
    Buffer target() {
        stale = null;
        return other();
    }

    private Buffer other() {
        Buffer there = back == null ? Buffer.allocate(dtype, shape.size()) : back;
        back = there;
        return there;
    }

    /// Makes the other buffer the present value with some rows replaced, and exchanges them.
    void updateRows(Buffer indices, Buffer rows) {
        int width = shape.size() / Math.max(1, shape.dim(0));
        Buffer into = other();
        if (stale == null) {
            System.arraycopy(front.array(), 0, into.array(), 0, shape.size());
        } else {
            for (int row : stale) {
                System.arraycopy(front.array(), row * width, into.array(), row * width, width);
            }
        }
        int[] changed = Arrays.copyOf((int[]) indices.array(), indices.size());
        for (int i = 0; i < changed.length; i++) {
            System.arraycopy(rows.array(), i * width, into.array(), changed[i] * width, width);
        }
        into.replaced();
        updated();
        stale = changed;
    }

    /// Exchanges the buffers; the target has been written.
    void updated() {
        Buffer old = front;
        front = other();
        back = old;
        value = new Tensor(Node.variable(front, shape));
    }
}
