package fathom.backend.cpu;

import java.util.List;

/// One kernel of a program, with its places settled.
interface Step {
    /// What does it, with the arrays that are in the frame then. Called once for a program.
    Runnable bind(Frame frame);

    /// What it reads.
    List<Storage> reads();

    /// What it writes.
    List<Storage> writes();

    /// A write that may share the array of a read that nobody needs afterwards, element for
    /// element.
    default boolean canOverwrite(Storage read, Storage written) {
        return false;
    }

    /// What it computes, for people.
    String title();

    /// The shapes of what it works on, for people.
    String shapes();

    /// Arithmetic operations, counted as by [fathom.ir.Flops].
    long flops();

    /// How many elements of one of its places it reads or writes in memory.
    long touched(Storage place);

    /// What else people may want to know, or "".
    default String note() {
        return "";
    }
}
