import org.jspecify.annotations.NullMarked;

/// The `fathom` command.
@NullMarked
module fathom.cli {
    requires com.fasterxml.jackson.core;
    requires fathom.core;
    requires fathom.data;
    requires fathom.io;
    requires fathom.nn;
    requires info.picocli;
    requires java.desktop;
    requires static org.jspecify;

    opens fathom.cli to
            info.picocli;
    opens fathom.cli.bench to
            fathom.nn;
}
