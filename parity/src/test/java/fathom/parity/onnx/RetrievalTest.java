package fathom.parity.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import fathom.data.Csv;
import fathom.data.Table;
import fathom.data.text.EncodedBatch;
import fathom.data.text.PretrainedTokenizer;
import fathom.models.TextEmbedder;
import fathom.tensor.DType;
import fathom.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Forty sentences on eight topics, of which twelve queries look for those that they mean.
@Tag("slow")
class RetrievalTest {
    private record Text(String topic, String text) {}

    @TempDir
    static Path folder;

    private static List<Text> sentences = List.of();
    private static List<Text> queries = List.of();

    @BeforeAll
    static void unpack() throws IOException {
        copy("/all-minilm-l6-v2.onnx", "model.onnx");
        copy("/all-minilm-l6-v2-tokenizer.json", "tokenizer.json");
        copy("retrieval.csv", "retrieval.csv");
        sentences = texts("sentence");
        queries = texts("query");
    }

    private static void copy(String resource, String name) throws IOException {
        try (InputStream in = RetrievalTest.class.getResourceAsStream(resource)) {
            Files.copy(Objects.requireNonNull(in, resource), folder.resolve(name));
        }
    }

    private static List<Text> texts(String kind) {
        Table table = Csv.standard().read(folder.resolve("retrieval.csv"));
        List<String> kinds = List.of(table.texts("kind"));
        List<String> topics = List.of(table.texts("topic"));
        List<String> all = List.of(table.texts("text"));
        return IntStream.range(0, all.size())
                .filter(i -> kinds.get(i).equals(kind))
                .mapToObj(i -> new Text(topics.get(i), all.get(i)))
                .toList();
    }

    private static float[][] ours(List<Text> texts) {
        return TextEmbedder.load(folder)
                .embed(texts.stream().map(Text::text).toList())
                .vectors();
    }

    /// Each text alone, its tokens' vectors averaged here.
    private static float[][] theirs(List<Text> texts) throws IOException {
        PretrainedTokenizer tokenizer = PretrainedTokenizer.load(folder).paddedToLongest();
        List<float[]> vectors = new ArrayList<>();
        try (OnnxRuntime runtime = new OnnxRuntime(Files.readAllBytes(folder.resolve("model.onnx")))) {
            for (Text text : texts) {
                EncodedBatch batch = tokenizer.batch(List.of(text.text()));
                Map<String, Tensor> inputs = new LinkedHashMap<>();
                inputs.put("input_ids", batch.ids().cast(DType.I64));
                inputs.put("attention_mask", batch.mask().cast(DType.I64));
                inputs.put("token_type_ids", batch.types().cast(DType.I64));
                Tensor tokens = runtime.run(inputs).values().iterator().next();
                vectors.add(normalizedMean(tokens.toFloats(), tokens.dim(1), tokens.dim(2)));
            }
        }
        return vectors.toArray(float[][]::new);
    }

    private static float[] normalizedMean(float[] tokens, int count, int width) {
        double[] mean = new double[width];
        for (int i = 0; i < tokens.length; i++) {
            mean[i % width] += tokens[i] / count;
        }
        double length = Math.sqrt(Arrays.stream(mean).map(v -> v * v).sum());
        float[] normalized = new float[width];
        for (int i = 0; i < width; i++) {
            normalized[i] = (float) (mean[i] / length);
        }
        return normalized;
    }

    private static double product(float[] a, float[] b) {
        return IntStream.range(0, a.length)
                .mapToDouble(i -> (double) a[i] * b[i])
                .sum();
    }

    /// For each query all sentences, the most alike first.
    private static List<List<Text>> rankings(float[][] found, float[][] asked) {
        return Arrays.stream(asked)
                .map(query -> IntStream.range(0, found.length)
                        .boxed()
                        .sorted(Comparator.comparingDouble(i -> -product(found[i], query)))
                        .map(sentences::get)
                        .toList())
                .toList();
    }

    @Test
    void everyRankingIsThatOfOnnxRuntime() throws IOException {
        assertThat(sentences).hasSize(40);
        assertThat(queries).hasSize(12);
        float[][] ourSentences = ours(sentences);
        float[][] theirSentences = theirs(sentences);
        for (int i = 0; i < sentences.size(); i++) {
            assertThat(product(ourSentences[i], theirSentences[i])).isCloseTo(1, within(1e-6));
        }
        List<List<Text>> found = rankings(ourSentences, ours(queries));
        assertThat(found).isEqualTo(rankings(theirSentences, theirs(queries)));
        for (int i = 0; i < queries.size(); i++) {
            assertThat(found.get(i).getFirst().topic())
                    .as(queries.get(i).text())
                    .isEqualTo(queries.get(i).topic());
        }
    }
}
