package fathom.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import fathom.nn.search.Candidate;
import fathom.nn.search.Search;
import fathom.nn.search.Space;
import fathom.nn.search.Trial;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JsonTrialLogTest {
    @TempDir
    private Path folder;

    private Path file;

    @BeforeEach
    void setUp() {
        file = folder.resolve("search.jsonl");
    }

    private static final Trial GOOD = new Trial(
            new Candidate(Map.of("units", 32, "learningRate", 0.1, "activation", "re\"lu")),
            3,
            0.1 + 0.2,
            1.5,
            Optional.empty());
    private static final Trial BAD =
            new Trial(new Candidate(Map.of("units", 64)), 3, Double.NaN, 2.0, Optional.of("diverged at step 7"));

    @Test
    void whatIsAddedIsReadToTheLastBit() {
        JsonTrialLog log = JsonTrialLog.in(file);
        assertThat(log.trials()).isEmpty();
        log.add(GOOD);
        log.add(BAD);
        assertThat(JsonTrialLog.in(file).trials()).containsExactly(GOOD, BAD);
    }

    @Test
    void aLineThatACrashLeftUnfinishedIsOverwritten() throws IOException {
        JsonTrialLog log = JsonTrialLog.in(file);
        log.add(GOOD);
        Files.writeString(file, "{\"settings\":{\"un", StandardOpenOption.APPEND);
        assertThat(log.trials()).containsExactly(GOOD);
        log.add(BAD);
        assertThat(log.trials()).containsExactly(GOOD, BAD);
    }

    @Test
    void somethingElseIsRefusedByLine() throws IOException {
        for (String line : List.of(
                "nonsense",
                "[1]",
                "{\"budget\":1}",
                "{\"settings\":[]}",
                "{\"budget\":1,\"value\":\"x\",\"seconds\":1.5}")) {
            Files.writeString(file, line + "\n");
            assertThatThrownBy(() -> JsonTrialLog.in(file).trials())
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith(file + ": line 1 is '" + line + "', expected a trial");
        }
    }

    @Test
    void aSearchGoesOnWhereItWasInterrupted() {
        List<Candidate> candidates = Space.of().integers("x", 1, 6).grid();
        List<Integer> tried = new ArrayList<>();
        Search search = Search.of((c, budget) -> {
                    int x = c.integer("x");
                    if (x == 4 && tried.size() == 3) {
                        throw new IllegalStateException("power cut");
                    }
                    tried.add(x);
                    return (x - 5) * (x - 5);
                })
                .log(JsonTrialLog.in(file));
        assertThatThrownBy(() -> search.run(candidates, 1)).hasMessage("power cut");
        tried.add(0);
        assertThat(search.run(candidates, 1).best().candidate().integer("x")).isEqualTo(5);
        assertThat(tried).containsExactly(1, 2, 3, 0, 4, 5, 6);
    }
}
