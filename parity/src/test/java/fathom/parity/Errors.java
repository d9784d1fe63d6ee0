package fathom.parity;

import fathom.tensor.DType;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.function.BinaryOperator;

/// The largest errors that the tests of this run saw, by test and type, for the table of what is
/// covered.
final class Errors {
    /// Which test is running, as `LayersTest.conv2d`.
    static final ScopedValue<String> TEST = ScopedValue.newInstance();

    private static final Map<String, Measured> SEEN = new ConcurrentSkipListMap<>();

    private Errors() {}

    /// What was allowed and what was seen.
    ///
    /// @param tolerance the largest error allowed anywhere in the test
    /// @param largest the largest error seen, over `|expected| + 0.1`
    record Measured(double tolerance, double largest) {
        private static final BinaryOperator<Measured> GREATER =
                (a, b) -> new Measured(Math.max(a.tolerance, b.tolerance), Math.max(a.largest, b.largest));
    }

    /// Takes note of an error.
    static void note(DType dtype, double tolerance, double error) {
        if (TEST.isBound()) {
            SEEN.merge(key(TEST.get(), dtype), new Measured(tolerance, error), Measured.GREATER);
        }
    }

    /// What a test has seen.
    static Optional<Measured> of(String test, DType dtype) {
        return Optional.ofNullable(SEEN.get(key(test, dtype)));
    }

    private static String key(String test, DType dtype) {
        return test + " " + dtype;
    }
}
