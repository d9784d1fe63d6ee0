package fathom.data.text;

import fathom.data.TextLines;
import fathom.ir.Require;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;

/// Tokens and their numbers, which are their places from 0 on.
public final class Vocabulary {
    /// The token that sequences are filled up with: by convention number 0.
    public static final String PADDING = "[PAD]";

    /// The token that stands for all that are not in the vocabulary.
    public static final String UNKNOWN = "[UNK]";

    private final List<String> tokens;
    private final Map<String, Integer> ids;
    private final String unknown;

    private Vocabulary(List<String> tokens, String unknown) {
        this.tokens = List.copyOf(tokens);
        this.unknown = unknown;
        this.ids = new HashMap<>();
        for (String token : this.tokens) {
            int id = ids.size();
            Require.that(ids.put(token, id) == null, "vocabulary: token '%s' comes twice, expected once", token);
        }
    }

    /// Tokens in the order of their numbers, of which [#UNKNOWN] may be one.
    ///
    /// @throws IllegalArgumentException if one comes twice
    public static Vocabulary of(List<String> tokens) {
        return new Vocabulary(tokens, UNKNOWN);
    }

    /// Tokens in the order of their numbers.
    ///
    /// @param unknown the token that stands for all others, if it is one of them
    /// @throws IllegalArgumentException if one comes twice
    public static Vocabulary of(List<String> tokens, String unknown) {
        return new Vocabulary(tokens, unknown);
    }

    /// [#PADDING], [#UNKNOWN], and the tokens that are counted most often, in the order of their
    /// counts and then of the alphabet.
    ///
    /// @param counts how often each token occurs
    /// @param leastCount tokens that occur less often are left out
    /// @param size the most tokens to take, with the first two
    /// @throws IllegalArgumentException if there is no room for a token
    public static Vocabulary of(Map<String, Integer> counts, int leastCount, int size) {
        Require.that(size >= 3, "vocabulary: a size of %s, expected at least 3", size);
        LinkedHashSet<String> tokens = new LinkedHashSet<>(List.of(PADDING, UNKNOWN));
        counts.entrySet().stream()
                .filter(entry -> entry.getValue() >= leastCount)
                .sorted(Comparator.comparing((Map.Entry<String, Integer> entry) -> -entry.getValue())
                        .thenComparing(Map.Entry::getKey))
                .takeWhile(entry -> tokens.size() < size)
                .forEach(entry -> tokens.add(entry.getKey()));
        return of(new ArrayList<>(tokens));
    }

    /// Reads a file with one token a line, as [#save] and BERT's `vocab.txt` have it.
    ///
    /// @throws IllegalArgumentException if a token comes twice, or the file is not UTF-8
    /// @throws UncheckedIOException if the file cannot be read
    public static Vocabulary load(Path file) {
        return of(TextLines.read(file));
    }

    /// Writes the tokens, one a line.
    ///
    /// @throws IllegalArgumentException if a token has a line end in it
    /// @throws UncheckedIOException if the file cannot be written
    public void save(Path file) {
        for (String token : tokens) {
            boolean fits = token.lines().count() <= 1 && !token.endsWith("\n") && !token.endsWith("\r");
            Require.that(fits, "vocabulary: token %s has a line end, expected none in a file of lines", id(token));
        }
        try {
            Files.writeString(file, String.join("\n", tokens) + "\n");
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be written: " + e.getMessage(), e);
        }
    }

    /// How many tokens there are.
    public int size() {
        return tokens.size();
    }

    /// All tokens in the order of their numbers.
    public List<String> tokens() {
        return tokens;
    }

    /// Whether a token has a number of its own.
    public boolean contains(String token) {
        return ids.containsKey(token);
    }

    /// A token's number, or that of the unknown token.
    ///
    /// @throws IllegalArgumentException if the vocabulary has neither
    public int id(String token) {
        OptionalInt id = find(token);
        if (id.isPresent()) {
            return id.getAsInt();
        }
        OptionalInt other = find(unknown);
        String message = "vocabulary: '%s' is none of the %s tokens, and %s, which could stand for it, neither";
        Require.that(other.isPresent(), message, token, size(), unknown);
        return other.getAsInt();
    }

    private OptionalInt find(String token) {
        Integer id = ids.get(token);
        return id == null ? OptionalInt.empty() : OptionalInt.of(id);
    }

    /// The numbers of some tokens.
    ///
    /// @throws IllegalArgumentException as [#id]
    public int[] ids(List<String> some) {
        return some.stream().mapToInt(this::id).toArray();
    }

    /// The token of a number.
    ///
    /// @throws IllegalArgumentException if there is none
    public String token(int id) {
        boolean fits = id >= 0 && id < size();
        Require.that(fits, "vocabulary: token %s, expected 0 to %s", id, size() - 1);
        return tokens.get(id);
    }

    /// One line: how many tokens.
    @Override
    public String toString() {
        return size() + " tokens";
    }
}
