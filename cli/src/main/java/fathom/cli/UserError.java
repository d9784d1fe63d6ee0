package fathom.cli;

/// Something that the user gave is wrong. The message is one line that says what was given and what
/// would be right; the exit code is 2.
public final class UserError extends RuntimeException {
    private static final long serialVersionUID = 1;

    public UserError(String message) {
        super(message);
    }

    public UserError(String message, Throwable cause) {
        super(message, cause);
    }
}
