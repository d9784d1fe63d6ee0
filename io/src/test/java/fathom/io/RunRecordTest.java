package fathom.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunRecordTest {
    @TempDir
    private Path folder;

    private static Map<String, Object> configuration() {
        Map<String, Object> all = new LinkedHashMap<>(Trainings.small().configuration());
        all.put("epochs", 3L);
        all.put("learning rate", 0.1);
        all.put("augmented", true);
        all.put("accumulate", 1L);
        return all;
    }

    @Test
    void whatIsWrittenIsRead() {
        RunRecord record = RunRecord.begun(configuration(), Map.of("train.csv", "00ff"));
        assertThat(record.finished()).isEmpty();
        Path file = folder.resolve("run.json");
        record.write(file);
        assertThat(RunRecord.read(file)).isEqualTo(record);

        RunRecord finished = record.finished(Map.of("accuracy", 0.9912345678901234, "loss", Double.NaN));
        assertThat(finished.started()).isEqualTo(record.started());
        assertThat(finished.finished())
                .hasValueSatisfying(end -> assertThat(end).isAfterOrEqualTo(record.started()));
        finished.write(file);
        assertThat(RunRecord.read(file)).isEqualTo(finished);
        assertThat(finished.setting("epochs")).isEqualTo("3");
        assertThat(finished.setting("rule")).startsWith("Scheduled[").contains("Adam[", "Step[");
    }

    @Test
    void theEnvironmentNamesVersionsAndMachine() {
        Map<String, String> environment = RunRecord.begun(Map.of(), Map.of()).environment();
        assertThat(environment)
                .containsKeys("fathom", "system", "architecture")
                .containsEntry(
                        "processors", Integer.toString(Runtime.getRuntime().availableProcessors()));
        assertThat(environment.get("java")).endsWith(" " + Runtime.version());
    }

    @Test
    void theFileIsJsonForPeople() throws IOException {
        Path file = folder.resolve("run.json");
        new RunRecord(
                        Map.of("epochs", 2),
                        Map.of("java", "25"),
                        Map.of("a.csv", "00"),
                        Instant.EPOCH,
                        Optional.of(Instant.EPOCH.plusSeconds(1)),
                        Map.of("loss", 0.5))
                .write(file);
        assertThat(Files.readAllLines(file))
                .containsExactly(
                        "{",
                        "  \"configuration\" : {",
                        "    \"epochs\" : 2",
                        "  },",
                        "  \"environment\" : {",
                        "    \"java\" : \"25\"",
                        "  },",
                        "  \"data\" : {",
                        "    \"a.csv\" : \"00\"",
                        "  },",
                        "  \"started\" : \"1970-01-01T00:00:00Z\",",
                        "  \"finished\" : \"1970-01-01T00:00:01Z\",",
                        "  \"metrics\" : {",
                        "    \"loss\" : 0.5",
                        "  }",
                        "}");
    }

    @Test
    void somethingElseIsRefused() throws IOException {
        Path file = folder.resolve("run.json");
        for (String text : List.of(
                "",
                "not json",
                "[1]",
                "{}",
                "{\"metrics\": {\"loss\": \"low\"}, \"started\": \"now\"}",
                "{\"configuration\": {\"a\": [1]}}",
                "{\"configuration\": {}, \"environment\": {}, \"data\": {}, \"metrics\": {}}",
                "{\"configuration\": {}, \"environment\": {}, \"data\": {}, \"metrics\": {}, \"started\": 5}")) {
            Files.writeString(file, text);
            assertThatThrownBy(() -> RunRecord.read(file))
                    .as(text)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith(file + ": ")
                    .hasMessageEndingWith(", expected the record of a run");
        }
        assertThatThrownBy(() -> RunRecord.read(folder.resolve("none")))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage(folder.resolve("none") + ": no such file");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RunRecord.begun(Map.of("layers", List.of(1)), Map.of()))
                .withMessageEndingWith("expected a text, a number, true or false");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> RunRecord.begun(Map.of("epochs", 1), Map.of()).setting("seed"))
                .withMessage("run record: no seed, expected one of [epochs]");
    }

    /// The value is that of the standard's example.
    @Test
    void theChecksumIsSha256() throws IOException {
        Path file = folder.resolve("abc");
        Files.writeString(file, "abc");
        assertThat(RunRecord.checksum(file))
                .isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    }
}
