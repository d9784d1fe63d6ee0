import org.jspecify.annotations.NullMarked;

/// Named architectures that load published checkpoints, and what is done with them.
@NullMarked
module fathom.models {
    requires transitive fathom.core;
    requires transitive fathom.data;
    requires transitive fathom.io;
    requires transitive fathom.nn;
    requires static org.jspecify;

    exports fathom.models;
}
