package fathom.io.onnx.run;

/// What a value depends on, from the most lasting to the least. It says what may be computed beforehand
/// and kept.
public enum Origin {
    /// What is in the file and never changes.
    CONSTANT,
    /// That and the shapes of the model's inputs.
    SHAPE,
    /// That and the counters of loops, which are known when a step of the loop is reached.
    KNOWN,
    /// The inputs' elements, or parameters.
    DATA;

    /// What depends on both.
    public Origin and(Origin other) {
        return compareTo(other) >= 0 ? this : other;
    }
}
