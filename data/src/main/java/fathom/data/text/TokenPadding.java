package fathom.data.text;

import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/// Sequences of tokens made of one length.
///
/// @param length the length of all, in tokens
/// @param token what shorter ones are filled up with
/// @param atEnd whether longer ones lose their end and shorter ones are filled up there, rather than
///   at the beginning
public record TokenPadding(int length, int token, boolean atEnd) {
    public TokenPadding {
        Require.positive("padding: a length of", length);
    }

    /// To a length, with token 0 at the end.
    public static TokenPadding to(int length) {
        return new TokenPadding(length, 0, true);
    }

    /// At the beginning instead of the end.
    public TokenPadding atStart() {
        return new TokenPadding(length, token, false);
    }

    /// With another token than 0.
    public TokenPadding with(int otherToken) {
        return new TokenPadding(length, otherToken, atEnd);
    }

    /// One sequence, filled up or cut off.
    public int[] pad(int... tokens) {
        int kept = Math.min(length, tokens.length);
        int[] padded = new int[length];
        Arrays.fill(padded, token);
        System.arraycopy(tokens, atEnd ? 0 : tokens.length - kept, padded, atEnd ? 0 : length - kept, kept);
        return padded;
    }

    /// Sequences as rows, I32 `[N, length]`.
    public Tensor pad(List<int[]> sequences) {
        int[] rows = sequences.stream().flatMapToInt(s -> Arrays.stream(pad(s))).toArray();
        return Tensor.of(rows, sequences.size(), length);
    }

    /// Where the rows of [#pad(List)] hold tokens of the sequences, BOOL `[N, length]`.
    public Tensor mask(List<int[]> sequences) {
        boolean[] mask = new boolean[Math.multiplyExact(sequences.size(), length)];
        for (int row = 0; row < sequences.size(); row++) {
            int kept = Math.min(length, sequences.get(row).length);
            int from = row * length + (atEnd ? 0 : length - kept);
            Arrays.fill(mask, from, from + kept, true);
        }
        return Tensor.of(mask, sequences.size(), length);
    }
}
