package fathom.cli;

/// What was asked for was right but could not be done. The message is one line; the exit code is 1.
public final class Failure extends RuntimeException {
    private static final long serialVersionUID = 1;

    public Failure(String message) {
        super(message);
    }

    public Failure(String message, Throwable cause) {
        super(message, cause);
    }
}
