import org.jspecify.annotations.NullMarked;

/// Data sets and the loaders that turn them into batches.
@NullMarked
module fathom.data {
    requires transitive fathom.core;
    requires com.fasterxml.jackson.core;
    requires com.google.protobuf;
    requires de.siegmar.fastcsv;
    requires java.desktop;
    requires java.net.http;
    requires org.apache.commons.compress;
    requires static org.jspecify;

    exports fathom.data;
    exports fathom.data.audio;
    exports fathom.data.text;
}
