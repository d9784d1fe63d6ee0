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

    /// At least 1.
    public static void positive(String what, int value) {
        that(value >= 1, "%s %s, expected at least 1", what, value);
    }

    /// Above 0 and finite.
    public static void positive(String what, double value) {
        that(value > 0 && value < Double.POSITIVE_INFINITY, "%s %s, expected a number above 0", what, value);
    }

    /// 0 or more and finite.
    public static void notNegative(String what, double value) {
        that(value >= 0 && value < Double.POSITIVE_INFINITY, "%s %s, expected 0 or more", what, value);
    }

    /// From 0 to below 1.
    public static void fraction(String what, double value) {
        that(value >= 0 && value < 1, "%s %s, expected 0 or more and below 1", what, value);
    }

    /// That all elements are indices from 0 to below `count`.
    public static void indices(String what, Buffer elements, int count) {
        for (int i = 0; i < elements.size(); i++) {
            long index = elements.getLong(i);
            if (index < 0 || index >= count) {
                throw new IllegalArgumentException(
                        "%s %s at position %s, expected 0 to %s".formatted(what, index, i, count - 1));
            }
        }
    }
}
