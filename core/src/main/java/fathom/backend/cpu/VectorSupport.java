package fathom.backend.cpu;

import jdk.incubator.vector.VectorShape;

/// What vectors this machine and this start of the JVM offer.
///
/// The Vector API is an incubating module: on the module path it is always there, on the class path
/// only with `--add-modules jdk.incubator.vector`. Code that mentions its types is therefore either
/// emitted or in a class that is loaded only after [#available] has said yes.
final class VectorSupport {
    /// The width that stands for plain scalar code.
    static final int SCALAR = 0;

    /// Vectors of this width have a half of use: columns are often a multiple of 8 and not of 16.
    static final int BITS_WITH_HALF = 512;

    private VectorSupport() {}

    /// Whether the vector module is present.
    static boolean available() {
        return ModuleLayer.boot().findModule("jdk.incubator.vector").isPresent();
    }

    /// The machine's vector width in bits, or [#SCALAR] when there are none to be had.
    static int preferredBits() {
        return available() ? Math.min(512, Present.preferredBits()) : SCALAR;
    }

    /// The number of vector registers that code of the given width can use.
    static int registers(int bits) {
        return bits == 512 || System.getProperty("os.arch").equals("aarch64") ? 32 : 16;
    }

    /// Loaded only when the module is there.
    private static final class Present {
        static int preferredBits() {
            return VectorShape.preferredShape().vectorBitSize();
        }
    }
}
