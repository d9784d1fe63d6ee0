import org.jspecify.annotations.NullMarked;

/// Reading and writing the formats that others use.
@NullMarked
module fathom.io {
    requires transitive fathom.core;
    requires transitive fathom.nn;
    requires com.fasterxml.jackson.core;
    requires com.google.protobuf;
    requires de.siegmar.fastcsv;
    requires io.jhdf;
    requires static org.jspecify;

    exports fathom.io;
    exports fathom.io.onnx;
    exports fathom.io.onnx.format;
}
