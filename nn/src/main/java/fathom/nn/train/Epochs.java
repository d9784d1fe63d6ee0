package fathom.nn.train;

/// How long to train.
///
/// @param count how many times all samples are seen
public record Epochs(int count) {
    public Epochs {
        if (count < 0) {
            throw new IllegalArgumentException("epochs " + count + ", expected 0 or more");
        }
    }

    /// As many times as given.
    ///
    /// @throws IllegalArgumentException if it is negative
    public static Epochs of(int count) {
        return new Epochs(count);
    }
}
