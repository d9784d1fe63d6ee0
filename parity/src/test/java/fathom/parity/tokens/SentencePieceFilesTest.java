package fathom.parity.tokens;

import ai.djl.sentencepiece.SpTokenizer;
import fathom.data.text.PretrainedTokenizer;
import fathom.parity.tokens.TokenizerText.Learnt;
import fathom.testing.SentencePieceText;
import fathom.testing.SentencePieceText.Kind;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Files of SentencePiece, against SentencePiece.
class SentencePieceFilesTest {
    @TempDir
    private static Path folder;

    private static Map<String, Integer> words;

    @BeforeAll
    static void count() {
        List<String> texts = OddTexts.ordinary();
        words = OddTexts.counts(texts.subList(0, Math.min(300, texts.size())));
    }

    private static SentencePieceText special(boolean bytes) {
        SentencePieceText text = new SentencePieceText()
                .piece("<unk>", 0, Kind.UNKNOWN)
                .piece("<s>", 0, Kind.CONTROL)
                .piece("</s>", 0, Kind.CONTROL)
                .piece("<sep>", 0, Kind.USER_DEFINED)
                .piece("two  spaces", 0, Kind.USER_DEFINED);
        if (bytes) {
            TokenizerText.byteTokens().forEach(token -> text.piece(token, 0, Kind.BYTE));
        }
        return text;
    }

    private static void compare(SentencePieceText text) {
        Path file = folder.resolve("m.model");
        try {
            Files.write(file, text.toBytes());
            PretrainedTokenizer ours = PretrainedTokenizer.load(file);
            try (SpTokenizer theirs = new SpTokenizer(file)) {
                compare(ours, theirs);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (UnsatisfiedLinkError | IllegalStateException e) {
            Assumptions.abort("the native library of SentencePiece does not load here: " + e.getMessage());
        }
    }

    private static void compare(PretrainedTokenizer ours, SpTokenizer theirs) {
        SoftAssertions all = new SoftAssertions();
        for (String text : OddTexts.all()) {
            // Their interface to Java ends texts at a zero.
            String given = text.replace("\0", "");
            int[] ids = theirs.getProcessor().encode(given);
            String name = given.length() > 200 ? given.substring(0, 200) + "…" : given;
            all.assertThat(ours.encode(given)).as("ids of «%s»", name).isEqualTo(ids);
        }
        all.assertAll();
    }

    private static SentencePieceText unigrams(boolean bytes) {
        SentencePieceText text = special(bytes);
        TokenizerText.pieces(words, 3000).forEach((piece, score) -> text.piece(piece, score, Kind.NORMAL));
        return text.trainer(SentencePieceText.UNIGRAM, bytes);
    }

    @Test
    void unigrams() {
        compare(unigrams(false).normalizer(CharacterMaps.of(UnigramTokenizersTest.compatible()), true, true));
    }

    @Test
    void unigramsAndBytes() {
        compare(unigrams(true).normalizer(new byte[0], true, false));
        compare(unigrams(true).normalizer(new byte[0], false, true));
    }

    /// What is merged first has the highest score.
    @Test
    void bytePairs() {
        for (boolean bytes : List.of(true, false)) {
            Learnt learnt = TokenizerText.learn(TokenizerText.marked(words), List.of(), 300);
            SentencePieceText text = special(bytes);
            Map<String, Integer> order = new LinkedHashMap<>();
            learnt.merges().forEach(pair -> order.putIfAbsent(String.join("", pair), order.size()));
            order.forEach((piece, rank) -> text.piece(piece, -rank, Kind.NORMAL));
            int[] next = {order.size()};
            learnt.ids().keySet().stream()
                    .filter(piece -> !order.containsKey(piece))
                    .forEach(piece -> text.piece(piece, -next[0]++, Kind.NORMAL));
            compare(text.trainer(SentencePieceText.BPE, bytes).normalizer(new byte[0], true, bytes));
        }
    }
}
