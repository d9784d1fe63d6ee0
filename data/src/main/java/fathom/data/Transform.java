package fathom.data;

/// Makes one sample from another, on plain arrays.
///
/// It is called on several threads at once and must depend on nothing but the sample, so that an
/// epoch can be read again.
@FunctionalInterface
public interface Transform {
    /// Transforms one sample.
    ///
    /// @param sample the values in row-major order, for reading only
    /// @param result to be filled with the new values in row-major order; zeroed before
    void apply(float[] sample, float[] result);
}
