package fathom.parity.tokens;

import static fathom.parity.tokens.TokenizerText.addedToken;
import static fathom.parity.tokens.TokenizerText.sequence;

import java.nio.file.Path;
import java.text.Normalizer;
import java.text.Normalizer.Form;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Unigrams as XLM-R and T5 have them.
class UnigramTokenizersTest {
    private static final String METASPACE =
            "{\"type\": \"Metaspace\", \"replacement\": \"▁\", \"prepend_scheme\": \"always\"}";

    @TempDir
    private static Path folder;

    private static Map<String, Double> pieces;

    @BeforeAll
    static void learn() {
        List<String> texts = OddTexts.ordinary();
        pieces = new LinkedHashMap<>();
        pieces.put("<s>", 0.0);
        pieces.put("<pad>", 0.0);
        pieces.put("</s>", 0.0);
        pieces.put("<unk>", 0.0);
        pieces.putAll(TokenizerText.pieces(OddTexts.counts(texts.subList(0, Math.min(400, texts.size()))), 3000));
    }

    private static void compare(TokenizerText text) {
        try (Reference reference = Reference.of(folder, text.json())) {
            reference.compare(OddTexts.all());
        }
    }

    /// What of Latin and its relatives is compatible with something else, and some white space.
    static Map<String, String> compatible() {
        Map<String, String> replacements = new TreeMap<>();
        for (int c = 0xa0; c < 0x3400; c++) {
            String text = Character.toString(c);
            String replacement = Normalizer.normalize(text, Form.NFKC);
            if (Character.isDefined(c) && !replacement.equals(text) && replacements.size() < 1500) {
                replacements.put(text, replacement);
            }
        }
        replacements.put("e\u0301", "é");
        replacements.put("o\u0302\u0301", "ố");
        replacements.put("\t", " ");
        replacements.put("\n", " ");
        replacements.put("\u200b", "");
        replacements.put("\u3000", " ");
        replacements.put("ｆ", "f");
        return replacements;
    }

    @Test
    void asXlmRoberta() {
        String map = Base64.getEncoder().encodeToString(CharacterMaps.of(compatible()));
        String normalizer = "{\"type\": \"Precompiled\", \"precompiled_charsmap\": \"" + map + "\"}";
        compare(TokenizerText.of(
                        normalizer,
                        sequence("pretokenizers", "{\"type\": \"WhitespaceSplit\"}", METASPACE),
                        TokenizerText.unigram(pieces, 3, ""),
                        METASPACE)
                .withAdded(
                        addedToken(0, "<s>", "special"),
                        addedToken(2, "</s>", "special"),
                        addedToken(3, "<unk>", "special"),
                        addedToken(pieces.size(), "<mask>", "special lstrip")));
    }

    /// White space is one space, by an expression.
    @Test
    void asT5() {
        String normalizer = sequence(
                "normalizers",
                "{\"type\": \"Nmt\"}",
                "{\"type\": \"NFKC\"}",
                "{\"type\": \"Replace\", \"pattern\": {\"Regex\": \" {2,}\"}, \"content\": \" \"}");
        compare(TokenizerText.of(normalizer, METASPACE, TokenizerText.unigram(pieces, 3, ""), METASPACE));
    }

    @Test
    void unknownCharactersAsBytes() {
        Map<String, Double> more = new LinkedHashMap<>(pieces);
        TokenizerText.byteTokens().forEach(token -> more.put(token, 0.0));
        String decoder = sequence("decoders", "{\"type\": \"ByteFallback\"}", METASPACE);
        compare(TokenizerText.of(
                "null", METASPACE, TokenizerText.unigram(more, 3, ", \"byte_fallback\": true"), decoder));
    }
}
