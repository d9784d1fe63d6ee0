package fathom.ir;

/// How a reduction combines elements.
public enum ReduceOp {
    /// Sum; 0 over nothing.
    SUM,
    /// Product; 1 over nothing.
    PRODUCT,
    /// Greatest; NaN if any is NaN; -infinity (or the least integer, or false) over nothing.
    MAX,
    /// Smallest; NaN if any is NaN; infinity (or the greatest integer, or true) over nothing.
    MIN
}
