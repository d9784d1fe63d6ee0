package fathom.backend.reference;

import fathom.ir.BinaryOp;
import java.util.Arrays;

/// Elements that are combined step by step, in double precision or as 64-bit integers, and rounded
/// to their dtype once, at the end.
final class Totals {
    private final Array to;
    private final double[] fractions;
    private final long[] integers;

    /// @param to what gets the results
    /// @param start what every element begins as, kept within the dtype
    Totals(Array to, double start) {
        this.to = to;
        this.fractions = new double[to.isFractional() ? to.size() : 0];
        this.integers = new long[to.isFractional() ? 0 : to.size()];
        if (to.isFractional()) {
            Arrays.fill(fractions, start);
        } else {
            Arrays.fill(integers, Elementwise.truncated(to.dtype(), start));
        }
    }

    /// Sums.
    Totals(Array to) {
        this(to, 0);
    }

    /// Adds to a floating element.
    void add(int i, double value) {
        fractions[i] += value;
    }

    /// Combines an element with one of x, which has the same dtype.
    void combine(BinaryOp function, int i, Array x, int j) {
        if (to.isFractional()) {
            fractions[i] = Elementwise.binary(function, fractions[i], x.get(j));
        } else {
            integers[i] = Elementwise.binary(function, to.dtype(), integers[i], x.getLong(j));
        }
    }

    void store() {
        for (int i = 0; i < to.size(); i++) {
            if (to.isFractional()) {
                to.set(i, fractions[i]);
            } else {
                to.setLong(i, integers[i]);
            }
        }
    }
}
