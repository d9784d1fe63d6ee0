package fathom.io.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/// The conformance data of ONNX, case by case.
class ConformanceTest {
    private static final Path DOCUMENT = Path.of("..", "docs", "onnx.md");
    /// Its results do not follow from its model; see [ConformanceTable].
    private static final String WRONG = "test_adam_multiple";

    @TestFactory
    Stream<DynamicTest> cases() {
        return results().stream()
                .map(r -> DynamicTest.dynamicTest(
                        r.test().suite() + "/" + r.test().name(), () -> {
                            assumeTrue(
                                    r.outOfScope().isEmpty(),
                                    () -> "out of scope: " + r.outOfScope().orElseThrow());
                            assumeTrue(!r.test().name().equals(WRONG), "the results do not follow from the model");
                            assertThat(r.failure()).as(r.test().name()).isEmpty();
                        }));
    }

    @Test
    void theDocumentSaysWhatPasses() throws IOException {
        String table = ConformanceTable.of(results());
        if ("write".equals(System.getProperty("fathom.onnx"))) {
            Files.writeString(DOCUMENT, table);
        }
        assertThat(Files.readString(DOCUMENT))
                .as("docs/onnx.md; -Dfathom.onnx=write writes it anew")
                .isEqualTo(table);
    }

    private static List<ConformanceResults> results() {
        Optional<List<ConformanceResults>> results = ConformanceResults.all();
        assumeTrue(results.isPresent(), "the package libonnx-testdata cannot be had: no apt, or no network");
        return results.get();
    }
}
