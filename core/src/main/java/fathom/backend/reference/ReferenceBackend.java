package fathom.backend.reference;

import fathom.compile.Backend;
import fathom.compile.Program;
import fathom.ir.Graph;

/// The plain interpreter: every operation as obvious loops, one after the other, each result
/// rounded to its dtype. Slow, and meant to be read: the other backends are tested against it.
public final class ReferenceBackend implements Backend {
    @Override
    public String name() {
        return "reference";
    }

    @Override
    public Program compile(Graph graph) {
        return new Interpreter(graph);
    }

    @Override
    public void close() {}
}
