package fathom.compile;

import fathom.ir.Buffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// A compiled graph, ready to run on any arguments of the same structure.
public interface Program {
    /// Computes the roots.
    ///
    /// @param leaves the buffer arguments
    /// @param scalars the scalar arguments
    /// @param targets for each root a buffer to write its elements to, or null for a fresh one; no
    ///   target is among the leaves
    /// @return the roots' buffers
    List<Buffer> run(List<Buffer> leaves, double[] scalars, List<@Nullable Buffer> targets);

    /// What it does, step by step, for reading.
    String explain();
}
