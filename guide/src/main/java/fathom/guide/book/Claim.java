package fathom.guide.book;

import fathom.ir.Require;

/// What the text says of one figure, and between which bounds that has to lie in a run.
///
/// @param figure its name
/// @param shown as the text gives it
/// @param full the bounds of a run at full size
/// @param quick the bounds of a small run
public record Claim(String figure, String shown, Bounds full, Bounds quick) {
    public Claim {
        String message = "figure %s: the text says %s, expected a value in the bounds %s of a full run";
        Require.that(full.hold(number(shown)), message, figure, shown, full);
    }

    /// NaN, which lies in no bounds, if it is none.
    private static double number(String shown) {
        try {
            return Double.parseDouble(shown);
        } catch (NumberFormatException e) {
            return Double.NaN;
        }
    }

    /// Two values, both included.
    public record Bounds(double low, double high) {
        public Bounds {
            Require.that(low <= high, "bounds from %s to %s, expected the lower one first", low, high);
        }

        /// Whether a value lies between them.
        public boolean hold(double value) {
            return low <= value && value <= high;
        }
    }
}
