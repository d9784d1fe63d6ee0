package fathom.data.text.pipeline;

import fathom.ir.Require;

/// Sequences filled up to one length.
///
/// @param fixed the length, or 0 for that of the longest
/// @param multiple what the length is to be a multiple of
/// @param atStart whether they are filled up at the beginning
/// @param id the token for it
/// @param type what kind of token the model is told that it is
record Padding(int fixed, int multiple, boolean atStart, int id, int type) {
    /// Longer sequences would fill the memory with nothing.
    private static final int MOST = 1 << 24;

    Padding {
        boolean fits = fixed >= 0 && fixed <= MOST && multiple >= 1 && multiple <= MOST;
        Require.that(fits, "padding: to %s tokens and a multiple of %s, expected 1 to %s", fixed, multiple, MOST);
    }

    int length(int longest) {
        int length = fixed > 0 ? Math.max(fixed, longest) : longest;
        return Math.multiplyExact(Math.ceilDiv(length, multiple), multiple);
    }
}
