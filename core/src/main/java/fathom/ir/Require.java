package fathom.ir;

/// Checks of arguments that are errors of the caller.
public final class Require {
    private Require() {}

    /// That a condition holds.
    ///
    /// @param message where it is, what was given and what was expected, with `%s` for each detail;
    ///   put together only if the condition does not hold
    /// @throws IllegalArgumentException with the message, if it does not
    @SuppressWarnings("AnnotateFormatMethod") // The annotation would be a dependency.
    public static void that(boolean condition, String message, Object... details) {
        if (!condition) {
            throw new IllegalArgumentException(message.formatted(details));
        }
    }
}
