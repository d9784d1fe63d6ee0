import org.jspecify.annotations.NullMarked;

/// The `fathom` command.
@NullMarked
module fathom.cli {
    requires com.fasterxml.jackson.core;
    // The layout library needs it, but has no descriptor that says so.
    requires com.google.common;
    requires fathom.core;
    requires fathom.data;
    requires fathom.guide;
    requires fathom.io;
    requires fathom.models;
    requires fathom.nn;
    requires info.picocli;
    requires java.desktop;
    requires org.eclipse.elk.alg.layered;
    requires org.eclipse.elk.core;
    requires org.eclipse.elk.graph;
    requires org.eclipse.emf.common;
    requires static org.jspecify;

    opens fathom.cli to
            info.picocli;
    opens fathom.cli.bench to
            fathom.nn;
}
