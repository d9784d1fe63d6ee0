package fathom.data.text.pipeline;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// The pieces that together are the likeliest, found by dynamic programming.
///
/// T. Kudo: *Subword regularization: improving neural network translation models with multiple subword
/// candidates* (2018).
final class Unigram implements SubwordModel {
    /// By how much an unknown character is less likely than the least likely piece, as a logarithm.
    private static final double UNKNOWN_PENALTY = 10;

    private final PrefixTable pieces;
    private final Map<String, Integer> ids;
    private final double[] scores;
    private final double unknownScore;
    private final @Nullable Integer unknown;
    private final @Nullable ByteTokens bytes;
    private final boolean single;

    /// @param ids the pieces that a text can have, and their numbers
    /// @param scores of all numbers, logarithms of probabilities
    /// @param leastScore of the least likely piece
    /// @param unknown the number of what stands for characters of no piece
    /// @param bytes what is taken for those instead
    /// @param single whether sums are rounded to floats, as SentencePiece does, which in long texts decides
    Unigram(
            Map<String, Integer> ids,
            double[] scores,
            double leastScore,
            @Nullable Integer unknown,
            @Nullable ByteTokens bytes,
            boolean single) {
        this.pieces = new PrefixTable(ids);
        this.ids = new HashMap<>(ids);
        this.scores = scores.clone();
        this.unknownScore = leastScore - UNKNOWN_PENALTY;
        this.unknown = unknown;
        this.bytes = bytes;
        this.single = single;
    }

    /// The best ways to each place.
    private static final class Paths {
        final double[] score;
        final int[] from;
        final boolean[] unknown;
        private final boolean single;

        Paths(int length, boolean single) {
            this.single = single;
            score = new double[length + 1];
            from = new int[length + 1];
            unknown = new boolean[length + 1];
            Arrays.fill(from, -1);
        }

        void offer(int start, int end, double more, boolean isUnknown) {
            double candidate = score[start] + more;
            if (from[end] < 0 || candidate > score[end]) {
                score[end] = single ? (float) candidate : candidate;
                from[end] = start;
                unknown[end] = isUnknown;
            }
        }
    }

    @Override
    public void encode(String part, IntConsumer out) {
        Paths paths = new Paths(part.length(), single);
        for (int at = 0; at < part.length(); ) {
            int start = at;
            int width = Character.charCount(part.codePointAt(at));
            boolean[] single = {false};
            pieces.forEach(part, start, (length, id) -> {
                paths.offer(start, start + length, scores[id], unknown != null && unknown == id);
                single[0] |= length == width;
            });
            if (!single[0]) {
                paths.offer(start, start + width, unknownScore, true);
            }
            at += width;
        }
        emit(part, paths, out);
    }

    /// Unknown characters next to each other are one.
    private void emit(String part, Paths paths, IntConsumer out) {
        Deque<String> found = new ArrayDeque<>();
        int end = part.length();
        while (end > 0) {
            int start = paths.from[end];
            while (paths.unknown[end] && start > 0 && paths.unknown[start]) {
                start = paths.from[start];
            }
            found.push(part.substring(start, end));
            end = start;
        }
        for (String piece : found) {
            Integer id = ids.get(piece);
            if (id != null) {
                out.accept(id);
            } else if (bytes == null || !bytes.encode(piece, out)) {
                out.accept(SubwordModel.known(unknown, piece));
            }
        }
    }
}
