package fathom.langchain4j;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.model.embedding.EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.allminilml6v2.AllMiniLmL6V2EmbeddingModel;
import dev.langchain4j.model.embedding.onnx.allminilml6v2q.AllMiniLmL6V2QuantizedEmbeddingModel;
import dev.langchain4j.model.output.Response;
import dev.langchain4j.store.embedding.CosineSimilarity;
import dev.langchain4j.store.embedding.EmbeddingSearchRequest;
import dev.langchain4j.store.embedding.inmemory.InMemoryEmbeddingStore;
import fathom.models.Pooling;
import fathom.models.TextEmbedder;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// MiniLM here and as LangChain4j runs it, by ONNX Runtime.
class FathomEmbeddingModelTest {
    private static final List<TextSegment> SEGMENTS = segments(
            "Flour, water, salt and a little yeast make a plain white bread.",
            "Sourdough rises slowly, and the loaf keeps for a week.",
            "Preheat the oven before you put the loaf on the stone.",
            "Shares fell on Tuesday after the central bank raised its rate by a quarter of a point, the third time this"
                    + " year, and traders said that they expected two more rises before the summer.",
            "The company's profit doubled.",
            "A comet's tail points away from the sun.",
            "¿Dónde está la biblioteca? — naïve café, 北京!",
            "x");
    private static final List<String> QUERIES =
            List.of("How do I bake bread?", "news from the stock market", "What do comets look like?");

    @TempDir
    static Path folder;

    private static EmbeddingModel ours;
    private static final EmbeddingModel THEIRS = new AllMiniLmL6V2EmbeddingModel();

    @BeforeAll
    static void load() {
        ours = FathomEmbeddingModel.of(unpack("all-minilm-l6-v2"));
    }

    private static List<TextSegment> segments(String... texts) {
        return List.of(texts).stream().map(TextSegment::from).toList();
    }

    private static Path unpack(String name) {
        Path to = folder.resolve(name);
        try {
            Files.createDirectories(to);
            copy(name + ".onnx", to.resolve("model.onnx"));
            copy(name + "-tokenizer.json", to.resolve("tokenizer.json"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return to;
    }

    private static void copy(String resource, Path to) throws IOException {
        ClassLoader loader = Thread.currentThread().getContextClassLoader();
        try (InputStream in = Objects.requireNonNull(loader.getResourceAsStream(resource), resource)) {
            Files.copy(in, to);
        }
    }

    private static void compare(EmbeddingModel found, EmbeddingModel expected, double tolerance) {
        Response<List<Embedding>> left = found.embedAll(SEGMENTS);
        Response<List<Embedding>> right = expected.embedAll(SEGMENTS);
        assertThat(left.tokenUsage()).isEqualTo(right.tokenUsage());
        assertThat(left.content()).hasSameSizeAs(SEGMENTS);
        for (int i = 0; i < SEGMENTS.size(); i++) {
            Embedding one = left.content().get(i);
            Embedding other = right.content().get(i);
            assertThat(CosineSimilarity.between(one, other))
                    .as(SEGMENTS.get(i).text())
                    .isCloseTo(1, within(tolerance));
            assertThat(one.dimension()).isEqualTo(other.dimension());
        }
    }

    @Test
    void embeddingsAreThoseOfOnnxRuntime() {
        compare(ours, THEIRS, 1e-6);
        assertThat(ours.dimension()).isEqualTo(384);
        assertThat(ours.modelName()).isEqualTo("all-minilm-l6-v2");
        for (int i = 0; i < SEGMENTS.size(); i++) {
            float[] left = ours.embed(SEGMENTS.get(i)).content().vector();
            float[] right = THEIRS.embed(SEGMENTS.get(i)).content().vector();
            assertThat(left).containsExactly(right, within(1e-5f));
        }
    }

    /// Numbers are rounded to bytes between the layers, so a last bit can become a step.
    @Test
    void aQuantisedModelAgreesTextByText() {
        TextEmbedder oneByOne =
                TextEmbedder.of(unpack("all-minilm-l6-v2-q")).batchSize(1).load();
        compare(FathomEmbeddingModel.of("q", oneByOne), new AllMiniLmL6V2QuantizedEmbeddingModel(), 2e-3);
    }

    @Test
    void aStoreFindsTheSame() {
        List<List<String>> found = new ArrayList<>();
        for (EmbeddingModel model : List.of(ours, THEIRS)) {
            InMemoryEmbeddingStore<TextSegment> store = new InMemoryEmbeddingStore<>();
            store.addAll(model.embedAll(SEGMENTS).content(), SEGMENTS);
            List<String> ranking = new ArrayList<>();
            for (String query : QUERIES) {
                EmbeddingSearchRequest request = EmbeddingSearchRequest.builder()
                        .queryEmbedding(model.embed(query).content())
                        .maxResults(SEGMENTS.size())
                        .build();
                store.search(request)
                        .matches()
                        .forEach(match -> ranking.add(match.embedded().text()));
            }
            found.add(ranking);
        }
        assertThat(found.getFirst())
                .hasSize(QUERIES.size() * SEGMENTS.size())
                .isEqualTo(found.getLast())
                .contains(SEGMENTS.get(1).text(), SEGMENTS.get(4).text());
        assertThat(found.getFirst().get(2 * SEGMENTS.size()))
                .isEqualTo(SEGMENTS.get(5).text());
    }

    /// The file of this tokeniser says 128 tokens, of which the model wants two around the text.
    @Test
    void longTextsAreCutOffAsThereAndNotBefore() {
        String text = "bread and butter, ".repeat(100);
        Response<Embedding> found = ours.embed(text);
        assertThat(found.tokenUsage())
                .isEqualTo(THEIRS.embed(text).tokenUsage())
                .hasFieldOrPropertyWithValue("inputTokenCount", 126);
        assertThat(CosineSimilarity.between(found.content(), THEIRS.embed(text).content()))
                .isCloseTo(1, within(1e-6));
        Path model = folder.resolve("all-minilm-l6-v2");
        TextEmbedder longer =
                TextEmbedder.of(model).pooling(Pooling.MEAN).maximumTokens(300).load();
        assertThat(longer.embed(List.of(text, "bread")).tokens()).containsExactly(298, 1);
    }

    @Test
    void threadsShareAModel() {
        List<Embedding> expected = ours.embedAll(SEGMENTS).content();
        List<Embedding> found = IntStream.range(0, 64)
                .parallel()
                .mapToObj(i -> ours.embed(SEGMENTS.get(i % SEGMENTS.size())).content())
                .toList();
        for (int i = 0; i < found.size(); i++) {
            assertThat(found.get(i).vector())
                    .containsExactly(expected.get(i % expected.size()).vector(), within(1e-6f));
        }
    }

    @Test
    void whatIsWrongIsSaid() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> ours.embedAll(List.of()))
                .withMessage("embedAll: no segments, expected at least one");
        assertThatThrownBy(() -> FathomEmbeddingModel.of(folder.resolve("nothing")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessageContaining("nothing");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> TextEmbedder.of(folder).maximumTokens(0))
                .withMessageContaining("a maximum of tokens of 0, expected at least 1");
    }
}
