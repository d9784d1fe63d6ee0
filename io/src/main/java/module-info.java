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
    // The library for HDF5 needs these three, but has no descriptor that says so.
    requires com.ning.compress.lzf;
    requires org.apache.commons.lang3;
    requires org.slf4j;
    requires static org.jspecify;

    exports fathom.io;
    exports fathom.io.onnx;
    exports fathom.io.onnx.export;
    exports fathom.io.onnx.format;
}
