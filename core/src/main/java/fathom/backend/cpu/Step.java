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

    /// A line for people.
    String describe();
}
