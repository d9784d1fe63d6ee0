package fathom.parity.tokens;

import static fathom.parity.tokens.TokenizerText.addedToken;
import static fathom.parity.tokens.TokenizerText.quoted;
import static fathom.parity.tokens.TokenizerText.sequence;
import static org.assertj.core.api.Assertions.assertThat;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import fathom.data.text.PretrainedTokenizer;
import fathom.parity.tokens.TokenizerText.Learnt;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Byte pairs as GPT-2, Llama 2 and Llama 3 have them.
class BytePairTokenizersTest {
    private static final String BYTE_DECODER =
            "{\"type\": \"ByteLevel\", \"add_prefix_space\": true, \"trim_offsets\": true, \"use_regex\": true}";
    private static final String GPT4 =
            "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|"
                    + "\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+";

    @TempDir
    private static Path folder;

    private static Learnt gpt2;
    private static Map<String, Integer> words;

    @BeforeAll
    static void learn() {
        gpt2 = Tiktoken.read("r50k_base");
        List<String> texts = OddTexts.ordinary();
        words = OddTexts.counts(texts.subList(0, Math.min(200, texts.size())));
    }

    private static String byteLevel(boolean addSpace) {
        return "{\"type\": \"ByteLevel\", \"add_prefix_space\": %s, \"trim_offsets\": true, \"use_regex\": true}"
                .formatted(addSpace);
    }

    private static void compare(TokenizerText text) {
        try (Reference reference = Reference.of(folder, text.json())) {
            reference.compare(OddTexts.all());
        }
    }

    @Test
    void gpt2() {
        TokenizerText text = TokenizerText.of(
                        "null", byteLevel(false), TokenizerText.bpe(gpt2.ids(), gpt2.merges(), false, ""), BYTE_DECODER)
                .withAdded(addedToken(50256, "<|endoftext|>", "special"));
        compare(text);
    }

    /// Against another library, and by the files that GPT-2 came in.
    @Test
    void gpt2ByItsTwoFiles() throws IOException {
        Path vocabulary = folder.resolve("vocab.json");
        Path merges = folder.resolve("merges.txt");
        Files.writeString(vocabulary, TokenizerText.vocabulary(gpt2.ids()));
        Files.writeString(
                merges,
                "#version: 0.2\n"
                        + gpt2.merges().stream().map(m -> String.join(" ", m)).collect(Collectors.joining("\n")));
        PretrainedTokenizer ours = PretrainedTokenizer.load(vocabulary);
        Encoding theirs = Encodings.newDefaultEncodingRegistry().getEncoding(EncodingType.R50K_BASE);
        for (String text : OddTexts.all()) {
            assertThat(ours.encode(text)).isEqualTo(theirs.encodeOrdinary(text).toArray());
            assertThat(ours.decode(ours.encode(text))).isEqualTo(text);
        }
    }

    @Test
    void gpt4ByItsExpression() throws IOException {
        Learnt gpt4 = Tiktoken.read("cl100k_base");
        String split =
                "{\"type\": \"Split\", \"pattern\": {\"Regex\": %s}, \"behavior\": \"Isolated\", \"invert\": false}";
        String cuts = sequence("pretokenizers", split.formatted(quoted(GPT4)), bytesOnly());
        Path file = folder.resolve("gpt4.json");
        Files.writeString(
                file,
                TokenizerText.of(
                                "null",
                                cuts,
                                TokenizerText.bpe(gpt4.ids(), gpt4.merges(), true, ", \"ignore_merges\": true"),
                                BYTE_DECODER)
                        .json());
        PretrainedTokenizer ours = PretrainedTokenizer.load(file);
        Encoding theirs = Encodings.newDefaultEncodingRegistry().getEncoding(EncodingType.CL100K_BASE);
        for (String text : OddTexts.all()) {
            assertThat(ours.encode(text)).isEqualTo(theirs.encodeOrdinary(text).toArray());
            assertThat(ours.decode(ours.encode(text))).isEqualTo(text);
        }
    }

    private static String bytesOnly() {
        return "{\"type\": \"ByteLevel\", \"add_prefix_space\": false, \"trim_offsets\": true, \"use_regex\": false}";
    }

    @Test
    void asLlama3() {
        Learnt learnt = TokenizerText.learn(TokenizerText.byteWords(words), TokenizerText.byteLetters(), 300);
        String split =
                "{\"type\": \"Split\", \"pattern\": {\"Regex\": %s}, \"behavior\": \"Isolated\", \"invert\": false}";
        int next = learnt.ids().size();
        compare(TokenizerText.of(
                        "null",
                        sequence("pretokenizers", split.formatted(quoted(GPT4)), bytesOnly()),
                        TokenizerText.bpe(learnt.ids(), learnt.merges(), true, ", \"ignore_merges\": true"),
                        BYTE_DECODER)
                .withAdded(
                        addedToken(next, "<|begin_of_text|>", "special"),
                        addedToken(next + 1, "<|eot_id|>", "special")));
    }

    @Test
    void asRoberta() {
        Learnt learnt = TokenizerText.learn(TokenizerText.byteWords(words), TokenizerText.byteLetters(), 300);
        int next = learnt.ids().size();
        compare(TokenizerText.of(
                        "null",
                        byteLevel(true),
                        TokenizerText.bpe(learnt.ids(), learnt.merges(), false, ""),
                        BYTE_DECODER)
                .withAdded(
                        addedToken(next, "<s>", "special normalized"),
                        addedToken(next + 1, "</s>", "special normalized"),
                        addedToken(next + 2, "[MASK]", "special lstrip"))
                .withPostProcessor("{\"type\": \"RobertaProcessing\", \"sep\": [\"</s>\", %s], \"cls\": [\"<s>\", %s], "
                                .formatted(next + 1, next)
                        + "\"trim_offsets\": true, \"add_prefix_space\": true}"));
    }

    /// Characters that are no tokens are written as bytes.
    @Test
    void asLlama2() {
        List<String> first = new ArrayList<>(List.of("<unk>", "<s>", "</s>"));
        first.addAll(TokenizerText.byteTokens());
        Learnt learnt = TokenizerText.learn(TokenizerText.marked(words), first, 300);
        String decoder =
                "{\"type\": \"Sequence\", \"decoders\": [{\"type\": \"Replace\", \"pattern\": {\"String\": \"▁\"}, "
                        + "\"content\": \" \"}, {\"type\": \"ByteFallback\"}, {\"type\": \"Fuse\"}, "
                        + "{\"type\": \"Strip\", \"content\": \" \", \"start\": 1, \"stop\": 0}]}";
        String template =
                "{\"type\": \"TemplateProcessing\", \"single\": [{\"SpecialToken\": {\"id\": \"<s>\", \"type_id\": 0}}, "
                        + "{\"Sequence\": {\"id\": \"A\", \"type_id\": 0}}], \"pair\": [{\"SpecialToken\": {\"id\": \"<s>\", "
                        + "\"type_id\": 0}}, {\"Sequence\": {\"id\": \"A\", \"type_id\": 0}}, {\"SpecialToken\": {\"id\": \"<s>\", "
                        + "\"type_id\": 1}}, {\"Sequence\": {\"id\": \"B\", \"type_id\": 1}}], \"special_tokens\": {\"<s>\": "
                        + "{\"id\": \"<s>\", \"ids\": [1], \"tokens\": [\"<s>\"]}}}";
        String replaced = "{\"type\": \"Replace\", \"pattern\": {\"String\": \" \"}, \"content\": \"▁\"}";
        String model = TokenizerText.bpe(
                learnt.ids(),
                learnt.merges(),
                false,
                ", \"unk_token\": \"<unk>\", \"fuse_unk\": true, \"byte_fallback\": true");
        String[] added = {
            addedToken(0, "<unk>", "special"), addedToken(1, "<s>", "special"), addedToken(2, "</s>", "special")
        };
        compare(TokenizerText.of(
                        sequence("normalizers", "{\"type\": \"Prepend\", \"prepend\": \"▁\"}", replaced),
                        "null",
                        model,
                        decoder)
                .withAdded(added)
                .withPostProcessor(template));
        compare(TokenizerText.of(
                        "null",
                        "{\"type\": \"Metaspace\", \"replacement\": \"▁\", \"prepend_scheme\": \"first\", \"split\": false}",
                        model,
                        decoder)
                .withAdded(added)
                .withPostProcessor(template));
    }

    /// What cannot be written is unknown, and ends of words are marked.
    @Test
    void asTheFirstGpt() {
        List<String> first = List.of("<unk>");
        Learnt learnt =
                TokenizerText.learn(OddTexts.counts(List.of("the cat sat on the mat that the rat ate")), first, 5);
        Map<String, Integer> ids = learnt.ids();
        List.of("t", "e", "n", "a").forEach(c -> ids.put(c + "</w>", ids.size()));
        String decoder = "{\"type\": \"BPEDecoder\", \"suffix\": \"</w>\"}";
        for (boolean fused : List.of(true, false)) {
            compare(TokenizerText.of(
                    "{\"type\": \"Lowercase\"}",
                    "{\"type\": \"BertPreTokenizer\"}",
                    TokenizerText.bpe(
                            ids,
                            learnt.merges(),
                            false,
                            ", \"unk_token\": \"<unk>\", \"end_of_word_suffix\": \"</w>\", \"fuse_unk\": " + fused),
                    decoder));
        }
    }
}
