package fathom.parity.tokens;

import static fathom.parity.tokens.TokenizerText.addedToken;
import static fathom.parity.tokens.TokenizerText.quoted;
import static fathom.parity.tokens.TokenizerText.sequence;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Each component that changes or cuts a text, with a model that shows every byte and every cut.
class TokenizerComponentsTest {
    private static final String BYTES =
            "{\"type\": \"ByteLevel\", \"add_prefix_space\": false, \"trim_offsets\": false, \"use_regex\": false}";
    private static final String DECODER =
            "{\"type\": \"ByteLevel\", \"add_prefix_space\": true, \"trim_offsets\": true, \"use_regex\": true}";

    @TempDir
    private Path folder;

    private void compare(TokenizerText text) {
        try (Reference reference = Reference.of(folder, text.json())) {
            reference.compare(OddTexts.few());
        }
    }

    private static TokenizerText text(String normalizer, String preTokenizer) {
        String cuts = sequence("pretokenizers", preTokenizer, BYTES);
        return TokenizerText.of(normalizer, cuts, TokenizerText.transparent(), DECODER);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type': 'NFC'}",
                "{'type': 'NFD'}",
                "{'type': 'NFKC'}",
                "{'type': 'NFKD'}",
                "{'type': 'Lowercase'}",
                "{'type': 'StripAccents'}",
                "{'type': 'Nmt'}",
                "{'type': 'Strip', 'strip_left': true, 'strip_right': false}",
                "{'type': 'Strip', 'strip_left': false, 'strip_right': true}",
                "{'type': 'Prepend', 'prepend': '▁'}",
                "{'type': 'Replace', 'pattern': {'String': ' '}, 'content': '▁'}",
                "{'type': 'Replace', 'pattern': {'Regex': ' {2,}|\\\\p{Han}+'}, 'content': '<>'}",
                "{'type': 'BertNormalizer', 'clean_text': true, 'handle_chinese_chars': true, 'strip_accents': null, "
                        + "'lowercase': true}",
                "{'type': 'BertNormalizer', 'clean_text': true, 'handle_chinese_chars': false, 'strip_accents': null, "
                        + "'lowercase': false}",
                "{'type': 'BertNormalizer', 'clean_text': false, 'handle_chinese_chars': true, 'strip_accents': true, "
                        + "'lowercase': false}",
                "{'type': 'Sequence', 'normalizers': [{'type': 'NFD'}, {'type': 'StripAccents'}, {'type': 'Lowercase'}]}"
            })
    void normalizers(String normalizer) {
        compare(text(normalizer.replace('\'', '"'), BYTES));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type': 'BertPreTokenizer'}",
                "{'type': 'Whitespace'}",
                "{'type': 'WhitespaceSplit'}",
                "{'type': 'Punctuation', 'behavior': 'Isolated'}",
                "{'type': 'Punctuation', 'behavior': 'Contiguous'}",
                "{'type': 'Punctuation', 'behavior': 'Removed'}",
                "{'type': 'Punctuation', 'behavior': 'MergedWithPrevious'}",
                "{'type': 'Punctuation', 'behavior': 'MergedWithNext'}",
                "{'type': 'Digits', 'individual_digits': true}",
                "{'type': 'Digits', 'individual_digits': false}",
                "{'type': 'CharDelimiterSplit', 'delimiter': 'e'}",
                "{'type': 'Split', 'pattern': {'String': 'an'}, 'behavior': 'Isolated', 'invert': false}",
                "{'type': 'Split', 'pattern': {'Regex': '[aeiou]+'}, 'behavior': 'MergedWithNext', 'invert': false}",
                "{'type': 'Split', 'pattern': {'Regex': '\\\\w+'}, 'behavior': 'MergedWithPrevious', 'invert': true}",
                "{'type': 'Split', 'pattern': {'Regex': '\\\\s'}, 'behavior': 'Removed', 'invert': false}",
                "{'type': 'Split', 'pattern': {'Regex': '^.|.$'}, 'behavior': 'Contiguous', 'invert': false}",
                "{'type': 'ByteLevel', 'add_prefix_space': true, 'trim_offsets': true, 'use_regex': true}",
                "{'type': 'ByteLevel', 'add_prefix_space': false, 'trim_offsets': true, 'use_regex': true}",
                "{'type': 'Metaspace', 'replacement': '▁', 'prepend_scheme': 'always', 'split': true}",
                "{'type': 'Metaspace', 'replacement': '▁', 'prepend_scheme': 'first', 'split': true}",
                "{'type': 'Metaspace', 'replacement': '▁', 'prepend_scheme': 'never', 'split': true}",
                "{'type': 'Metaspace', 'replacement': '▁', 'prepend_scheme': 'always', 'split': false}",
                "{'type': 'Metaspace', 'replacement': '_', 'add_prefix_space': true}",
                "{'type': 'Sequence', 'pretokenizers': [{'type': 'WhitespaceSplit'}, {'type': 'Metaspace', "
                        + "'replacement': '▁', 'prepend_scheme': 'first'}]}",
                "{'type': 'Sequence', 'pretokenizers': [{'type': 'Digits', 'individual_digits': true}, "
                        + "{'type': 'Punctuation'}]}"
            })
    void preTokenizers(String preTokenizer) {
        compare(text("null", preTokenizer.replace('\'', '"')));
    }

    /// The cuts of Llama 3, GPT-4, Qwen 2 and DeepSeek.
    @ParameterizedTest
    @ValueSource(
            strings = {
                "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|"
                        + "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
                "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|"
                        + "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+",
                "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+"
                        + "(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+",
                "[一-龥\\u0800-一가-퟿]+|[\\r\\n]|\\s?\\p{P}+"
            })
    void expressionsOfPublishedModels(String expression) {
        String split =
                "{\"type\": \"Split\", \"pattern\": {\"Regex\": %s}, \"behavior\": \"Isolated\", \"invert\": false}";
        compare(text("null", split.formatted(quoted(expression))));
    }

    @Test
    void addedTokens() {
        compare(text("{\"type\": \"Lowercase\"}", "{\"type\": \"WhitespaceSplit\"}")
                .withAdded(
                        addedToken(512, "<s>", "special"),
                        addedToken(513, "</s>", "special lstrip"),
                        addedToken(514, "[MASK]", "special lstrip rstrip"),
                        addedToken(515, "[CLS]", "special single_word"),
                        addedToken(516, "Hello", "normalized"),
                        addedToken(517, "ou", "normalized single_word rstrip"),
                        addedToken(518, "<|endoftext|>", "special normalized"),
                        addedToken(519, "  ", ""),
                        addedToken(520, "x", "single_word lstrip"),
                        addedToken(521, "x.", "")));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'type': 'BertProcessing', 'sep': ['</s>', 513], 'cls': ['<s>', 512]}",
                "{'type': 'RobertaProcessing', 'sep': ['</s>', 513], 'cls': ['<s>', 512], 'trim_offsets': true, "
                        + "'add_prefix_space': false}",
                "{'type': 'ByteLevel', 'add_prefix_space': true, 'trim_offsets': false, 'use_regex': true}",
                "{'type': 'Sequence', 'processors': [{'type': 'ByteLevel', 'add_prefix_space': true, 'trim_offsets': "
                        + "false, 'use_regex': true}, {'type': 'TemplateProcessing', 'single': [{'SpecialToken': {'id': "
                        + "'<s>', 'type_id': 0}}, {'Sequence': {'id': 'A', 'type_id': 0}}], 'pair': [{'Sequence': {'id': "
                        + "'A', 'type_id': 0}}, {'SpecialToken': {'id': '<s>', 'type_id': 3}}, {'Sequence': {'id': 'B', "
                        + "'type_id': 2}}], 'special_tokens': {'<s>': {'id': '<s>', 'ids': [512, 513], 'tokens': ['<s>', "
                        + "'</s>']}}}]}"
            })
    void templates(String processor) {
        compare(text("null", "{\"type\": \"WhitespaceSplit\"}")
                .withAdded(addedToken(512, "<s>", "special"), addedToken(513, "</s>", "special"))
                .withPostProcessor(processor.replace('\'', '"')));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "null",
                "{'type': 'WordPiece', 'prefix': '##', 'cleanup': true}",
                "{'type': 'WordPiece', 'prefix': '##', 'cleanup': false}",
                "{'type': 'BPEDecoder', 'suffix': 't'}",
                "{'type': 'Metaspace', 'replacement': 'Ġ', 'prepend_scheme': 'always'}",
                "{'type': 'Metaspace', 'replacement': 'Ġ', 'prepend_scheme': 'never'}",
                "{'type': 'CTC', 'pad_token': '##', 'word_delimiter_token': '|', 'cleanup': true}",
                "{'type': 'Sequence', 'decoders': [{'type': 'Replace', 'pattern': {'String': '##'}, 'content': ''}, "
                        + "{'type': 'Fuse'}, {'type': 'Strip', 'content': 'a', 'start': 1, 'stop': 0}]}",
                "{'type': 'Sequence', 'decoders': [{'type': 'Replace', 'pattern': {'Regex': '[#a]+'}, 'content': '-'}, "
                        + "{'type': 'Strip', 'content': '-', 'start': 1, 'stop': 0}]}"
            })
    void decoders(String decoder) {
        compare(TokenizerText.of(
                "null",
                sequence("pretokenizers", "{\"type\": \"Whitespace\"}", BYTES),
                TokenizerText.transparent(),
                decoder.replace('\'', '"')));
    }

    @Test
    void wordLevel() {
        compare(TokenizerText.of(
                "null",
                "{\"type\": \"Whitespace\"}",
                "{\"type\": \"WordLevel\", \"vocab\": {\"a\": 0, \"[UNK]\": 1, \"two\": 2, \"x\": 3}, \"unk_token\": \"[UNK]\"}",
                "null"));
    }

    @Test
    void bytesAsANormalizer() {
        compare(TokenizerText.of("{\"type\": \"ByteLevel\"}", "null", TokenizerText.transparent(), DECODER));
    }
}
