package fathom.data.text;

import fathom.testing.Fuzz;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Damaged files of each kind of tokeniser: see [Fuzz].
class FuzzTest {
    @TempDir
    private Path folder;

    /// Reads a tokeniser, and has it take a text apart and put it together.
    private static void use(Path file, Function<Path, PretrainedTokenizer> reader) {
        PretrainedTokenizer tokenizer = reader.apply(file);
        try {
            int[] ids = tokenizer.encoding("Abc the hétheb <s>", "un 12 \n!").ids();
            tokenizer.decode(ids);
            tokenizer.batch(List.of("a", "un able"));
        } catch (IllegalArgumentException e) {
            if (e.getClass() != IllegalArgumentException.class) {
                throw e;
            }
            // What cannot be done with a text need not name the file.
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    // ---- tokenizer.json ----

    private static String json(String rest) {
        return """
                {"version": "1.0", "truncation": {"direction": "Right", "max_length": 8, "strategy": "LongestFirst"},
                "padding": {"strategy": {"Fixed": 4}, "direction": "Right", "pad_to_multiple_of": 2, "pad_id": 0},
                "added_tokens": [{"id": 0, "content": "[UNK]", "special": true, "normalized": false},
                {"id": 1, "content": "<s>", "lstrip": true, "rstrip": true, "single_word": true}],""" + rest;
    }

    private static final String WORD_PIECE = """
            "normalizer": {"type": "Sequence", "normalizers": [{"type": "BertNormalizer", "lowercase": true},
            {"type": "NFD"}, {"type": "Replace", "pattern": {"Regex": "a+|(b|c)*"}, "content": "b"}, {"type": "Strip"},
            {"type": "Precompiled", "precompiled_charsmap": "BAAAAAAAAAA="}]},
            "pre_tokenizer": {"type": "Sequence", "pretokenizers": [{"type": "BertPreTokenizer"},
            {"type": "Split", "pattern": {"String": "e"}, "behavior": "MergedWithNext", "invert": false},
            {"type": "Digits", "individual_digits": true}, {"type": "Punctuation", "behavior": "Contiguous"}]},
            "post_processor": {"type": "TemplateProcessing", "single": [{"SpecialToken": {"id": "<s>", "type_id": 0}},
            {"Sequence": {"id": "A", "type_id": 0}}], "pair": [{"Sequence": {"id": "A", "type_id": 0}},
            {"Sequence": {"id": "B", "type_id": 1}}],
            "special_tokens": {"<s>": {"id": "<s>", "ids": [1], "tokens": ["<s>"]}}},
            "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": true},
            "model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 20, "vocab": {"[UNK]": 0, "<s>": 1, "a": 2, "##b": 3, "un": 4, "th": 5}}}""";

    private static final String PAIRS = """
            "normalizer": {"type": "Prepend", "prepend": "_"},
            "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": true, "use_regex": true},
            "post_processor": {"type": "RobertaProcessing", "sep": ["b", 3], "cls": ["a", 2]},
            "decoder": {"type": "Sequence", "decoders": [{"type": "ByteFallback"}, {"type": "Fuse"},
            {"type": "Strip", "content": " ", "start": 1, "stop": 0}, {"type": "ByteLevel"}]},
            "model": {"type": "BPE", "dropout": null, "unk_token": "[UNK]", "fuse_unk": true, "byte_fallback": true,
            "ignore_merges": false, "vocab": {"[UNK]": 0, "<s>": 1, "a": 2, "b": 3, "ab": 4, "t": 5, "h": 6, "th": 7},
            "merges": ["a b", ["t", "h"]]}}""";

    private static final String UNIGRAM = """
            "pre_tokenizer": {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "always"},
            "decoder": {"type": "Metaspace", "replacement": "\u2581"},
            "model": {"type": "Unigram", "unk_id": 0, "byte_fallback": false,
            "vocab": [["[UNK]", 0.0], ["<s>", -1.5], ["\u2581", -2], ["a", -3e0], ["ab", -4], ["the", -5]]}}""";

    @Test
    void tokenizerJson() {
        Fuzz.of("tokenizer-json", folder.resolve("tokenizer.json"), f -> use(f, PretrainedTokenizer::json))
                .seed(utf8(json(WORD_PIECE)))
                .seed(utf8(json(PAIRS)))
                .seed(utf8(json(UNIGRAM)))
                .run();
    }

    // ---- others ----

    @Test
    void vocabularyOfBert() {
        Fuzz.of("bert-vocabulary", folder.resolve("vocab.txt"), f -> {
                    use(f, PretrainedTokenizer::load);
                    Vocabulary.load(f);
                })
                .seed(utf8("[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nun\n##aff\n##able\nhello\n!\n"))
                .run();
    }

    private static final String LETTERS =
            "{\"a\": 0, \"b\": 1, \"ab\": 2, \"\u0120\": 3, \"t\": 4, \"\u0120t\": 5, \"<|endoftext|>\": 6}";

    @Test
    void vocabularyOfGpt2() throws IOException {
        Files.writeString(folder.resolve("merges.txt"), "#version: 0.2\na b\n\u0120 t\n");
        Fuzz.of("gpt2-vocabulary", folder.resolve("vocab.json"), f -> use(f, PretrainedTokenizer::load))
                .seed(utf8(LETTERS))
                .run();
    }

    @Test
    void mergesOfGpt2() throws IOException {
        Path vocabulary = Files.writeString(folder.resolve("vocab.json"), LETTERS);
        Fuzz.of("gpt2-merges", folder.resolve("merges.txt"), _ -> use(vocabulary, PretrainedTokenizer::load))
                .seed(utf8("#version: 0.2\na b\n\u0120 t\n"))
                .run();
    }

    @Test
    void sentencePiece() {
        Fuzz.of("sentencepiece", folder.resolve("tokenizer.model"), f -> use(f, PretrainedTokenizer::load))
                .seed(PretrainedTokenizerTest.unigrams())
                .seed(PretrainedTokenizerTest.bytePairs()
                        .trainer(2, true)
                        .normalizer(new byte[] {4, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}, true, false)
                        .toBytes())
                .run();
    }

    @Test
    void llama2c() {
        ByteBuffer out =
                ByteBuffer.allocate(1024).order(ByteOrder.LITTLE_ENDIAN).putInt(7);
        for (String piece : List.of("<unk>", "\n<s>\n", "\n</s>\n", "<0x41>", " ", "t", "h", " t", "th", "e", "he")) {
            out.putFloat(-piece.length()).putInt(utf8(piece).length).put(utf8(piece));
        }
        Fuzz.of("llama2c-tokenizer", folder.resolve("tokenizer.bin"), f -> use(f, PretrainedTokenizer::load))
                .seed(Arrays.copyOf(out.array(), out.position()))
                .run();
    }
}
