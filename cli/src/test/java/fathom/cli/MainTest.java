package fathom.cli;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.cli.bench.BenchModel;
import fathom.cli.bench.Workload;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class MainTest {
    @Test
    void withoutArgumentsItShowsWhatThereIs() {
        Cli result = Cli.run();
        assertThat(result.code()).isZero();
        assertThat(result.out()).contains("train", "predict", "bench", "fathom train mnist");
    }

    @ParameterizedTest
    @MethodSource("commands")
    void helpHelps(List<String> command) {
        Object[] words = new Object[command.size() + 1];
        command.toArray(words);
        words[command.size()] = "--help";
        Cli result = Cli.run(words);
        assertThat(result.code()).isZero();
        assertThat(result.err()).isEmpty();
        assertThat(result.out()).startsWith("Usage: fathom").contains("--help");
    }

    static List<List<String>> commands() {
        return List.of(
                List.of(),
                List.of("train"),
                List.of("train", "mnist"),
                List.of("predict"),
                List.of("bench"),
                List.of("inspect"),
                List.of("convert"),
                List.of("run"),
                List.of("embed"),
                List.of("generate"),
                List.of("guide"),
                List.of("guide", "run"),
                List.of("guide", "site"),
                List.of("guide", "notebooks"));
    }

    @Test
    void helpOfTrainingTellsDefaults() {
        assertThat(Cli.run("train", "mnist", "--help").out())
                .contains("--model", "cnn", "mlp", "--resume", "--threads", "0.001", "128", "42");
    }

    @Test
    void versionNamesItselfAndJava() {
        Cli result = Cli.run("--version");
        assertThat(result.code()).isZero();
        assertThat(result.out()).startsWith("fathom ").contains("Java ");
    }

    @Test
    void helpNamesAllThereIs() {
        String workloads = Cli.run("bench", "--help").out();
        for (Workload w : Workload.values()) {
            assertThat(workloads).containsPattern("\\n +" + w.id() + " +\\S");
        }
        String models = Cli.run("explain", "--help").out();
        for (BenchModel m : BenchModel.values()) {
            assertThat(models).containsPattern("\\n +(\\w+, )?" + m.id() + "(, \\w+)? +\\S");
        }
    }

    @Test
    void unknownThingsAreRefused() {
        Cli.run("trane").isRefused("'trane'", "train");
        Cli.run("train", "imagenet").isRefused("'imagenet'", "fathom train --help");
        Cli.run("train").isRefused("mnist");
        Cli.run("train", "mnist", "--epoch", "3").isRefused("--epoch", "--epochs");
        Cli.run("train", "mnist", "extra").isRefused("'extra'");
        Cli.run("bench", "resnet").isRefused("'resnet'", "gemm", "cnn-infer-1", "gpt-train");
        Cli.run("bench").isRefused("WORKLOAD");
        Cli.run("predict", "x.png").isRefused("--run");
        Cli.run("predict", "--run", "somewhere").isRefused("IMAGE");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "-1", "many", "2147483648", "1.5", ""})
    void countsAreWholeNumbersFromOneOn(String given) {
        for (String option : List.of("--batch-size", "--epochs", "--threads")) {
            Cli.run("train", "mnist", option, given).isRefused(option, "'" + given + "'", "a whole number from 1");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"NaN", "0", "-0.1", "Infinity", "fast", ""})
    void learningRatesAreFiniteNumbersAboveNothing(String given) {
        Cli.run("train", "mnist", "--learning-rate", given)
                .isRefused("--learning-rate", "'" + given + "'", "a number above 0");
    }

    @Test
    void otherOptionsAreCheckedToo() {
        Cli.run("train", "mnist", "--seed", "x").isRefused("--seed", "'x'", "a whole number");
        Cli.run("train", "mnist", "--model", "rnn").isRefused("--model", "cnn", "mlp");
        Cli.run("bench", "gemm", "--seconds", "-3").isRefused("--seconds", "above 0");
        Cli.run("bench", "gemm", "--against", "numpy").isRefused("numpy", "libtorch", "dl4j");
    }
}
