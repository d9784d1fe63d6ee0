package fathom.compile;

import fathom.tensor.DType;
import fathom.tensor.Shape;
import java.util.List;
import java.util.Locale;

/// One kernel of a program: what it does, with what, and what that takes at least.
///
/// @param number its position in the program, from 0
/// @param name what it computes: `matMul`, or the operations of a fused loop
/// @param shapes the operands' and the result's shapes, or the space that a loop goes over
/// @param reads the places that it reads, each once
/// @param writes the places that it writes, each once
/// @param flops arithmetic operations, counted as by [fathom.ir.Flops]; a fused loop counts those
///   that it does for each point
/// @param bytes what has to go through memory at least: the elements that are read and those that
///   are written, each once. What a kernel keeps in the cache for itself does not count
/// @param note what else there is to know, or ""
/// @param entries which entries of [Program#graph] it computes; one that is computed in several
///   kernels is in all of them
public record KernelInfo(
        int number,
        String name,
        String shapes,
        List<Place> reads,
        List<Place> writes,
        long flops,
        long bytes,
        String note,
        List<Integer> entries) {
    public KernelInfo {
        reads = List.copyOf(reads);
        writes = List.copyOf(writes);
        entries = List.copyOf(entries);
    }

    /// Where the elements of one value are while a program runs.
    ///
    /// @param id tells the places of a program apart
    /// @param kind where the memory comes from
    /// @param number the number of the argument or of the result; of a temporary, the number of its
    ///   array, which others use before and after
    /// @param shape of the elements, where it is known, else all in a row
    public record Place(int id, Kind kind, int number, DType dtype, Shape shape) {
        /// Its size.
        public long bytes() {
            return (long) shape.size() * dtype.bytes();
        }

        /// A name to read: `argument 3`.
        public String title() {
            return kind.name().toLowerCase(Locale.ROOT) + " " + number;
        }

        /// For example `argument 3 F32[2, 3]`.
        @Override
        public String toString() {
            return title() + " " + dtype + shape;
        }
    }

    /// Where memory comes from.
    public enum Kind {
        /// A buffer that the program is given.
        ARGUMENT,
        /// A buffer that it fills for the caller.
        RESULT,
        /// Memory that it borrows while it runs.
        TEMPORARY
    }
}
