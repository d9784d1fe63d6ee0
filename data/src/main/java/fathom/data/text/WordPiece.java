package fathom.data.text;

import fathom.data.text.Pieces.Pair;
import fathom.ir.Require;
import java.nio.file.Path;
import java.text.Normalizer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/// Words cut into the longest pieces that the vocabulary has, from the left, as BERT has it. A piece
/// that does not begin a word starts with `##`; a word that cannot be cut is unknown.
///
/// Before, control characters are dropped, each Chinese character and sign of punctuation is made a
/// word of its own, and with `lowerCase` letters lose their case and accents.
///
/// M. Schuster, K. Nakajima: *Japanese and Korean voice search* (2012); J. Devlin, M.-W. Chang, K.
/// Lee, K. Toutanova: *BERT* (2019).
///
/// @param vocabulary the pieces and their numbers
/// @param lowerCase whether case and accents are dropped
public record WordPiece(Vocabulary vocabulary, boolean lowerCase) implements Tokenizer {
    private static final String INSIDE = "##";
    private static final int LONGEST_WORD = 100;
    private static final List<String> SPECIAL =
            List.of(Vocabulary.PADDING, Vocabulary.UNKNOWN, "[CLS]", "[SEP]", "[MASK]");
    private static final Pattern ACCENT = Pattern.compile("\\p{Mn}");

    /// Control characters but for white space, and the replacement character.
    private static final Pattern DROPPED = Pattern.compile("[\\p{C}\\uFFFD&&[^\\t\\n\\r]]");

    /// A sign (ASCII's count all), a Chinese character, or a run of what is neither that nor space.
    private static final String SIGN = "\\p{P}!-/:-@\\[-`{-~";
    private static final String CHINESE =
            "\\x{4E00}-\\x{9FFF}\\x{3400}-\\x{4DBF}\\x{F900}-\\x{FAFF}\\x{20000}-\\x{2EBEF}\\x{2F800}-\\x{2FA1F}";
    private static final Pattern WORD = Pattern.compile("[" + SIGN + CHINESE + "]|[^\\s\\p{Z}" + SIGN + CHINESE + "]+");

    /// Reads a file with one piece a line, the `vocab.txt` that BERT and its relatives come with.
    ///
    /// @throws IllegalArgumentException if a piece comes twice, or none stands for unknown words
    /// @throws java.io.UncheckedIOException if the file cannot be read
    public static WordPiece load(Path file, boolean lowerCase) {
        Vocabulary pieces = Vocabulary.load(file);
        Require.that(pieces.contains(Vocabulary.UNKNOWN), "%s: no token %s, expected one", file, Vocabulary.UNKNOWN);
        return new WordPiece(pieces, lowerCase);
    }

    /// Learns pieces: starts with the characters and merges the pair that occurs most often for how
    /// often its parts do, which raises the likelihood of the texts most; of equal ones the first in
    /// the alphabet. The first tokens are those that BERT needs: padding, unknown, `[CLS]`, `[SEP]`
    /// and `[MASK]`.
    ///
    /// @param texts to learn from
    /// @param size how many tokens there shall be; fewer if no pair occurs twice any more
    /// @throws IllegalArgumentException if there is no room for the characters
    public static WordPiece train(List<String> texts, int size, boolean lowerCase) {
        Map<List<String>, Integer> words = new HashMap<>();
        texts.forEach(text -> words(text, lowerCase).forEach(word -> words.merge(characters(word), 1, Integer::sum)));
        Pieces pieces = new Pieces(words);
        Collection<String> tokens = new LinkedHashSet<>(SPECIAL);
        tokens.addAll(pieces.counts().keySet());
        String message = "word piece: %s tokens, expected at least %s: one for each character";
        Require.that(size >= tokens.size(), message, size, tokens.size());
        Comparator<Pair> order = Comparator.<Pair>comparingDouble(pair -> pieces.count(pair) < 2
                        ? 0
                        : pieces.count(pair) / ((double) pieces.count(pair.left()) * pieces.count(pair.right())))
                .thenComparing(Pair::left, Comparator.reverseOrder())
                .thenComparing(Pair::right, Comparator.reverseOrder());
        while (tokens.size() < size) {
            Optional<Pair> best = pieces.best(order).filter(pair -> pieces.count(pair) > 1);
            if (best.isEmpty()) {
                break;
            }
            String merged = best.get().left() + best.get().right().substring(INSIDE.length());
            tokens.add(merged);
            pieces.merge(best.get(), merged);
        }
        return new WordPiece(Vocabulary.of(List.copyOf(tokens)), lowerCase);
    }

    private static List<String> characters(String word) {
        List<String> pieces = new ArrayList<>();
        word.codePoints()
                .mapToObj(Character::toString)
                .forEach(character -> pieces.add(pieces.isEmpty() ? character : INSIDE + character));
        return pieces;
    }

    private static List<String> words(String text, boolean lowerCase) {
        String clean = DROPPED.matcher(text).replaceAll("");
        if (lowerCase) {
            String apart = Normalizer.normalize(clean.toLowerCase(Locale.ROOT), Normalizer.Form.NFD);
            clean = ACCENT.matcher(apart).replaceAll("");
        }
        return WORD.matcher(clean).results().map(MatchResult::group).toList();
    }

    @Override
    public List<String> tokens(String text) {
        return words(text, lowerCase).stream()
                .flatMap(word -> pieces(word).stream())
                .toList();
    }

    private List<String> pieces(String word) {
        int[] characters = word.codePoints().toArray();
        List<String> pieces = new ArrayList<>();
        int from = 0;
        while (from < characters.length && characters.length <= LONGEST_WORD) {
            String prefix = from == 0 ? "" : INSIDE;
            int to = characters.length;
            while (to > from && !vocabulary.contains(prefix + new String(characters, from, to - from))) {
                to--;
            }
            if (to == from) {
                return List.of(Vocabulary.UNKNOWN);
            }
            pieces.add(prefix + new String(characters, from, to - from));
            from = to;
        }
        return pieces.isEmpty() ? List.of(Vocabulary.UNKNOWN) : pieces;
    }

    /// The words with a space between each two: where there were spaces, the pieces do not tell.
    @Override
    public String text(List<String> tokens) {
        return String.join(" ", tokens).replace(" " + INSIDE, "");
    }
}
