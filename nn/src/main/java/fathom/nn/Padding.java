package fathom.nn;

import fathom.ir.Window;

/// What is added around an image before a window slides over it.
public sealed interface Padding {
    /// Nothing: the window stays inside.
    record Valid() implements Padding {}

    /// As much as it takes for `ceil(size / stride)` results; what is odd goes below and on the
    /// right.
    record Same() implements Padding {}

    /// Given numbers of rows and columns.
    record Explicit(int top, int bottom, int left, int right) implements Padding {
        public Explicit {
            Window.notNegative("padding", top, bottom, left, right);
        }

        /// What is on the left and right alone.
        Explicit alongWidth() {
            return new Explicit(0, 0, left, right);
        }
    }

    /// Nothing: the window stays inside.
    static Padding valid() {
        return new Valid();
    }

    /// As much as it takes for `ceil(size / stride)` results.
    static Padding same() {
        return new Same();
    }

    /// The same on all sides.
    ///
    /// @throws IllegalArgumentException if it is negative
    static Explicit of(int all) {
        return new Explicit(all, all, all, all);
    }

    /// Steps before and after a sequence.
    ///
    /// @throws IllegalArgumentException if one is negative
    static Explicit of(int before, int after) {
        return new Explicit(0, 0, before, after);
    }

    /// Rows above and below, columns on the left and right.
    ///
    /// @throws IllegalArgumentException if one is negative
    static Explicit of(int top, int bottom, int left, int right) {
        return new Explicit(top, bottom, left, right);
    }
}
