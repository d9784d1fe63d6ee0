package fathom.data.text.pipeline;

import java.util.Arrays;
import java.util.Map;

/// Texts with numbers, to find those that another text goes on with: sorted, so that with each
/// character the search closes in on those that have it.
final class PrefixTable {
    private final String[] texts;
    private final int[] ids;

    PrefixTable(Map<String, Integer> numbers) {
        texts = numbers.keySet().stream().filter(t -> !t.isEmpty()).sorted().toArray(String[]::new);
        ids = Arrays.stream(texts).mapToInt(numbers::get).toArray();
    }

    /// Is told what was found.
    interface Match {
        void found(int length, int id);
    }

    boolean isEmpty() {
        return texts.length == 0;
    }

    /// All texts that a text goes on with at a place, shorter ones first.
    void forEach(String text, int from, Match match) {
        int low = 0;
        int high = texts.length;
        for (int depth = 0; from + depth < text.length(); depth++) {
            char c = text.charAt(from + depth);
            low = bound(low, high, depth, c);
            high = bound(low, high, depth, c + 1);
            if (low == high) {
                return;
            }
            // The shortest comes first in the order of the alphabet.
            if (texts[low].length() == depth + 1) {
                match.found(depth + 1, ids[low]);
            }
        }
    }

    /// The longest text that a text goes on with at a place.
    ///
    /// @return its length in the upper and its number in the lower half, or -1 if there is none
    long longest(String text, int from) {
        long[] longest = {-1};
        forEach(text, from, (length, id) -> longest[0] = (long) length << Integer.SIZE | id);
        return longest[0];
    }

    /// The first text from low on with that character or a later one at a depth.
    private int bound(int low, int high, int depth, int c) {
        int from = low;
        int to = high;
        while (from < to) {
            int middle = (from + to) >>> 1;
            String text = texts[middle];
            if (text.length() <= depth || text.charAt(depth) < c) {
                from = middle + 1;
            } else {
                to = middle;
            }
        }
        return from;
    }
}
