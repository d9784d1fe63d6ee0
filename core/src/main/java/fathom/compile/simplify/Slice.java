package fathom.compile.simplify;

import fathom.ir.Op;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// Which elements a slice takes along each axis, written in one way only: a step is 1 where there
/// is nothing to step to.
///
/// @param starts the first elements
/// @param sizes how many elements
/// @param steps from one element to the next
record Slice(List<Integer> starts, List<Integer> sizes, List<Integer> steps) {
    static Slice of(Op.Slice s) {
        List<Integer> steps = new ArrayList<>(s.steps());
        for (int a = 0; a < steps.size(); a++) {
            steps.set(a, s.sizes().get(a) <= 1 ? 1 : steps.get(a));
        }
        return new Slice(s.starts(), s.sizes(), List.copyOf(steps));
    }

    /// Adds the slice of an entry, or finds that it is all of it.
    Integer add(Rewriter to, Integer of) {
        DType dtype = to.entry(of).dtype();
        Shape shape = Shape.of(sizes);
        boolean whole = shape.equals(to.entry(of).shape()) && steps.stream().allMatch(v -> v == 1);
        return whole ? of : to.add(new Op.Slice(starts, sizes, steps), shape, dtype, of);
    }

    /// This slice of another slice as a slice of what that is one of.
    Slice of(Slice inner) {
        Slice both = this;
        for (int a = 0; a < sizes.size(); a++) {
            int start = inner.start(a) + start(a) * inner.step(a);
            both = both.with(a, start, size(a), size(a) <= 1 ? 1 : step(a) * inner.step(a));
        }
        return both;
    }

    /// With other elements along one axis.
    Slice with(int axis, int start, int size, int step) {
        return new Slice(with(starts, axis, start), with(sizes, axis, size), with(steps, axis, step));
    }

    private static List<Integer> with(List<Integer> list, int axis, int value) {
        List<Integer> changed = new ArrayList<>(list);
        changed.set(axis, value);
        return List.copyOf(changed);
    }

    int start(int axis) {
        return starts.get(axis);
    }

    int size(int axis) {
        return sizes.get(axis);
    }

    int step(int axis) {
        return steps.get(axis);
    }

    /// The number of elements.
    int size() {
        return Shape.of(sizes).size();
    }

    /// The lowest place along an axis.
    int low(int axis) {
        return Math.min(start(axis), last(axis));
    }

    /// The highest place along an axis.
    int high(int axis) {
        return Math.max(start(axis), last(axis));
    }

    private int last(int axis) {
        return start(axis) + (size(axis) - 1) * step(axis);
    }
}
