package fathom.tensor;

/// What stands between NumPy's square brackets, for [Tensor#get].
public sealed interface Index {
    /// One index; the axis disappears.
    record At(int index) implements Index {}

    /// A range of indices.
    record Range(int start, int stop, int step) implements Index {}

    /// A new axis of size 1.
    record NewAxis() implements Index {}

    /// As many whole axes as are left over.
    record Ellipsis() implements Index {}

    /// One index; the axis disappears.
    static Index at(int index) {
        return new At(index);
    }

    /// The whole axis.
    static Index all() {
        return new Range(0, Integer.MAX_VALUE, 1);
    }

    /// From `start` to before `stop`.
    static Index range(int start, int stop) {
        return new Range(start, stop, 1);
    }

    /// From `start` to before `stop` in steps.
    static Index range(int start, int stop, int step) {
        return new Range(start, stop, step);
    }

    /// A new axis of size 1.
    static Index newAxis() {
        return new NewAxis();
    }

    /// As many whole axes as are left over.
    static Index ellipsis() {
        return new Ellipsis();
    }
}
