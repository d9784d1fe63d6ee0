package fathom.data.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import fathom.testing.SentencePieceText;
import fathom.testing.SentencePieceText.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Tokenisers that GGUF files have inside, against the same vocabularies in other files.
class GgufTokenizerTest {
    private static final List<String> TEXTS = List.of(
            "",
            "the het",
            "  é the\n",
            "ttheheht h e  x",
            "that's the cat's 12345 hats, don't I'LL\r\n\r\n  say?!",
            "Ünïcode 😀😀 12th\t a<sep>b");

    @TempDir
    private Path folder;

    // ---- SentencePiece ----

    /// The same pieces for both kinds of file.
    private static final class Pieces {
        private final SentencePieceText text = new SentencePieceText();
        private final List<String> tokens = new ArrayList<>();
        private final List<Double> scores = new ArrayList<>();
        private final List<Long> types = new ArrayList<>();

        void add(String token, double score, Kind kind) {
            text.piece(token, score, kind);
            tokens.add(token);
            scores.add(score);
            types.add(kind.ordinal() + 1L);
        }

        Map<String, Object> values() {
            Map<String, Object> values = new HashMap<>();
            values.put("tokenizer.ggml.model", "llama");
            values.put("tokenizer.ggml.tokens", tokens);
            values.put("tokenizer.ggml.scores", scores);
            values.put("tokenizer.ggml.token_type", types);
            values.put("tokenizer.ggml.bos_token_id", 1L);
            values.put("tokenizer.ggml.eos_token_id", 2L);
            return values;
        }
    }

    private static Pieces pieces() {
        Pieces pieces = new Pieces();
        pieces.add("<unk>", 0, Kind.UNKNOWN);
        pieces.add("<s>", 0, Kind.CONTROL);
        pieces.add("</s>", 0, Kind.CONTROL);
        for (int b = 0; b < 256; b++) {
            pieces.add("<0x%02X>".formatted(b), 0, Kind.BYTE);
        }
        pieces.add("<sep>", 0, Kind.USER_DEFINED);
        List<String> merged = List.of("▁t", "he", "▁the", "at", "ca", "▁", "e", "t", "h", "a", "c", "s", "'");
        for (String piece : merged) {
            pieces.add(piece, -merged.indexOf(piece), Kind.NORMAL);
        }
        return pieces;
    }

    @ParameterizedTest
    @CsvSource({"true,false", "false,true"})
    void piecesOfLlamaAreThoseOfSentencePiece(boolean addMark, boolean tidy) throws IOException {
        Pieces pieces = pieces();
        byte[] file = pieces.text
                .trainer(2, true)
                .normalizer(new byte[0], addMark, tidy)
                .toBytes();
        PretrainedTokenizer expected =
                PretrainedTokenizer.sentencePiece(Files.write(folder.resolve("tokenizer.model"), file));
        Map<String, Object> values = pieces.values();
        values.put("tokenizer.ggml.add_space_prefix", addMark);
        values.put("tokenizer.ggml.remove_extra_whitespaces", tidy);
        PretrainedTokenizer tokenizer = PretrainedTokenizer.gguf("model.gguf", values);
        assertThat(tokenizer.vocabulary().tokens())
                .isEqualTo(expected.vocabulary().tokens());
        for (String text : TEXTS) {
            int[] ids = expected.encode(text);
            assertThat(tokenizer.encode(text)).as(text).isEqualTo(ids);
            assertThat(tokenizer.decode(ids)).isEqualTo(expected.decode(ids));
            assertThat(tokenizer.encoding(text).ids())
                    .isEqualTo(expected.around("<s>", null).encoding(text).ids());
        }
    }

    @Test
    void tokensOfControlAreFoundInTexts() {
        Map<String, Object> values = pieces().values();
        values.put("tokenizer.ggml.add_bos_token", false);
        values.put("tokenizer.ggml.add_eos_token", true);
        PretrainedTokenizer tokenizer = PretrainedTokenizer.gguf("model.gguf", values);
        assertThat(tokenizer.tokens("the</s>the")).containsExactly("▁the", "</s>", "▁the");
        assertThat(tokenizer.encoding("the").ids()).containsExactly(262, 2);
        assertThat(tokenizer.isSpecial(2)).isTrue();
        assertThat(tokenizer.isSpecial(259)).isFalse();
    }

    // ---- bytes ----

    private Map<String, Object> trained(String cuts) throws IOException {
        BytePair.train(List.of("the cat and the hat and the bat", "Ünïcode ünïcode 😀😀", "that's 12 and 123"), 320)
                .save(folder.resolve("vocab.json"), folder.resolve("merges.txt"));
        List<String> tokens = PretrainedTokenizer.load(folder.resolve("vocab.json"))
                .vocabulary()
                .tokens();
        List<String> merges = new ArrayList<>(Files.readAllLines(folder.resolve("merges.txt")));
        merges.removeIf(line -> line.startsWith("#version") || line.isEmpty());
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("tokenizer.ggml.model", "gpt2");
        values.put("tokenizer.ggml.pre", cuts);
        values.put("tokenizer.ggml.tokens", tokens);
        values.put("tokenizer.ggml.merges", merges);
        return values;
    }

    @Test
    void piecesOfGpt2AreThoseOfItsFiles() throws IOException {
        PretrainedTokenizer tokenizer = PretrainedTokenizer.gguf("model.gguf", trained("gpt-2"));
        PretrainedTokenizer expected = PretrainedTokenizer.load(folder.resolve("vocab.json"));
        for (String text : TEXTS) {
            assertThat(tokenizer.encode(text)).as(text).isEqualTo(expected.encode(text));
            assertThat(tokenizer.decode(tokenizer.encode(text))).isEqualTo(text);
        }
    }

    /// The expressions are those with which the models were published as `tokenizer.json`.
    @ParameterizedTest
    @CsvSource(
            delimiter = ';',
            quoteCharacter = '`',
            value = {
                "llama-bpe ; Split ; (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\\\r\\\\n\\\\p{L}\\\\p{N}]?\\\\p{L}+|\\\\p{N}{1,3}|"
                        + " ?[^\\\\s\\\\p{L}\\\\p{N}]+[\\\\r\\\\n]*|\\\\s*[\\\\r\\\\n]+|\\\\s+(?!\\\\S)|\\\\s+",
                "qwen2 ; Split ; (?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\\\r\\\\n\\\\p{L}\\\\p{N}]?\\\\p{L}+|\\\\p{N}|"
                        + " ?[^\\\\s\\\\p{L}\\\\p{N}]+[\\\\r\\\\n]*|\\\\s*[\\\\r\\\\n]+|\\\\s+(?!\\\\S)|\\\\s+",
                "smollm ; Digits ; -"
            })
    void cutsHaveNames(String name, String kind, String expression) throws IOException {
        Map<String, Object> values = trained(name);
        String cuts = kind.equals("Digits")
                ? "{\"type\": \"Digits\", \"individual_digits\": true}"
                : "{\"type\": \"Split\", \"behavior\": \"Isolated\", \"pattern\": {\"Regex\": \"" + expression + "\"}}";
        List<?> merges = (List<?>) values.getOrDefault("tokenizer.ggml.merges", List.of());
        String json = """
                {"pre_tokenizer": {"type": "Sequence", "pretokenizers": [%s,
                {"type": "ByteLevel", "add_prefix_space": false, "use_regex": %s}]}, "decoder": {"type": "ByteLevel"},
                "model": {"type": "BPE", "ignore_merges": %s, "vocab": %s, "merges": [%s]}}""".formatted(
                        cuts,
                        kind.equals("Digits"),
                        name.equals("llama-bpe"),
                        Files.readString(folder.resolve("vocab.json")),
                        merges.stream()
                                .map(merge -> "\""
                                        + merge.toString().replace("\\", "\\\\").replace("\"", "\\\"") + "\"")
                                .collect(Collectors.joining(",")));
        PretrainedTokenizer expected =
                PretrainedTokenizer.json(Files.writeString(folder.resolve("tokenizer.json"), json));
        PretrainedTokenizer tokenizer = PretrainedTokenizer.gguf("model.gguf", values);
        for (String text : TEXTS) {
            assertThat(tokenizer.encode(text)).as(text).isEqualTo(expected.encode(text));
        }
    }

    // ---- what is wrong ----

    private static void isRefused(Map<String, Object> values, String message) {
        assertThatThrownBy(() -> PretrainedTokenizer.gguf("model.gguf", values))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("model.gguf: ")
                .hasMessageContaining(message);
    }

    @Test
    void whatIsNoTokenizerIsRefused() throws IOException {
        isRefused(Map.of(), "no tokenizer.ggml.tokens");
        isRefused(Map.of("tokenizer.ggml.tokens", List.of(1L)), "an item of tokenizer.ggml.tokens is not a text");
        isRefused(Map.of("tokenizer.ggml.tokens", "a"), "tokenizer.ggml.tokens is something else, expected a list");
        isRefused(Map.of("tokenizer.ggml.tokens", List.of("a")), "model 'no model', expected llama or gpt2");
        Map<String, Object> pieces = pieces().values();
        pieces.put("tokenizer.ggml.scores", List.of(1.0));
        isRefused(pieces, "1 scores of 273 tokens");
        pieces.put("tokenizer.ggml.token_type", List.of(1L));
        isRefused(pieces, "token_type has 1 items, expected one from 1 to 6 for each of 273 tokens");
        Map<String, Object> begun = pieces().values();
        begun.put("tokenizer.ggml.bos_token_id", 273L);
        isRefused(begun, "bos_token_id is 273 of 273 tokens");
        Map<String, Object> pairs = trained("odd");
        isRefused(pairs, "pre 'odd', expected gpt-2, llama-bpe");
        pairs.put("tokenizer.ggml.merges", List.of("a"));
        isRefused(pairs, "merge 'a', expected two pieces");
    }
}
