package fathom.io.onnx.export;

import fathom.tensor.Tensor;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// A tensor of the ONNX graph. Elements that the file holds are arranged when they are first used, in the
/// way in which they are used.
final class Source {
    private final @Nullable Tensor elements;
    private String name;
    private int[] positions;
    private int rank;
    private boolean written;

    private Source(String name, int rank, @Nullable Tensor elements) {
        this.name = name;
        this.rank = rank;
        this.elements = elements;
        this.positions = IntStream.range(0, rank).toArray();
        this.written = elements == null;
    }

    /// What a node makes, or what the model is given.
    static Source of(String name, int rank) {
        return new Source(name, rank, null);
    }

    /// Elements that the file holds.
    static Source of(String name, Tensor elements) {
        return new Source(name, elements.rank(), elements);
    }

    /// Whether it can still be arranged at will.
    boolean isFree() {
        return !written;
    }

    Tensor elements() {
        if (elements == null) {
            throw new IllegalStateException(name + " is no initialiser");
        }
        return elements;
    }

    /// Notes that the elements are in the file now.
    ///
    /// @param as what they are called
    /// @param places where each axis of the elements is there, -1 if it is gone
    void written(String as, int axes, int[] places) {
        name = as;
        rank = axes;
        positions = places.clone();
        written = true;
    }

    String name() {
        return name;
    }

    /// The number of axes it has in the file.
    int rank() {
        return rank;
    }

    /// Where in the file an axis is.
    int position(int axis) {
        return positions[axis];
    }
}
