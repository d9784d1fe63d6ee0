package fathom.parity.tokens;

import static org.assertj.core.api.Assertions.assertThat;

import ai.djl.sentencepiece.SpTokenizer;
import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import fathom.data.text.PretrainedTokenizer;
import fathom.parity.tokens.TokenizerText.Learnt;
import fathom.testing.SentencePieceText;
import fathom.testing.SentencePieceText.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Tokenisers as GGUF files have them inside, against other libraries with the same vocabularies.
class GgufTokenizersTest {
    @TempDir
    private Path folder;

    private static PretrainedTokenizer bytePairs(Learnt learnt, String cuts) {
        int count = Collections.max(learnt.ids().values()) + 1;
        List<String> tokens = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            tokens.add("<none " + i + ">");
        }
        learnt.ids().forEach((token, id) -> tokens.set(id, token));
        return PretrainedTokenizer.gguf(
                "model.gguf",
                Map.of(
                        "tokenizer.ggml.model",
                        "gpt2",
                        "tokenizer.ggml.pre",
                        cuts,
                        "tokenizer.ggml.tokens",
                        tokens,
                        "tokenizer.ggml.merges",
                        learnt.merges().stream()
                                .map(pair -> String.join(" ", pair))
                                .toList()));
    }

    private static void compare(PretrainedTokenizer ours, EncodingType type) {
        Encoding theirs = Encodings.newDefaultEncodingRegistry().getEncoding(type);
        for (String text : OddTexts.all()) {
            assertThat(ours.encode(text)).isEqualTo(theirs.encodeOrdinary(text).toArray());
            assertThat(ours.decode(ours.encode(text))).isEqualTo(text);
        }
    }

    @Test
    void gpt2() {
        compare(bytePairs(Tiktoken.read("r50k_base"), "gpt-2"), EncodingType.R50K_BASE);
    }

    /// Llama 3 cuts texts as GPT-4 does.
    @Test
    void llama3() {
        compare(bytePairs(Tiktoken.read("cl100k_base"), "llama-bpe"), EncodingType.CL100K_BASE);
    }

    @Test
    void llama2() throws IOException {
        List<String> texts = OddTexts.ordinary();
        Map<String, Integer> words = OddTexts.counts(texts.subList(0, Math.min(200, texts.size())));
        Learnt learnt = TokenizerText.learn(TokenizerText.marked(words), List.of(), 300);
        Map<String, Integer> order = new LinkedHashMap<>();
        learnt.merges().forEach(pair -> order.putIfAbsent(String.join("", pair), order.size()));
        learnt.ids().keySet().forEach(piece -> order.putIfAbsent(piece, order.size()));
        SentencePieceText text = new SentencePieceText();
        List<String> tokens = new ArrayList<>();
        List<Double> scores = new ArrayList<>();
        List<Long> types = new ArrayList<>();
        add("<unk>", 0, Kind.UNKNOWN, text, tokens, scores, types);
        for (String token : TokenizerText.byteTokens()) {
            add(token, 0, Kind.BYTE, text, tokens, scores, types);
        }
        order.forEach((piece, rank) -> add(piece, -rank, Kind.NORMAL, text, tokens, scores, types));
        Map<String, Object> values = new HashMap<>();
        values.put("tokenizer.ggml.model", "llama");
        values.put("tokenizer.ggml.tokens", tokens);
        values.put("tokenizer.ggml.scores", scores);
        values.put("tokenizer.ggml.token_type", types);
        PretrainedTokenizer ours = PretrainedTokenizer.gguf("model.gguf", values);
        byte[] file = text.trainer(SentencePieceText.BPE, true)
                .normalizer(new byte[0], true, false)
                .toBytes();
        try (SpTokenizer theirs = new SpTokenizer(Files.write(folder.resolve("m.model"), file))) {
            for (String odd : OddTexts.all()) {
                // Their interface to Java ends texts at a zero.
                String given = odd.replace("\0", "");
                assertThat(ours.encode(given)).isEqualTo(theirs.getProcessor().encode(given));
            }
        } catch (UnsatisfiedLinkError | IllegalStateException e) {
            Assumptions.abort("the native library of SentencePiece does not load here: " + e.getMessage());
        }
    }

    private static void add(
            String token,
            double score,
            Kind kind,
            SentencePieceText text,
            List<String> tokens,
            List<Double> scores,
            List<Long> types) {
        text.piece(token, score, kind);
        tokens.add(token);
        scores.add(score);
        types.add(kind.ordinal() + 1L);
    }
}
