package fathom.backend.reference;

import fathom.ir.Buffer;
import fathom.tensor.DType;
import fathom.tensor.Shape;

/// Elements in row-major order, read and written as `double` (floating dtypes) or `long` (the
/// others), whatever the dtype.
///
/// @param buffer the elements
/// @param shape their shape
record Array(Buffer buffer, Shape shape) {
    static Array allocate(DType dtype, Shape shape) {
        return new Array(Buffer.allocate(dtype, shape.size()), shape);
    }

    int size() {
        return shape.size();
    }

    DType dtype() {
        return buffer.dtype();
    }

    /// Whether the elements are floating, halves included.
    boolean isFractional() {
        return dtype().isFloating() || dtype().isHalf();
    }

    double get(int i) {
        return buffer.getDouble(i);
    }

    /// Rounds to the dtype.
    void set(int i, double value) {
        buffer.setDouble(i, value);
    }

    long getLong(int i) {
        return buffer.getLong(i);
    }

    /// Drops the bits that the dtype has no room for.
    void setLong(int i, long value) {
        buffer.setLong(i, value);
    }

    void fill(double value) {
        for (int i = 0; i < size(); i++) {
            set(i, value);
        }
    }
}
