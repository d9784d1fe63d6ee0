package fathom.compile;

import fathom.ir.Buffer;
import fathom.ir.Graph;
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

    /// What it computes, one operation an entry: simplified as far as the backend does that, and not
    /// yet fused into kernels.
    Graph graph();

    /// What it does, in order.
    List<KernelInfo> kernels();

    /// What memory it needs.
    Memory memory();

    /// A table of the kernels with what they take, for reading. Inside of a [Profile] in which the
    /// program has run it has the times too.
    default String explain() {
        return KernelTable.of(this, Profile.times(this));
    }
}
