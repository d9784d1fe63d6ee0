package fathom.nn.train;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ConsoleProgressTest {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    private String shown(boolean interactive) {
        ConsoleProgress progress =
                new ConsoleProgress(new PrintStream(bytes, true, StandardCharsets.UTF_8), interactive);
        progress.started(new Callback.Plan(2, 2, 20, 0, 0, 0));
        for (int i = 1; i <= 2; i++) {
            progress.step(new StepResult(1, 2, i, 2, i, 10, 0.5, 0.1, 0.5, 0.25, Map.of("loss", 0.5)));
        }
        EpochResult epoch = new EpochResult(1, Map.of("loss", 0.25), Map.of("loss", 0.125), 20, 2);
        progress.epoch(epoch);
        progress.finished(new History(List.of(epoch), true));
        return bytes.toString(StandardCharsets.UTF_8).replace(System.lineSeparator(), "\n");
    }

    @Test
    void withoutATerminalEveryEpochIsALine() {
        assertThat(shown(false)).isEqualTo("""
                        epoch 1/2  loss 0.2500  validation loss 0.1250  10 samples/s  0:02
                        stopped with 1 of 2 epochs finished
                        """);
    }

    @Test
    void onATerminalABarIsOverwritten() {
        assertThat(shown(true))
                .contains("\repoch 1/2  [============>           ] 1/2  loss 0.5000")
                .contains("\repoch 1/2  [========================] 2/2  loss 0.5000")
                .contains("samples/s  left 0:0")
                .contains("\repoch 1/2  loss 0.2500  validation loss 0.1250");
    }

    @Test
    void numbersAreReadable() {
        assertThat(Text.number(0.98765)).isEqualTo("0.9877");
        assertThat(Text.number(0.000123)).isEqualTo("1.230e-04");
        assertThat(Text.number(0)).isEqualTo("0.0000");
        assertThat(Text.clock(8.4)).isEqualTo("0:08");
        assertThat(Text.clock(754)).isEqualTo("12:34");
        assertThat(Text.clock(3723)).isEqualTo("1:02:03");
        assertThat(Text.rate(30, 4)).isEqualTo("7.5 samples/s");
    }
}
