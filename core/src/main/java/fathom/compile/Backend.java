package fathom.compile;

import fathom.ir.Graph;

/// Something that can run graphs.
public interface Backend extends AutoCloseable {
    /// A short name: `cpu`, `reference`.
    String name();

    /// A program for the graph.
    Program compile(Graph graph);

    /// Gives back threads and memory.
    @Override
    void close();
}
