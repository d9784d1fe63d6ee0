package fathom.data.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import fathom.data.DataSets;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenizersTest {
    @TempDir
    private Path folder;

    private static void assertRefused(Runnable action, String message) {
        assertThatThrownBy(action::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    // ---- vocabulary ----

    @Test
    void aVocabularyNumbersTokens() {
        Vocabulary vocabulary = Vocabulary.of(Map.of("b", 3, "a", 3, "c", 5, "d", 1), 2, 5);
        assertThat(vocabulary.tokens()).containsExactly("[PAD]", "[UNK]", "c", "a", "b");
        assertThat(vocabulary.ids(List.of("a", "d", "c"))).containsExactly(3, 1, 2);
        assertThat(vocabulary.token(4)).isEqualTo("b");
        assertThat(vocabulary).hasToString("5 tokens");
        assertThat(Vocabulary.of(Map.of("b", 3, "a", 3), 1, 3).tokens()).containsExactly("[PAD]", "[UNK]", "a");
    }

    @Test
    void vocabulariesAreSavedAndLoaded() {
        Path file = folder.resolve("vocab.txt");
        Vocabulary vocabulary = Vocabulary.of(List.of("a", "ü", "##b", ""));
        vocabulary.save(file);
        assertThat(Vocabulary.load(file).tokens()).isEqualTo(vocabulary.tokens());
        assertRefused(
                () -> Vocabulary.of(List.of("a", "x\n")).save(file),
                "vocabulary: token 1 has a line end, expected none in a file of lines");
    }

    @Test
    void badVocabulariesAndTokensAreErrors() {
        assertRefused(() -> Vocabulary.of(List.of("a", "a")), "vocabulary: token 'a' comes twice, expected once");
        assertRefused(() -> Vocabulary.of(Map.of(), 1, 2), "vocabulary: a size of 2, expected at least 3");
        Vocabulary closed = Vocabulary.of(List.of("a"));
        assertRefused(
                () -> closed.id("b"),
                "vocabulary: 'b' is none of the 1 tokens, and [UNK], which could stand for it, neither");
        assertRefused(() -> closed.token(1), "vocabulary: token 1, expected 0 to 0");
        assertThat(Vocabulary.of(List.of("a", "?"), "?").id("b")).isEqualTo(1);
    }

    // ---- words and characters ----

    @Test
    void wordsArePunctuationAndWords() {
        WordTokenizer words = WordTokenizer.train(List.of("The cat; the dog isn't 42."), 1, 100, true);
        assertThat(words.tokens("The dog's cat, 42!")).containsExactly("the", "dog's", "cat", ",", "42", "!");
        assertThat(words.vocabulary().tokens())
                .startsWith("[PAD]", "[UNK]", "the")
                .contains("isn't", ";");
        assertThat(words.decode(words.encode("the cow"))).isEqualTo("the [UNK]");
        assertThat(WordTokenizer.train(List.of("The the"), 1, 100, false)
                        .vocabulary()
                        .size())
                .isEqualTo(4);
    }

    @Test
    void charactersAreCodePoints() {
        CharacterTokenizer characters = CharacterTokenizer.train(List.of("aab\n😀"));
        assertThat(characters.vocabulary().tokens()).containsExactly("[PAD]", "[UNK]", "a", "\n", "b", "😀");
        assertThat(characters.encode("b😀x")).containsExactly(4, 5, 1);
        assertThat(characters.decode(2, 5, 3)).isEqualTo("a😀\n");
    }

    // ---- byte pairs ----

    /// The example of Sennrich et al.: low ×5, lower ×2, newest ×6, widest ×3.
    private static List<String> lowest() {
        List<String> texts = new ArrayList<>();
        texts.addAll(Collections.nCopies(5, "low"));
        texts.addAll(Collections.nCopies(2, "lower"));
        texts.addAll(Collections.nCopies(6, "newest"));
        texts.addAll(Collections.nCopies(3, "widest"));
        return texts;
    }

    @Test
    void bytePairsMergeTheMostFrequentPairFirst() {
        BytePair bpe = BytePair.train(lowest(), 264);
        // es and st occur 9 times, lo and ow 7, ew and we and ne 6, and so on.
        assertThat(bpe.vocabulary().tokens().subList(256, 264))
                .containsExactly("es", "est", "lo", "low", "ew", "ewest", "newest", "dest");
        assertThat(bpe.tokens("lowest newest")).containsExactly("low", "est", "Ġ", "newest");
        assertThat(bpe.encode("low")).containsExactly(259);
        // Pairs that occur once are not merged.
        assertThat(BytePair.train(List.of("abc"), 300).vocabulary().size()).isEqualTo(256);
    }

    @Test
    void bytePairsCutTextsAsGpt2Does() {
        BytePair bytes = BytePair.train(List.of(), 256);
        assertThat(bytes.vocabulary().token(0)).isEqualTo("Ā");
        assertThat(bytes.vocabulary().token(32)).isEqualTo("Ġ");
        assertThat(bytes.vocabulary().token('A')).isEqualTo("A");
        assertThat(bytes.tokens(" ü\n")).containsExactly("Ġ", "Ã", "¼", "Ċ");
        BytePair words = BytePair.train(Collections.nCopies(3, "I'll say  it's 42 times!!\n\n ok"), 400);
        assertThat(words.tokens("I'll say  it's 42 times!!\n\n ok"))
                .containsExactly("I", "'ll", "Ġsay", "Ġ", "Ġit", "'s", "Ġ42", "Ġtimes", "!!", "ĊĊ", "Ġok");
    }

    @Property(tries = 100)
    void bytePairsGiveTheTextBack(@ForAll String text) {
        String valid = text.replaceAll("[\\p{Cs}]", "?");
        BytePair bpe = BytePair.train(lowest(), 260);
        assertThat(bpe.decode(bpe.encode(valid))).isEqualTo(valid);
    }

    @Test
    void bytePairsAreSavedAndLoaded() throws IOException {
        Path vocabulary = folder.resolve("vocab.json");
        Path merges = folder.resolve("merges.txt");
        String shakespeare = DataSets.tinyShakespeare().substring(0, 20_000);
        BytePair bpe = BytePair.train(List.of(shakespeare), 400);
        assertThat(bpe.vocabulary().size()).isEqualTo(400);
        int[] ids = bpe.encode(shakespeare);
        assertThat(ids).hasSizeLessThan(12_000);
        bpe.save(vocabulary, merges);
        BytePair loaded = BytePair.load(vocabulary, merges);
        assertThat(loaded.encode(shakespeare)).isEqualTo(ids);
        assertThat(loaded.decode(ids)).isEqualTo(shakespeare);

        Files.writeString(vocabulary, "{\"a\": 0, \"b\": 1, \"ab\": 2}");
        Files.writeString(merges, "#version: 0.2\na b\n");
        assertThat(BytePair.load(vocabulary, merges).encode("abba")).containsExactly(2, 1, 0);
        Files.writeString(merges, "a b\nb a\n");
        assertRefused(
                () -> BytePair.load(vocabulary, merges),
                merges + ":2: 'b a' makes 'ba', which is no token of " + vocabulary);
        Files.writeString(merges, "a b c\n");
        assertRefused(() -> BytePair.load(vocabulary, merges), merges + ":1: 'a b c', expected two pieces");
        Files.writeString(vocabulary, "{\"a\": 0,\n \"b\": 2}");
        assertRefused(() -> BytePair.load(vocabulary, merges), vocabulary + ": numbers with gaps, expected 0 to 1");
        Files.writeString(vocabulary, "{\"a\": 0,\n \"b\": \"c\"}");
        assertRefused(() -> BytePair.load(vocabulary, merges), vocabulary + ":2: expected a token's number");
        Files.writeString(vocabulary, "{\"a\": 0,\n x");
        assertThatThrownBy(() -> BytePair.load(vocabulary, merges))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(vocabulary + ":2: not JSON: ");
        assertRefused(() -> BytePair.train(List.of(), 255), "byte pair: 255 tokens, expected at least 256");
    }

    // ---- WordPiece ----

    @Test
    void wordPieceTakesTheLongestPieces() throws IOException {
        Path file = folder.resolve("vocab.txt");
        Files.writeString(file, "[PAD]\n[UNK]\n[CLS]\nun\n##aff\n##able\nuna\n,\ncafe\n東\n京\n");
        WordPiece pieces = WordPiece.load(file, true);
        // Greedy: "una" is longer than "un", and then nothing fits.
        assertThat(pieces.tokens("unaffable")).containsExactly("[UNK]");
        Files.writeString(file, "[PAD]\n[UNK]\n[CLS]\nun\n##aff\n##able\n,\ncafe\n東\n京\n");
        WordPiece fewer = WordPiece.load(file, true);
        assertThat(fewer.tokens("UNaffable,\tCafé\u0000 東京 xyz"))
                .containsExactly("un", "##aff", "##able", ",", "cafe", "東", "京", "[UNK]");
        assertThat(fewer.decode(fewer.encode("unaffable cafe"))).isEqualTo("unaffable cafe");
        assertThat(WordPiece.load(file, false).tokens("Unaffable")).containsExactly("[UNK]");
        assertThat(fewer.tokens("un".repeat(51))).containsExactly("[UNK]");
        Files.writeString(file, "a\n");
        assertRefused(() -> WordPiece.load(file, true), file + ": no token [UNK], expected one");
    }

    @Test
    void wordPieceMergesWhatBelongsTogether() {
        List<String> texts = new ArrayList<>(Collections.nCopies(10, "ab ac"));
        texts.addAll(List.of("qu", "qu"));
        // 2 / (2 × 2) for qu is above 10 / (20 × 10) for ab and ac.
        WordPiece pieces = WordPiece.train(texts, 12, true);
        assertThat(pieces.vocabulary().tokens())
                .containsExactly(
                        "[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", "##b", "##c", "##u", "a", "q", "qu", "ab");
        assertThat(WordPiece.train(texts, 100, true).vocabulary().size()).isEqualTo(13);
        assertRefused(
                () -> WordPiece.train(texts, 9, true),
                "word piece: 9 tokens, expected at least 10: one for each character");
        String text = DataSets.tinyShakespeare().substring(0, 5_000);
        WordPiece trained = WordPiece.train(List.of(text), 200, true);
        assertThat(trained.tokens(text)).doesNotContain("[UNK]");
    }

    // ---- padding ----

    @Test
    void paddingMakesOneLength() {
        List<int[]> sequences = List.of(new int[] {1, 2, 3, 4}, new int[] {5});
        assertThat(TokenPadding.to(3).pad(sequences).toInts()).containsExactly(1, 2, 3, 5, 0, 0);
        assertThat(TokenPadding.to(3).mask(sequences).toBooleans())
                .containsExactly(true, true, true, true, false, false);
        TokenPadding atStart = TokenPadding.to(3).atStart().with(9);
        assertThat(atStart.pad(sequences).toInts()).containsExactly(2, 3, 4, 9, 9, 5);
        assertThat(atStart.mask(sequences).toBooleans()).containsExactly(true, true, true, false, false, true);
        assertRefused(() -> TokenPadding.to(0), "padding: a length of 0, expected at least 1");
    }
}
