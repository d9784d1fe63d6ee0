package fathom.data.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.testing.SentencePieceText;
import fathom.testing.SentencePieceText.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PretrainedTokenizerTest {
    private static final PretrainedTokenizer TRAINED = trainedForAllTries();

    @TempDir
    private Path folder;

    private Path file(String name, String text) {
        return file(name, text.getBytes(StandardCharsets.UTF_8));
    }

    private Path file(String name, byte[] bytes) {
        try {
            return Files.write(folder.resolve(name), bytes);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // ---- BERT ----

    private Path bertVocabulary() {
        return file("vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nun\n##aff\n##able\nhello\n!\n");
    }

    @Test
    void bertsFileIsRead() {
        PretrainedTokenizer tokenizer = PretrainedTokenizer.load(bertVocabulary());
        assertThat(tokenizer.tokens("Héllo, UNaffable!"))
                .containsExactly("hello", "[UNK]", "un", "##aff", "##able", "!");
        assertThat(tokenizer.encoding("hello!").ids()).containsExactly(2, 8, 9, 3);
        Encoding pair = tokenizer.encoding("hello", "un [MASK]");
        assertThat(pair.ids()).containsExactly(2, 8, 3, 5, 4, 3);
        assertThat(pair.types()).containsExactly(0, 0, 0, 1, 1, 1);
        assertThat(pair.special()).containsExactly(true, false, true, false, false, true);
        assertThat(pair.length()).isEqualTo(6);
        assertThat(tokenizer.decode(pair.ids())).isEqualTo("hello un");
        assertThat(tokenizer.decode(tokenizer.encode("hello unaffable!"))).isEqualTo("hello unaffable!");
        assertThat(tokenizer.id("[SEP]")).hasValue(3);
        assertThat(tokenizer.id("nothing")).isEmpty();
        assertThat(PretrainedTokenizer.bert(bertVocabulary(), false).tokens("Hello hello"))
                .containsExactly("[UNK]", "hello");
    }

    @Test
    void batchesHaveRowsOfOneLength() {
        PretrainedTokenizer tokenizer = PretrainedTokenizer.load(bertVocabulary());
        EncodedBatch batch = tokenizer.truncatedTo(4).batch(List.of("hello", "hello un un un"));
        assertThat(batch.ids().shape()).isEqualTo(Shape.of(2, 4));
        assertThat(batch.ids().toInts()).containsExactly(2, 8, 3, 0, 2, 8, 5, 3);
        assertThat(batch.mask().cast(DType.I32).toInts()).containsExactly(1, 1, 1, 0, 1, 1, 1, 1);
        assertThat(tokenizer
                        .paddedTo(5)
                        .batch(List.of("hello"), List.of("!"))
                        .types()
                        .toInts())
                .containsExactly(0, 0, 0, 1, 1);
        assertThatThrownBy(() -> tokenizer.batch(List.of("a"), List.of()))
                .hasMessage("batch: 1 first texts and 0 second ones");
        assertThatThrownBy(() -> tokenizer.truncatedTo(1).encoding("hello"))
                .hasMessage("truncation: to 1 tokens, of which the model wants 2 itself");
    }

    @Test
    void tokensCanBePutAroundTexts() {
        PretrainedTokenizer tokenizer =
                PretrainedTokenizer.load(bertVocabulary()).around("[MASK]", null);
        assertThat(tokenizer.encoding("hello").ids()).containsExactly(4, 8);
        assertThat(tokenizer.encoding("hello", "un").ids()).containsExactly(4, 8, 4, 5);
    }

    // ---- tokenizer.json ----

    private static String json(String normalizer, String cuts, String model) {
        return "{\"normalizer\": %s, \"pre_tokenizer\": %s, \"model\": %s}".formatted(normalizer, cuts, model);
    }

    @Test
    void allThatIsNotSupportedIsSaidAtOnce() {
        Path file = file(
                "tokenizer.json",
                json(
                        "{\"type\": \"Sequence\", \"normalizers\": [{\"type\": \"NFC\"}, {\"type\": \"Odd\"}]}",
                        "{\"type\": \"UnicodeScripts\"}",
                        "{\"type\": \"BPE\", \"vocab\": {}, \"merges\": [], \"dropout\": 0.1}"));
        assertThatThrownBy(() -> PretrainedTokenizer.load(folder))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(file + ": not supported: normalizer Odd, pre_tokenizer UnicodeScripts, model BPE with a"
                        + " dropout of 0.1");
    }

    @Test
    void errorsSayWhere() {
        Path file = file(
                "a.json", json("null", "null", "{\"type\": \"BPE\", \"vocab\": {\"a\": 0}, \"merges\": [\"a b\"]}"));
        assertThatThrownBy(() -> PretrainedTokenizer.load(file))
                .hasMessage(file + ".model.merges: 'b' is no token of the vocabulary");
        Path id = file(
                "b.json", json("null", "null", "{\"type\": \"BPE\", \"vocab\": {\"a\": 2000000000}, \"merges\": []}"));
        assertThatThrownBy(() -> PretrainedTokenizer.load(id))
                .hasMessage(id + ": a token has number 2000000000, and there are 1");
        Path cut = file("c.json", "{\"model\": {");
        assertThatThrownBy(() -> PretrainedTokenizer.load(cut))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(cut + ":1: not JSON");
        Path nothing = file("nothing.json", "");
        assertThatThrownBy(() -> PretrainedTokenizer.load(nothing)).hasMessage(nothing + ": nothing, expected JSON");
        Path deep = file("d.json", "[".repeat(100_000));
        assertThatThrownBy(() -> PretrainedTokenizer.load(deep)).hasMessageStartingWith(deep + ":1: not JSON");
        assertThatThrownBy(() -> PretrainedTokenizer.load(folder.resolve("none.json")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage(folder.resolve("none.json") + ": no such file");
        assertThatThrownBy(() -> PretrainedTokenizer.load(Files.createDirectory(folder.resolve("empty"))))
                .hasMessageContaining("none of the files [tokenizer.json");
    }

    /// Found by damaging files at random: what components say of themselves names the file, too.
    @Test
    void whatComponentsRefuseNamesTheFile() {
        String unigram = "{\"type\": \"Unigram\", \"vocab\": [[\"a\", 0]%s]}";
        for (String json : List.of(
                "{\"truncation\": {\"max_length\": -8}, \"model\": " + unigram.formatted("") + "}",
                "{\"padding\": {\"strategy\": {\"Fixed\": 47483647}}, \"model\": " + unigram.formatted("") + "}",
                "{\"decoder\": {\"type\": \"Strip\", \"content\": \"\", \"start\": 1, \"stop\": 0}, \"model\": "
                        + unigram.formatted("") + "}",
                "{\"model\": " + unigram.formatted(", []") + "}")) {
            Path file = file("a.json", json);
            assertThatThrownBy(() -> PretrainedTokenizer.json(file))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith(file.toString());
        }
    }

    @Test
    void expressionsThatTakeForEverAreStopped() {
        String split = "{\"type\": \"Split\", \"pattern\": {\"Regex\": \"%s\"}, \"behavior\": \"Isolated\"}";
        String model = "{\"type\": \"BPE\", \"vocab\": {\"a\": 0}, \"merges\": []}";
        Path file = file("slow.json", json("null", split.formatted("(a|aa)+(a+)+$|x"), model));
        PretrainedTokenizer tokenizer = PretrainedTokenizer.load(file);
        assertThatThrownBy(() -> tokenizer.encode("a".repeat(5000) + "!"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("pattern '");
    }

    @Test
    void numbersWithoutATokenHaveAName() {
        Path file = file(
                "holes.json",
                json("null", "null", "{\"type\": \"BPE\", \"vocab\": {\"a\": 0, \"b\": 3}, \"merges\": []}"));
        PretrainedTokenizer tokenizer = PretrainedTokenizer.load(file);
        assertThat(tokenizer.vocabulary().tokens()).containsExactly("a", "<none 1>", "<none 2>", "b");
        assertThat(tokenizer.encode("abba")).containsExactly(0, 3, 3, 0);
    }

    // ---- GPT-2 ----

    private static PretrainedTokenizer trained(Path folder) {
        BytePair pairs = BytePair.train(List.of("the cat and the hat and the bat", "Ünïcode ünïcode 😀😀"), 300);
        Path vocabulary = folder.resolve("vocab.json");
        pairs.save(vocabulary, folder.resolve("merges.txt"));
        return PretrainedTokenizer.load(vocabulary);
    }

    @Test
    void gpt2sFilesAreRead() {
        PretrainedTokenizer tokenizer = trained(folder);
        BytePair pairs = BytePair.load(folder.resolve("vocab.json"), folder.resolve("merges.txt"));
        for (String text : List.of("", "the cat", "  that's ünïcode 😀!\n\n x")) {
            assertThat(tokenizer.encode(text)).isEqualTo(pairs.encode(text));
        }
    }

    private static PretrainedTokenizer trainedForAllTries() {
        try {
            Path folder = Files.createTempDirectory("fathom-tokens");
            PretrainedTokenizer tokenizer = trained(folder);
            Files.delete(folder.resolve("vocab.json"));
            Files.delete(folder.resolve("merges.txt"));
            Files.delete(folder);
            return tokenizer;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Property
    void bytePairsDecodeToWhatWasEncoded(@ForAll String text) {
        String whole = new String(text.getBytes(StandardCharsets.UTF_8), StandardCharsets.UTF_8);
        assertThat(TRAINED.decode(TRAINED.encode(whole))).isEqualTo(whole);
    }

    @Test
    void halvesOfCharactersAreReplaced() {
        assertThat(trained(folder).decode(trained(folder).encode("a\ud83db"))).isEqualTo("a\ufffdb");
    }

    // ---- SentencePiece ----

    private static SentencePieceText special() {
        return new SentencePieceText()
                .piece("<unk>", 0, Kind.UNKNOWN)
                .piece("<s>", 0, Kind.CONTROL)
                .piece("</s>", 0, Kind.CONTROL);
    }

    /// Scores with which the likeliest cut is not the one from the left with the longest pieces.
    static byte[] unigrams() {
        return special()
                .piece("▁", -4, Kind.NORMAL)
                .piece("▁ab", -2, Kind.NORMAL)
                .piece("a", -3, Kind.NORMAL)
                .piece("b", -3, Kind.NORMAL)
                .piece("c", -3.5, Kind.NORMAL)
                .piece("bc", -2.5, Kind.NORMAL)
                .piece("▁a", -1, Kind.NORMAL)
                .piece("abc", -9, Kind.NORMAL)
                .piece("<sep>", 0, Kind.USER_DEFINED)
                .trainer(1, false)
                .normalizer(new byte[0], true, true)
                .toBytes();
    }

    @Test
    void unigramsOfSentencePieceAreRead() {
        PretrainedTokenizer tokenizer = PretrainedTokenizer.load(file("spiece.model", unigrams()));
        assertThat(tokenizer.tokens("abc")).containsExactly("▁a", "bc");
        assertThat(tokenizer.tokens("  ab   c ")).containsExactly("▁ab", "▁", "c");
        assertThat(tokenizer.tokens("a<sep>b")).containsExactly("▁a", "<sep>", "b");
        assertThat(tokenizer.tokens("axyb")).containsExactly("▁a", "<unk>", "b");
        assertThat(tokenizer.tokens("<s>")).doesNotContain("<s>");
        assertThat(tokenizer.encode("")).isEmpty();
        assertThat(tokenizer.decode(tokenizer.encode("ab abc"))).isEqualTo("ab abc");
        assertThat(tokenizer.around("<s>", "</s>").encoding("abc").ids()).containsExactly(1, 9, 8, 2);
    }

    static SentencePieceText bytePairs() {
        SentencePieceText model = special();
        for (int b = 0; b < 256; b++) {
            model.piece("<0x%02X>".formatted(b), 0, Kind.BYTE);
        }
        return model.piece("▁t", -0.0, Kind.NORMAL)
                .piece("he", -1, Kind.NORMAL)
                .piece("▁the", -2, Kind.NORMAL)
                .piece("▁", -10, Kind.NORMAL)
                .piece("e", -11, Kind.NORMAL)
                .piece("t", -12, Kind.NORMAL)
                .piece("h", -13, Kind.NORMAL);
    }

    @Test
    void bytePairsOfSentencePieceAreRead() {
        byte[] bytes = bytePairs()
                .trainer(2, true)
                .normalizer(new byte[0], true, false)
                .toBytes();
        PretrainedTokenizer tokenizer = PretrainedTokenizer.load(file("tokenizer.model", bytes));
        assertThat(tokenizer.tokens("the het")).containsExactly("▁the", "▁", "he", "t");
        assertThat(tokenizer.tokens("é")).containsExactly("▁", "<0xC3>", "<0xA9>");
        assertThat(tokenizer.decode(tokenizer.encode("the é  😀\n"))).isEqualTo("the é  😀\n");
    }

    /// Llama2.c's file says the same with spaces for marks.
    @Test
    void llama2csFileIsRead() {
        ByteBuffer out =
                ByteBuffer.allocate(1 << 16).order(ByteOrder.LITTLE_ENDIAN).putInt(7);
        put(out, "<unk>", 0);
        put(out, "\n<s>\n", 0);
        put(out, "\n</s>\n", 0);
        for (int b = 0; b < 256; b++) {
            put(out, "<0x%02X>".formatted(b), 0);
        }
        put(out, " t", -0.0f);
        put(out, "he", -1);
        put(out, " the", -2);
        put(out, " ", -10);
        put(out, "e", -11);
        put(out, "t", -12);
        put(out, "h", -13);
        byte[] bytes = Arrays.copyOf(out.array(), out.position());
        PretrainedTokenizer tokenizer = PretrainedTokenizer.load(file("tokenizer.bin", bytes));
        PretrainedTokenizer same = PretrainedTokenizer.load(file(
                "t.model",
                bytePairs()
                        .trainer(2, true)
                        .normalizer(new byte[0], true, false)
                        .toBytes()));
        for (String text : List.of("the het", "é the\n", "", "ttheheht h e  x")) {
            assertThat(tokenizer.encode(text)).isEqualTo(same.encode(text));
            assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
        }
        assertThat(tokenizer.encoding("the").ids()).containsExactly(1, 261);
        byte[] cut = Arrays.copyOf(bytes, bytes.length - 1);
        assertThatThrownBy(() -> PretrainedTokenizer.load(file("cut.bin", cut)))
                .hasMessageContaining("piece 265 of 1 bytes, the longest is to have 7, and 0 are left");
    }

    private static void put(ByteBuffer out, String piece, float score) {
        byte[] bytes = piece.getBytes(StandardCharsets.UTF_8);
        out.putFloat(score).putInt(bytes.length).put(bytes);
    }

    // ---- damage ----

    /// Cut and changed files are read, or are errors that name the file; nothing else happens.
    @Test
    void damagedFilesAreErrors() {
        byte[] json = json(
                        "{\"type\": \"Precompiled\", \"precompiled_charsmap\": \"BAAAAAAAAAA=\"}",
                        "{\"type\": \"ByteLevel\"}",
                        "{\"type\": \"BPE\", \"vocab\": {\"a\": 0, \"b\": 1, \"ab\": 2}, \"merges\": [\"a b\"]}")
                .getBytes(StandardCharsets.UTF_8);
        Random random = new Random(5);
        for (String name : List.of("x.json", "x.model", "y.model")) {
            byte[] whole = switch (name) {
                case "x.json" -> json;
                case "x.model" -> unigrams();
                default -> bytePairs().trainer(2, true).toBytes();
            };
            for (int i = 0; i < 400; i++) {
                byte[] damaged = i % 4 == 0 ? Arrays.copyOf(whole, random.nextInt(whole.length)) : whole.clone();
                for (int k = random.nextInt(4); k > 0 && damaged.length > 0; k--) {
                    damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
                }
                Path file = file(name, damaged);
                try {
                    PretrainedTokenizer.load(file).encode("abc the é");
                } catch (IllegalArgumentException e) {
                    assertThat(e).hasMessageMatching("(?s).*(" + name + "|no token|pattern|vocabulary).*");
                }
            }
        }
    }
}
