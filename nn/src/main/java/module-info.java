import org.jspecify.annotations.NullMarked;

/// Layers, initialisers, losses, optimisers, metrics and the training loop.
@NullMarked
module fathom.nn {
    requires transitive fathom.core;
    requires static org.jspecify;

    exports fathom.nn;
    exports fathom.nn.generate;
    exports fathom.nn.optim;
    exports fathom.nn.search;
    exports fathom.nn.train;
}
