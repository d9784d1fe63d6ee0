package fathom.io.onnx.operators;

import fathom.ir.Require;

/// What is computed on the host, such as windows and weights of resizing, whose sizes a file says.
final class Tables {
    private static final int MOST = 1 << 26;

    private Tables() {}

    /// A number of elements, before room is made for them.
    ///
    /// @throws IllegalArgumentException if it is negative or too great
    static int size(long elements) {
        Require.that(elements >= 0 && elements <= MOST, "a table of %s elements, expected 0 to %s", elements, MOST);
        return (int) elements;
    }
}
