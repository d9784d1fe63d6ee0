package fathom.data.text.pipeline;

import fathom.ir.Require;
import java.util.Arrays;

/// Texts cut off at a length.
///
/// @param length the most tokens, with those of the template
/// @param strategy which of two texts is cut
/// @param atStart whether they lose their beginning, rather than their end
record Truncation(int length, Strategy strategy, boolean atStart) {
    Truncation {
        Require.that(length >= 0, "truncation: a length of %s, expected 0 or more", length);
    }

    /// Which of two texts is cut.
    enum Strategy {
        LONGEST_FIRST,
        ONLY_FIRST,
        ONLY_SECOND
    }

    /// One text's tokens.
    int[] cut(int[] ids, int added) {
        Require.that(strategy != Strategy.ONLY_SECOND, "truncation: of the second text only, and there is one");
        return keep(ids, room(added));
    }

    /// Two texts' tokens.
    int[][] cut(int[] first, int[] second, int added) {
        int room = room(added);
        int excess = first.length + second.length - room;
        if (excess <= 0) {
            return new int[][] {first, second};
        }
        return switch (strategy) {
            case ONLY_FIRST -> new int[][] {keep(first, rest(first, excess)), second};
            case ONLY_SECOND -> new int[][] {first, keep(second, rest(second, excess))};
            case LONGEST_FIRST -> {
                int shorter = Math.min(first.length, second.length);
                int longer = shorter > room ? shorter : Math.max(shorter, room - shorter);
                if (shorter + longer > room) {
                    shorter = room / 2;
                    longer = shorter + room % 2;
                }
                boolean swapped = first.length > second.length;
                yield new int[][] {keep(first, swapped ? longer : shorter), keep(second, swapped ? shorter : longer)};
            }
        };
    }

    private int room(int added) {
        String message = "truncation: to %s tokens, of which the model wants %s itself";
        Require.that(length >= added, message, length, added);
        return length - added;
    }

    private static int rest(int[] ids, int excess) {
        String message = "truncation: %s tokens to take from a text that has %s, and from no other";
        Require.that(ids.length > excess, message, excess, ids.length);
        return ids.length - excess;
    }

    private int[] keep(int[] ids, int most) {
        if (ids.length <= most) {
            return ids;
        }
        return atStart ? Arrays.copyOfRange(ids, ids.length - most, ids.length) : Arrays.copyOf(ids, most);
    }
}
