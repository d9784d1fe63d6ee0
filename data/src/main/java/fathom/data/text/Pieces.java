package fathom.data.text;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/// Words that are cut into pieces, of which neighbours are merged one pair after the other: what
/// training byte pairs and WordPiece have in common.
///
/// The counts of pairs and pieces are kept up to date, so a merge costs as much as the words it
/// changes.
final class Pieces {
    private final List<List<String>> words = new ArrayList<>();
    private final List<Integer> counts = new ArrayList<>();
    private final Map<Pair, Integer> pairs = new HashMap<>();
    private final Map<Pair, Set<Integer>> places = new HashMap<>();
    private final Map<String, Integer> pieces = new HashMap<>();

    /// Two neighbours.
    record Pair(String left, String right) {}

    /// @param cut the pieces of each word, and how often it occurs
    Pieces(Map<List<String>, Integer> cut) {
        cut.forEach((word, count) -> {
            words.add(word);
            counts.add(count);
            add(words.size() - 1, count);
        });
    }

    /// How often each piece occurs, in alphabetical order.
    Map<String, Integer> counts() {
        return new TreeMap<>(pieces);
    }

    int count(String piece) {
        return pieces.getOrDefault(piece, 0);
    }

    int count(Pair pair) {
        return pairs.getOrDefault(pair, 0);
    }

    /// The greatest pair; empty if every word is one piece.
    Optional<Pair> best(Comparator<Pair> order) {
        return pairs.keySet().stream().max(order);
    }

    /// Makes one piece of a pair wherever it occurs, from the left.
    void merge(Pair pair, String merged) {
        for (int word : List.copyOf(places.getOrDefault(pair, Set.of()))) {
            add(word, -counts.get(word));
            words.set(word, merged(words.get(word), pair, merged));
            add(word, counts.get(word));
        }
    }

    /// The pieces with a pair merged wherever it occurs, from the left.
    static List<String> merged(List<String> pieces, Pair pair, String merged) {
        List<String> result = new ArrayList<>(pieces.size());
        for (int i = 0; i < pieces.size(); i++) {
            boolean here = i + 1 < pieces.size()
                    && pieces.get(i).equals(pair.left())
                    && pieces.get(i + 1).equals(pair.right());
            result.add(here ? merged : pieces.get(i));
            i += here ? 1 : 0;
        }
        return result;
    }

    /// Adds a word to the counts, or with a negative count takes it away.
    private void add(int word, int count) {
        List<String> cut = words.get(word);
        for (int i = 0; i < cut.size(); i++) {
            pieces.merge(cut.get(i), count, Pieces::sum);
            if (i + 1 < cut.size()) {
                Pair pair = new Pair(cut.get(i), cut.get(i + 1));
                pairs.merge(pair, count, Pieces::sum);
                if (count > 0) {
                    places.computeIfAbsent(pair, p -> new HashSet<>()).add(word);
                } else if (places.containsKey(pair)) {
                    places.get(pair).remove(word);
                }
            }
        }
    }

    /// A sum for a map, which drops what has come to nothing.
    @SuppressWarnings("NullAway") // A null from the function of a merge removes the entry.
    private static Integer sum(int a, int b) {
        return a + b == 0 ? null : a + b;
    }
}
