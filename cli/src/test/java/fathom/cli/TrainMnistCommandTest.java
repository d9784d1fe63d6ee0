package fathom.cli;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.io.RunRecord;
import fathom.io.Safetensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class TrainMnistCommandTest {
    @TempDir
    static Path shared;

    private static Path data;

    @TempDir
    Path folder;

    @BeforeAll
    static void writeData() throws IOException {
        data = SmallMnist.write(shared.resolve("data"));
    }

    @Test
    void aProfiledRunSaysWhereTheTimeWent() throws IOException {
        Path out = folder.resolve("run");
        Cli result = train(out, "--epochs", 2, "--profile");
        assertThat(result.code()).isZero();
        assertThat(result.out()).contains("profile.txt, trace.json", "events");
        // Two epochs of eleven steps, but for the first one.
        assertThat(result.out()).containsPattern("\\d+\\.\\d % of the time of 21 steps was waiting for data");
        assertThat(Files.readString(out.resolve("profile.txt")))
                .contains("kernel", "calls", "GFLOP/s", "matMul, then loop: add, maximum");
        List<TraceEvent> trace = TraceEvent.read(out.resolve("trace.json"));
        List<TraceEvent> names =
                trace.stream().filter(e -> e.phase().equals("M")).toList();
        List<TraceEvent> complete =
                trace.stream().filter(e -> e.phase().equals("X")).toList();
        assertThat(names.size() + complete.size()).isEqualTo(trace.size());
        assertThat(names).extracting(TraceEvent::name).contains("process_name", "thread_name");
        assertThat(names).allSatisfy(e -> assertThat(e.arguments()).containsKey("name"));
        List<Long> threads = names.stream()
                .filter(e -> e.name().equals("thread_name"))
                .map(TraceEvent::thread)
                .toList();
        assertThat(complete)
                .allMatch(e -> e.start() >= 0 && e.duration() >= 0 && threads.contains(e.thread()))
                .extracting(TraceEvent::name)
                .contains("load", "step", "graph", "compile", "run", "evaluate", "checkpoint");
        assertThat(complete)
                .filteredOn(e -> e.category().equals("kernel"))
                .isNotEmpty()
                .allSatisfy(e -> assertThat(e.arguments()).containsKeys("kernel", "shapes", "flops", "bytes"));
        List<TraceEvent> steps =
                complete.stream().filter(e -> e.name().equals("step")).toList();
        int each = (SmallMnist.TRAIN - SmallMnist.TRAIN / 12) / 50;
        assertThat(steps).hasSize(2 * each);
        // Adam's kernels, which take the root of the second moment, are part of the steps.
        assertThat(complete)
                .filteredOn(e -> e.name().contains("sqrt"))
                .isNotEmpty()
                .allMatch(k -> steps.stream().anyMatch(s -> s.contains(k)));
    }

    @Test
    void aRunLeavesAllThatWasPromised() throws IOException {
        Path out = folder.resolve("deep").resolve("run");
        Cli result = train(out, "--epochs", 3);
        assertThat(result.err()).isEmpty();
        assertThat(result.code()).isZero();
        assertThat(result.out())
                .contains("Linear", "multiply-adds")
                .contains("epoch 1/3", "epoch 3/3", "samples/s")
                .contains("precision", "recall", "f1")
                .contains("test loss", "test accuracy")
                .contains(out.toString());
        assertThat(Files.readAllLines(out.resolve("history.csv")))
                .hasSize(4)
                .startsWith("epoch,loss,accuracy,validation_loss,validation_accuracy")
                .element(3)
                .asString()
                .startsWith("3,");
        for (String name : List.of("curves.png", "predictions.png", "confusion.png")) {
            assertThat(ImageIO.read(out.resolve(name).toFile()).getWidth()).isGreaterThan(400);
        }
        Safetensors saved = Safetensors.read(out.resolve("model.safetensors"));
        assertThat(saved.tensor("1.weight").shape().dims()).containsExactly(784, 512);
        assertThat(saved.metadata()).containsEntry("model", "mlp").containsEntry("epochs", "3");
        assertThat(names(out))
                .contains("run.json")
                .doesNotContain("checkpoint.safetensors", "checkpoint.previous.safetensors")
                .anyMatch(n -> n.startsWith("events.out.tfevents."))
                .noneMatch(n -> n.endsWith(".part") || n.endsWith(".tmp"));
    }

    @Test
    void learningHelps() throws IOException {
        Path out = folder.resolve("run");
        assertThat(train(out, "--epochs", 8).code()).isZero();
        String accuracy =
                Safetensors.read(out.resolve("model.safetensors")).metadata().getOrDefault("test_accuracy", "");
        assertThat(Double.parseDouble(accuracy)).isGreaterThan(0.75);
    }

    @Test
    void quietlyOnlyResultsArePrinted() {
        Cli result = train(folder.resolve("run"), "--quiet", "--epochs", 1);
        assertThat(result.code()).isZero();
        assertThat(result.out()).contains("test accuracy", "precision").doesNotContain("epoch 1/1", "multiply-adds");
    }

    @Test
    void threadsDoNotChangeABit() throws IOException {
        Path one = folder.resolve("one");
        Path two = folder.resolve("two");
        assertThat(train(one, "--threads", 1, "--epochs", 2).code()).isZero();
        assertThat(train(two, "--threads", 2, "--epochs", 2).code()).isZero();
        assertSame(one, two);
        Path other = folder.resolve("other");
        assertThat(train(other, "--epochs", 2, "--seed", 7).code()).isZero();
        assertThat(history(other)).isNotEqualTo(history(one));
    }

    @Test
    void theConvolutionalNetworkIsTheDefault() throws IOException {
        Path one = folder.resolve("one");
        Path two = folder.resolve("two");
        Object[] common = {"train", "mnist", "--data", data, "--epochs", 1, "--quiet"};
        assertThat(Cli.run(with(common, "--out", one, "--threads", 1)).code()).isZero();
        assertThat(Cli.run(with(common, "--out", two, "--threads", 2)).code()).isZero();
        assertSame(one, two);
        assertThat(Safetensors.read(one.resolve("model.safetensors")).metadata())
                .containsEntry("model", "cnn");
    }

    @Test
    @Timeout(120)
    void anInterruptedRunGoesOnToTheSameResult() throws Exception {
        Path whole = folder.resolve("whole");
        Path broken = folder.resolve("broken");
        assertThat(train(whole, "--epochs", 30).code()).isZero();

        AtomicReference<Cli> first = new AtomicReference<>();
        Thread training = new Thread(() -> first.set(train(broken, "--epochs", 30)));
        training.start();
        while (training.isAlive() && !Files.exists(broken.resolve("history.csv"))) {
            Thread.sleep(1);
        }
        training.interrupt();
        training.join();
        assertThat(first.get().code()).isEqualTo(Main.INTERRUPTED);
        assertThat(first.get().out()).contains("interrupted", "fathom train mnist --resume " + broken);
        assertThat(names(broken)).contains("checkpoint.safetensors", "run.json");

        Cli second = Cli.run("train", "mnist", "--resume", broken, "--threads", 1);
        assertThat(second.err()).isEmpty();
        assertThat(second.code()).isZero();
        assertSame(whole, broken);
        Cli.run("train", "mnist", "--resume", broken).isRefused("finished");
    }

    @Test
    void aResumedRunHasItsOwnSettings() {
        for (String option : List.of("--epochs", "--batch-size", "--learning-rate", "--seed")) {
            Cli.run("train", "mnist", "--resume", folder, option, "1").isRefused("--resume", option);
        }
        Cli.run("train", "mnist", "--resume", folder, "--out", "x").isRefused("--out");
        Cli.run("train", "mnist", "--resume", folder).isRefused("run.json");
        Cli.run("train", "mnist", "--resume", folder.resolve("none")).isRefused("run.json");
    }

    @Test
    void damagedStateIsRefused() throws IOException {
        Path run = folder.resolve("run");
        Files.createDirectories(run);
        Files.writeString(run.resolve("run.json"), "not json");
        Cli.run("train", "mnist", "--resume", run).isRefused("run.json");
        begin(run, Map.of("dataset", "cifar"));
        Cli.run("train", "mnist", "--resume", run).isRefused("run.json", "cifar", "expected mnist");
        begin(run, Map.of("dataset", "mnist", "model", "rnn"));
        Cli.run("train", "mnist", "--resume", run).isRefused("rnn", "cnn or mlp");
        begin(run, Map.of("dataset", "mnist", "model", "mlp"));
        Cli.run("train", "mnist", "--resume", run).isRefused("epochs");

        Map<String, Object> settings = new HashMap<>(Map.of("dataset", "mnist", "model", "mlp", "epochs", "many"));
        settings.putAll(Map.of("batch_size", 50, "learning_rate", 0.001, "seed", 1, "data", data.toString()));
        begin(run, settings);
        Cli.run("train", "mnist", "--resume", run).isRefused("run.json", "many", "expected a number");
        settings.put("epochs", 1);
        begin(run, settings);
        Files.writeString(run.resolve("checkpoint.safetensors"), "nothing of the kind");
        Cli result = Cli.run("train", "mnist", "--quiet", "--resume", run);
        result.isRefused("checkpoint.safetensors");
    }

    private static void begin(Path run, Map<String, Object> configuration) {
        RunRecord.begun(configuration, Map.of()).write(run.resolve("run.json"));
    }

    @Test
    void aRunCanBeRepeatedFromItsRecord() throws IOException {
        Path first = folder.resolve("first");
        assertThat(train(first, "--epochs", 2, "--seed", 9, "--learning-rate", 0.002)
                        .code())
                .isZero();
        RunRecord record = RunRecord.read(first.resolve("run.json"));
        assertThat(record.configuration())
                .containsEntry("dataset", "mnist")
                .containsEntry("model", "mlp")
                .containsEntry("epochs", 2L)
                .containsEntry("batch_size", 50L)
                .containsEntry("learning_rate", 0.002)
                .containsEntry("seed", 9L);
        assertThat(record.setting("rule")).contains("Scheduled[", "Adam[learningRate=0.002");
        assertThat(record.setting("loss")).contains("CrossEntropy");
        assertThat(record.data())
                .containsOnlyKeys(
                        "train-images-idx3-ubyte",
                        "train-labels-idx1-ubyte",
                        "t10k-images-idx3-ubyte",
                        "t10k-labels-idx1-ubyte");
        assertThat(record.finished()).isPresent();
        assertThat(record.metrics())
                .containsKey("test_loss")
                .containsEntry(
                        "test_accuracy",
                        Double.parseDouble(Safetensors.read(first.resolve("model.safetensors"))
                                .metadata()
                                .getOrDefault("test_accuracy", "")));

        Path second = folder.resolve("second");
        assertThat(Cli.run("train", "mnist", "--quiet", "--repeat", first, "--out", second)
                        .code())
                .isZero();
        assertSame(first, second);
        RunRecord again = RunRecord.read(second.resolve("run.json"));
        assertThat(again.configuration()).isEqualTo(record.configuration());
        assertThat(again.data()).isEqualTo(record.data());
        assertThat(again.metrics()).isEqualTo(record.metrics());
    }

    @Test
    void learningRatesCanBeTried() throws IOException {
        Path picture = folder.resolve("rates.png");
        Object[] words = {"train", "mnist", "--model", "mlp", "--data", data, "--try-learning-rates", picture};
        Cli result = Cli.run(words);
        assertThat(result.err()).isEmpty();
        assertThat(result.code()).isZero();
        assertThat(ImageIO.read(picture.toFile()).getWidth()).isGreaterThan(400);
        String[] found = result.out().lines().findFirst().orElse("").split("--learning-rate ", -1);
        assertThat(Double.parseDouble(found[1])).isBetween(1e-5, 1e-1);
        assertThat(names(folder)).containsExactly("rates.png");
        Cli.run("train", "mnist", "--try-learning-rates", picture, "--out", folder)
                .isRefused("--try-learning-rates with --out");
        Cli.run("train", "mnist", "--data", data, "--try-learning-rates", folder)
                .isRefused("it is a folder");
    }

    @Test
    void otherDataAreNotThoseOfTheRun() throws IOException {
        Path own = SmallMnist.write(folder.resolve("data"));
        Path first = folder.resolve("first");
        Object[] words = {"train", "mnist", "--model", "mlp", "--epochs", 1, "--quiet", "--data", own, "--out", first};
        assertThat(Cli.run(words).code()).isZero();
        Path images = own.resolve("train-images-idx3-ubyte");
        byte[] bytes = Files.readAllBytes(images);
        bytes[bytes.length - 1] ^= 1;
        Files.write(images, bytes);
        Path second = folder.resolve("new").resolve("second");
        Cli.run("train", "mnist", "--quiet", "--repeat", first, "--out", second)
                .isRefused("the data are not those of the run that is to be repeated", "SHA-256");
        assertThat(folder.resolve("new")).doesNotExist();
        Cli.run("train", "mnist", "--repeat", first, "--seed", 1).isRefused("--repeat with --seed");
        Cli.run("train", "mnist", "--repeat", folder.resolve("none")).isRefused("run.json");
        Cli.run("train", "mnist", "--resume", first, "--repeat", first).isRefused("--resume with --repeat");
    }

    @Test
    void aRunFolderIsNewOrEmpty() throws IOException {
        Files.writeString(folder.resolve("mine.txt"), "keep");
        Cli.run("train", "mnist", "--out", folder).isRefused("--out", "not empty", "--resume");
        Path file = folder.resolve("mine.txt");
        Cli.run("train", "mnist", "--out", file).isRefused("--out", "is a file");
        Cli.run("train", "mnist", "--out", file.resolve("below")).isRefused("--out", "mine.txt");
        assertThat(names(folder)).containsExactly("mine.txt");
    }

    @Test
    void badDataLeavesNothingBehind() throws IOException {
        Path bad = SmallMnist.write(folder.resolve("bad"));
        Path images = bad.resolve("train-images-idx3-ubyte");
        byte[] bytes = Files.readAllBytes(images);
        Path out = folder.resolve("new").resolve("run");

        Files.write(images, java.util.Arrays.copyOf(bytes, bytes.length / 2));
        Cli.run("train", "mnist", "--data", bad, "--out", out).isRefused("train-images-idx3-ubyte", "expected");
        Files.delete(images);
        Cli.run("train", "mnist", "--data", bad, "--out", out).isRefused("train-images-idx3-ubyte", "expected");
        Cli.run("train", "mnist", "--data", folder.resolve("none"), "--out", out)
                .isRefused("none");
        Cli.run("train", "mnist", "--data", data, "--out", out, "--batch-size", 551)
                .isRefused("--batch-size 551", "1 to 550");
        assertThat(folder.resolve("new")).doesNotExist();
    }

    @Test
    void aLossThatIsNoNumberEndsTheTraining() {
        Cli result = train(folder.resolve("run"), "--learning-rate", "1e30", "--epochs", 3);
        assertThat(result.code()).isEqualTo(Main.FAILED);
        assertThat(result.err().strip().lines()).hasSize(1);
        assertThat(result.err()).contains("at step", "the last finite one was", "learning rate below 1.0E30");
        assertThat(folder.resolve("run").resolve("model.safetensors")).doesNotExist();
    }

    private static Cli train(Path out, Object... more) {
        return Cli.run(with(
                new Object[] {"train", "mnist", "--model", "mlp", "--batch-size", 50, "--data", data, "--out", out},
                more));
    }

    private static Object[] with(Object[] first, Object... more) {
        List<Object> all = new ArrayList<>(List.of(first));
        all.addAll(List.of(more));
        return all.toArray();
    }

    private static void assertSame(Path one, Path two) throws IOException {
        assertThat(history(one)).isEqualTo(history(two));
        assertThat(Files.mismatch(one.resolve("model.safetensors"), two.resolve("model.safetensors")))
                .as("first byte in which the weights differ")
                .isEqualTo(-1);
    }

    private static String history(Path run) throws IOException {
        return Files.readString(run.resolve("history.csv"));
    }

    private static List<String> names(Path run) throws IOException {
        try (Stream<Path> files = Files.list(run)) {
            return files.map(p -> p.getFileName().toString()).sorted().toList();
        }
    }
}
