package fathom.parity.tokens;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.cli.Main;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `fathom embed` with a published model.
class EmbedCommandTest {
    @TempDir
    private Path folder;

    private void unpack(String resource, String name) throws IOException {
        try (InputStream in = EmbedCommandTest.class.getResourceAsStream("/" + resource)) {
            Files.copy(Objects.requireNonNull(in, resource), folder.resolve(name));
        }
    }

    private static List<String> run(String... words) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        int code = Main.run(
                words,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        assertThat(err.toString(StandardCharsets.UTF_8)).isEmpty();
        assertThat(code).isZero();
        return out.toString(StandardCharsets.UTF_8).lines().toList();
    }

    /// What is about the same is alike.
    @Test
    void aPublishedModelTellsWhatIsAlike() throws IOException {
        unpack("all-minilm-l6-v2.onnx", "model.onnx");
        unpack("all-minilm-l6-v2-tokenizer.json", "tokenizer.json");
        List<String> lines = run(
                "embed",
                "--model",
                folder.toString(),
                "--alike",
                "How do I bake bread?",
                "A recipe for sourdough loaves",
                "The stock market fell today");
        assertThat(lines).hasSize(3);
        double[] alike = lines.stream()
                .mapToDouble(line -> Double.parseDouble(line.substring(0, line.indexOf(' '))))
                .toArray();
        assertThat(alike[0]).isEqualTo(1);
        assertThat(alike[1]).isBetween(0.5, 0.7);
        assertThat(alike[2]).isBetween(-0.2, 0.2);
    }

    /// A way of pooling that is not there is not taken for another one.
    @Test
    void otherPoolingIsRefused() throws IOException {
        unpack("all-minilm-l6-v2.onnx", "model.onnx");
        unpack("all-minilm-l6-v2-tokenizer.json", "tokenizer.json");
        Path pooling = Files.createDirectory(folder.resolve("1_Pooling")).resolve("config.json");
        Files.writeString(pooling, "{\"pooling_mode_max_tokens\": true}");
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        String[] words = {"embed", "--model", folder.toString(), "bread"};
        int code = Main.run(
                words,
                new PrintStream(new ByteArrayOutputStream(), true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        assertThat(code).isEqualTo(1);
        assertThat(err.toString(StandardCharsets.UTF_8))
                .contains("expected pooling_mode_cls_token or pooling_mode_mean_tokens alone");
    }
}
