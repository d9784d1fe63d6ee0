package fathom.ir;

import java.io.Serial;

/// A value was wanted that is not known yet: that of an argument of a cell, of a checkpoint or of a
/// function that is being recorded.
public final class UnknownValueException extends IllegalStateException {
    @Serial
    private static final long serialVersionUID = 1;

    /// @param message which value, and why it is not known
    public UnknownValueException(String message) {
        super(message);
    }
}
