package fathom.backend.cpu;

import fathom.compile.KernelInfo;
import fathom.tensor.DType;
import fathom.tensor.Shape;

/// A place for the elements of one value while a program runs.
///
/// Which Java array it is differs from run to run for arguments and results, and is the planner's
/// choice for what is only needed in between.
final class Storage {
    /// Where the array comes from.
    enum Kind {
        /// A buffer argument of the program.
        ARGUMENT,
        /// A result: the caller's target or a fresh array.
        RESULT,
        /// An array of the arena, free again after the last use.
        TEMPORARY
    }

    final int id;
    final DType dtype;
    final Shape shape;
    final int size;
    private Kind kind;
    private int number;

    Storage(int id, DType dtype, Shape shape, Kind kind, int number) {
        this.id = id;
        this.dtype = dtype;
        this.shape = shape;
        this.size = shape.size();
        this.kind = kind;
        this.number = number;
    }

    Kind kind() {
        return kind;
    }

    /// The number of the argument, of the result, or of the arena's array.
    int number() {
        return number;
    }

    /// Makes a temporary a result.
    void becomeResult(int result) {
        kind = Kind.RESULT;
        number = result;
    }

    /// Gives a temporary an array of the arena.
    void assign(int array) {
        number = array;
    }

    /// What others are told about it.
    KernelInfo.Place place() {
        KernelInfo.Kind from = switch (kind) {
            case ARGUMENT -> KernelInfo.Kind.ARGUMENT;
            case RESULT -> KernelInfo.Kind.RESULT;
            case TEMPORARY -> KernelInfo.Kind.TEMPORARY;
        };
        return new KernelInfo.Place(id, from, number, dtype, shape);
    }

    @Override
    public String toString() {
        return switch (kind) {
            case ARGUMENT -> "argument " + number;
            case RESULT -> "result " + number;
            case TEMPORARY -> "array " + number;
        };
    }
}
