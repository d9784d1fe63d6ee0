package fathom.parity.tokens;

import fathom.data.text.PretrainedTokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Tokenisers of models that others published.
class PublishedTokenizersTest {
    private static final String MINI_LM = "all-minilm-l6-v2-tokenizer.json";
    private static final String BGE = "bge-small-en-v1.5-q-tokenizer.json";

    @TempDir
    private static Path folder;

    @BeforeAll
    static void unpack() throws IOException {
        for (String name : List.of(MINI_LM, BGE)) {
            try (InputStream in = PublishedTokenizersTest.class.getResourceAsStream("/" + name)) {
                Files.copy(Objects.requireNonNull(in, name), folder.resolve(name));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {MINI_LM, BGE})
    void sentenceEncoders(String name) {
        try (Reference reference = Reference.of(folder.resolve(name))) {
            reference.compare(OddTexts.all());
        }
    }

    @Test
    void batchesAreCutOffAndFilledUpAsTheFileSays() {
        Path file = folder.resolve(MINI_LM);
        List<String> texts = List.of("one", "a few more words", "", OddTexts.words(500));
        PretrainedTokenizer ours = PretrainedTokenizer.load(file);
        Reference.compareBatch(
                file, texts, ours, Map.of("truncation", "true", "padding", "max_length", "maxLength", "128"));
        Reference.compareBatch(
                file,
                texts,
                ours.truncatedTo(40).paddedToLongest(),
                Map.of("truncation", "true", "padding", "true", "maxLength", "40"));
    }
}
