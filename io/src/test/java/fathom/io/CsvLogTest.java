package fathom.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import fathom.nn.train.Callback;
import fathom.nn.train.EpochResult;
import fathom.nn.train.Epochs;
import fathom.nn.train.History;
import fathom.nn.train.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CsvLogTest {
    @TempDir
    private Path folder;

    private List<String> lines(String name) throws IOException {
        return Files.readAllLines(folder.resolve(name));
    }

    @Test
    void everyEpochIsALineWithAllDigits() throws IOException {
        History history = Trainings.small()
                .validation(Trainings.DATA)
                .callbacks(CsvLog.ofEpochs(folder.resolve("epochs.csv")))
                .fit(Trainings.DATA, Epochs.of(2));
        assertThat(lines("epochs.csv"))
                .containsExactly(
                        "epoch,loss,accuracy,validation_loss,validation_accuracy",
                        row(history.epochs().get(0)),
                        row(history.epochs().get(1)));
    }

    private static String row(EpochResult e) {
        return String.join(
                ",",
                Integer.toString(e.epoch()),
                String.valueOf(e.training().get("loss")),
                String.valueOf(e.training().get("accuracy")),
                String.valueOf(e.validation().get("loss")),
                String.valueOf(e.validation().get("accuracy")));
    }

    @Test
    void everyStepIsALineWithItsLearningRate() throws IOException {
        Trainings.small().callbacks(CsvLog.ofSteps(folder.resolve("steps.csv"))).fit(Trainings.DATA, Epochs.of(2));
        List<String> lines = lines("steps.csv");
        assertThat(lines).hasSize(9).startsWith("epoch,batch,step,loss,learning_rate");
        for (int i = 1; i <= 8; i++) {
            String[] fields = lines.get(i).split(",", -1);
            assertThat(fields[0]).isEqualTo(i <= 4 ? "1" : "2");
            assertThat(fields[1]).isEqualTo(Integer.toString((i - 1) % 4 + 1));
            assertThat(fields[2]).isEqualTo(Integer.toString(i));
            assertThat(Double.parseDouble(fields[3])).isPositive();
            // The schedule halves it after four steps.
            assertThat(fields[4]).isEqualTo(i <= 4 ? "0.02" : "0.01");
        }
    }

    /// The files of a training that was interrupted, wrote on without a checkpoint, and was resumed are those
    /// of one that never was.
    @Test
    void aResumedTrainingTakesBackWhatItDoesAgain() throws IOException {
        Trainings.small().callbacks(logs("whole")).fit(Trainings.DATA, Epochs.of(3));

        SafetensorsCheckpoints checkpoints = SafetensorsCheckpoints.in(folder);
        Trainer first = Trainings.small().checkpoints(checkpoints);
        Callback stop = Callback.onStep(s -> {
            if (s.step() == 6) {
                first.stop();
            }
        });
        Callback[] logs = logs("broken");
        first.callbacks(logs[0], logs[1], stop);
        assertThat(first.fit(Trainings.DATA, Epochs.of(3)).interrupted()).isTrue();
        // What a crash after the checkpoint leaves: more lines, the last one torn.
        for (String name : List.of("broken-steps.csv", "broken-epochs.csv")) {
            String more = name.contains("steps") ? "2,3,7,0.5,0.01\n3,1,9,0.5,0.01\n3,2,1" : "2,0.5,0.5\n3,0.";
            Files.writeString(folder.resolve(name), Files.readString(folder.resolve(name)) + more);
        }
        Trainings.small()
                .checkpoints(checkpoints)
                .resume()
                .callbacks(logs("broken"))
                .fit(Trainings.DATA, Epochs.of(3));
        assertThat(lines("broken-steps.csv")).hasSize(13).isEqualTo(lines("whole-steps.csv"));
        assertThat(lines("broken-epochs.csv")).hasSize(4).isEqualTo(lines("whole-epochs.csv"));
    }

    private Callback[] logs(String name) {
        return new Callback[] {
            CsvLog.ofSteps(folder.resolve(name + "-steps.csv")), CsvLog.ofEpochs(folder.resolve(name + "-epochs.csv"))
        };
    }

    @Test
    void aNewTrainingReplacesTheFile() throws IOException {
        for (int i = 0; i < 2; i++) {
            Trainings.small().callbacks(logs("same")).fit(Trainings.DATA, Epochs.of(1));
        }
        assertThat(lines("same-steps.csv")).hasSize(5);
        assertThat(lines("same-epochs.csv")).hasSize(2);
    }

    @Test
    void otherColumnsAreRefused() throws IOException {
        Path file = folder.resolve("epochs.csv");
        Files.writeString(file, "epoch,loss\n1,0.5\n");
        CsvLog log = CsvLog.ofEpochs(file);
        log.started(new Callback.Plan(2, 1, 1, 1, 0, 1));
        assertThatIllegalStateException()
                .isThrownBy(() -> log.epoch(new EpochResult(2, Map.of("error", 1.0), Map.of(), 1, 1)))
                .withMessage(file + ": columns [epoch, loss], expected [epoch, error]");
        assertThat(lines("epochs.csv")).containsExactly("epoch,loss", "1,0.5");
    }

    @Test
    void namesWithCommasAreQuoted() throws IOException {
        Path file = folder.resolve("epochs.csv");
        CsvLog log = CsvLog.ofEpochs(file);
        log.started(new Callback.Plan(2, 1, 1, 0, 0, 0));
        log.epoch(new EpochResult(1, Map.of("a, b", Double.NaN), Map.of(), 1, 1));
        log.started(new Callback.Plan(2, 1, 1, 1, 0, 1));
        log.epoch(new EpochResult(2, Map.of("a, b", 2.0), Map.of(), 1, 1));
        assertThat(lines("epochs.csv")).containsExactly("epoch,\"a, b\"", "1,NaN", "2,2.0");
    }
}
