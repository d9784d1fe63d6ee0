package fathom.data.text;

import fathom.data.TextLines;
import fathom.data.text.Pieces.Pair;
import fathom.data.text.pipeline.ByteLetters;
import fathom.ir.Require;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// Byte-pair encoding of the bytes of a text, as GPT-2 has it: every text has tokens, and they give
/// back the text exactly.
///
/// A text is cut into words that keep the space before them. Each starts as its UTF-8 bytes, and
/// pairs of neighbours are merged, those first that were merged first in training. In tokens, bytes
/// are written as printable characters: a space is `Ġ`.
///
/// R. Sennrich, B. Haddow, A. Birch: *Neural machine translation of rare words with subword units*
/// (2016); A. Radford et al.: *Language models are unsupervised multitask learners* (2019).
public final class BytePair implements Tokenizer {
    private static final Pattern WORD = Pattern.compile(
            "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+",
            Pattern.UNICODE_CHARACTER_CLASS);
    private static final int BYTES = 256;

    private final Vocabulary vocabulary;
    private final Map<Pair, Integer> ranks;

    private BytePair(Vocabulary vocabulary, List<Pair> merges) {
        this.vocabulary = vocabulary;
        this.ranks = new LinkedHashMap<>();
        merges.forEach(pair -> ranks.putIfAbsent(pair, ranks.size()));
    }

    /// Learns which pairs to merge: always the most frequent one, of equally frequent ones the
    /// first in the alphabet. Tokens 0 to 255 are the bytes.
    ///
    /// @param texts to learn from
    /// @param size how many tokens there shall be; fewer if no pair occurs twice any more
    /// @throws IllegalArgumentException if that is below 256
    public static BytePair train(List<String> texts, int size) {
        Require.that(size >= BYTES, "byte pair: %s tokens, expected at least %s", size, BYTES);
        Map<List<String>, Integer> words = new HashMap<>();
        texts.forEach(text -> words(text).forEach(word -> words.merge(bytes(word), 1, Integer::sum)));
        Pieces pieces = new Pieces(words);
        List<String> tokens = new ArrayList<>(ByteLetters.all());
        List<Pair> merges = new ArrayList<>();
        Comparator<Pair> order = Comparator.<Pair>comparingInt(pieces::count)
                .thenComparing(Pair::left, Comparator.reverseOrder())
                .thenComparing(Pair::right, Comparator.reverseOrder());
        while (tokens.size() < size) {
            Optional<Pair> best = pieces.best(order).filter(pair -> pieces.count(pair) > 1);
            if (best.isEmpty()) {
                break;
            }
            Pair pair = best.get();
            String merged = pair.left() + pair.right();
            merges.add(pair);
            // Two pairs can make the same piece: "ab" + "c" and "a" + "bc".
            if (!tokens.contains(merged)) {
                tokens.add(merged);
            }
            pieces.merge(pair, merged);
        }
        return new BytePair(Vocabulary.of(tokens), merges);
    }

    /// Reads the files that GPT-2 and its relatives come with.
    ///
    /// @param vocabulary `vocab.json`: the tokens and their numbers
    /// @param merges `merges.txt`: two pieces a line, the pair that is merged first in the first line
    /// @throws IllegalArgumentException if a file holds something else, or a merge makes no token; the
    ///   message names file and line
    /// @throws UncheckedIOException if a file cannot be read
    public static BytePair load(Path vocabulary, Path merges) {
        Vocabulary tokens = VocabularyJson.read(vocabulary);
        List<Pair> pairs = new ArrayList<>();
        List<String> lines = TextLines.read(merges);
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            if (line.isEmpty() || i == 0 && line.startsWith("#version")) {
                continue;
            }
            String[] parts = line.split(" ", -1);
            Require.that(parts.length == 2, "%s:%s: '%s', expected two pieces", merges, i + 1, line);
            String message = "%s:%s: '%s' makes '%s', which is no token of %s";
            String merged = parts[0] + parts[1];
            Require.that(tokens.contains(merged), message, merges, i + 1, line, merged, vocabulary);
            pairs.add(new Pair(parts[0], parts[1]));
        }
        return new BytePair(tokens, pairs);
    }

    /// Writes the two files that [#load] reads.
    ///
    /// @throws UncheckedIOException if a file cannot be written
    public void save(Path vocabularyFile, Path merges) {
        VocabularyJson.write(vocabulary, vocabularyFile);
        List<String> lines = new ArrayList<>(List.of("#version: 0.2"));
        ranks.keySet().forEach(pair -> lines.add(pair.left() + " " + pair.right()));
        try {
            Files.write(merges, lines);
        } catch (IOException e) {
            throw new UncheckedIOException(merges + ": cannot be written: " + e.getMessage(), e);
        }
    }

    @Override
    public Vocabulary vocabulary() {
        return vocabulary;
    }

    @Override
    public List<String> tokens(String text) {
        Map<String, List<String>> known = new HashMap<>();
        return words(text).stream()
                .flatMap(word -> known.computeIfAbsent(word, this::merged).stream())
                .toList();
    }

    private List<String> merged(String word) {
        List<String> pieces = bytes(word);
        while (true) {
            int best = Integer.MAX_VALUE;
            Pair first = new Pair("", "");
            for (int i = 0; i + 1 < pieces.size(); i++) {
                Pair pair = new Pair(pieces.get(i), pieces.get(i + 1));
                int rank = ranks.getOrDefault(pair, Integer.MAX_VALUE);
                if (rank < best) {
                    best = rank;
                    first = pair;
                }
            }
            if (best == Integer.MAX_VALUE) {
                return pieces;
            }
            pieces = Pieces.merged(pieces, first, first.left() + first.right());
        }
    }

    private static List<String> words(String text) {
        return WORD.matcher(text).results().map(MatchResult::group).toList();
    }

    private static List<String> bytes(String word) {
        List<String> letters = new ArrayList<>();
        for (byte b : word.getBytes(StandardCharsets.UTF_8)) {
            letters.add(ByteLetters.letter(b));
        }
        return letters;
    }

    /// The text of some tokens; bytes that are not UTF-8 become `U+FFFD`, and characters that stand
    /// for no byte, such as in special tokens, are taken for themselves.
    @Override
    public String text(List<String> tokens) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        String.join("", tokens).codePoints().forEach(character -> {
            int value = ByteLetters.value(character);
            if (value < 0) {
                bytes.writeBytes(Character.toString(character).getBytes(StandardCharsets.UTF_8));
            } else {
                bytes.write(value);
            }
        });
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
