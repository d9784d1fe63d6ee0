package fathom.data.text.pipeline;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;

/// Byte-pair encoding: a part starts as its characters, and pairs of neighbours are merged, always the
/// one of the lowest rank, of equal ones the leftmost.
///
/// R. Sennrich, B. Haddow, A. Birch: *Neural machine translation of rare words with subword units*
/// (2016).
final class Bpe implements SubwordModel {
    /// What a pair becomes.
    record Merge(int rank, int id) {}

    /// How characters become tokens before anything is merged.
    ///
    /// @param unknown the number of what stands for characters without a token; without it they are
    ///   left out
    /// @param fuseUnknown whether such characters next to each other are one token
    /// @param bytes what is taken for such characters first, if that can be
    /// @param inside what tokens begin with that do not begin a part
    /// @param end what tokens end with that end a part
    /// @param whole whether a part that is a token is not taken apart
    /// @param indivisible texts that always are tokens of their own
    record Characteristics(
            @Nullable Integer unknown,
            boolean fuseUnknown,
            @Nullable ByteTokens bytes,
            String inside,
            String end,
            boolean whole,
            Map<String, Integer> indivisible) {
        static Characteristics plain() {
            return new Characteristics(null, false, null, "", "", false, Map.of());
        }
    }

    private final Map<String, Integer> ids;
    private final Map<Long, Merge> merges;
    private final Characteristics characteristics;
    private final PrefixTable indivisible;

    /// @param ids the tokens and their numbers
    /// @param merges by pairs of numbers, as [#pair] packs them
    Bpe(Map<String, Integer> ids, Map<Long, Merge> merges, Characteristics characteristics) {
        this.ids = Map.copyOf(ids);
        this.merges = new HashMap<>(merges);
        this.characteristics = characteristics;
        this.indivisible = new PrefixTable(characteristics.indivisible());
    }

    /// Two numbers in one.
    static long pair(int left, int right) {
        return (long) left << Integer.SIZE | right;
    }

    @Override
    public void encode(String part, IntConsumer out) {
        Integer whole = characteristics.whole() ? ids.get(part) : null;
        if (whole != null) {
            out.accept(whole);
        } else {
            Word word = new Word(part.length() + 1);
            start(part, word);
            word.merge();
            word.forEach(out);
        }
    }

    private void start(String part, Word word) {
        Integer pending = null;
        for (int at = 0; at < part.length(); ) {
            long special = indivisible.isEmpty() ? -1 : indivisible.longest(part, at);
            int width = special >= 0 ? (int) (special >>> Integer.SIZE) : Character.charCount(part.codePointAt(at));
            String character = part.substring(at, at + width);
            if (at > 0) {
                character = characteristics.inside() + character;
            }
            at += width;
            if (at == part.length()) {
                character += characteristics.end();
            }
            Integer id = special >= 0 ? Integer.valueOf((int) special) : ids.get(character);
            if (id != null) {
                word.addIfKnown(pending);
                pending = null;
                word.add(id);
            } else if (characteristics.bytes() == null
                    || !characteristics.bytes().encode(character, word::add)) {
                if (pending != null && !characteristics.fuseUnknown()) {
                    word.addIfKnown(pending);
                }
                pending = characteristics.unknown();
            }
        }
        word.addIfKnown(pending);
    }

    /// A part's tokens as a list that can be shortened inside.
    private final class Word {
        private int[] tokens;
        private int[] next = {};
        private int[] previous = {};
        private int size;

        Word(int expected) {
            tokens = new int[expected];
        }

        void add(int id) {
            if (size == tokens.length) {
                tokens = Arrays.copyOf(tokens, 2 * size);
            }
            tokens[size++] = id;
        }

        void addIfKnown(@Nullable Integer id) {
            if (id != null) {
                add(id);
            }
        }

        void merge() {
            next = new int[size];
            previous = new int[size];
            // By rank, then by place.
            PriorityQueue<Long> queue = new PriorityQueue<>();
            for (int i = 0; i < size; i++) {
                next[i] = i + 1 < size ? i + 1 : -1;
                previous[i] = i - 1;
            }
            for (int i = 0; i < size; i++) {
                offer(queue, i);
            }
            while (!queue.isEmpty()) {
                long candidate = queue.remove();
                int at = (int) candidate;
                Merge merge = at < 0 || tokens[at] < 0 ? null : mergeAt(at);
                // The pair may have changed since it was queued.
                if (merge != null && merge.rank() == (int) (candidate >>> Integer.SIZE)) {
                    int right = next[at];
                    tokens[at] = merge.id();
                    tokens[right] = -1;
                    next[at] = next[right];
                    if (next[at] >= 0) {
                        previous[next[at]] = at;
                    }
                    offer(queue, previous[at]);
                    offer(queue, at);
                }
            }
        }

        private @Nullable Merge mergeAt(int at) {
            return next[at] < 0 ? null : merges.get(pair(tokens[at], tokens[next[at]]));
        }

        private void offer(PriorityQueue<Long> queue, int at) {
            Merge merge = at < 0 ? null : mergeAt(at);
            if (merge != null) {
                queue.add(pair(merge.rank(), at));
            }
        }

        void forEach(IntConsumer out) {
            for (int at = size == 0 ? -1 : 0; at >= 0; at = next[at]) {
                out.accept(tokens[at]);
            }
        }
    }
}
