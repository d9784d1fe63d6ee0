package fathom.cli;

import fathom.cli.mnist.MnistModel;
import fathom.cli.mnist.MnistTraining;
import fathom.cli.mnist.RunFolder;
import fathom.cli.mnist.RunSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/// `fathom train mnist`: learns to read handwritten digits.
@Command(
        name = "mnist",
        description = {
            "Trains a network to read handwritten digits, on the MNIST data that comes along.",
            "",
            "Of the 60,000 training digits the last 5,000 are held out to validate with after each"
                    + " epoch; the 10,000 test digits are looked at once, at the end."
        },
        sortOptions = false,
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "The run folder gets model.safetensors, history.csv, curves.png, predictions.png,"
                    + " confusion.png and TensorBoard events. Ctrl-C saves where the training is;"
                    + " --resume goes on from there, to the same result to the bit.",
            "",
            "The same seed gives the same weights on any number of threads."
        })
final class TrainMnistCommand implements Callable<Integer> {
    private static final List<String> DECIDED_BY_THE_RUN =
            List.of("--model", "--epochs", "--batch-size", "--learning-rate", "--seed", "--data", "--out");

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--model",
            paramLabel = "MODEL",
            defaultValue = "cnn",
            description = {
                "cnn: convolution 3x3x32, pool 2, convolution 3x3x64, pool 2, dense 128," + " dense 10;",
                "mlp: dense 512, dense 512, dense 10 (default: ${DEFAULT-VALUE})."
            })
    private MnistModel model = MnistModel.CNN;

    @Option(
            names = "--epochs",
            paramLabel = "N",
            defaultValue = "5",
            description = "How often each digit is seen (default: ${DEFAULT-VALUE}).")
    private int epochs;

    @Option(
            names = "--batch-size",
            paramLabel = "N",
            defaultValue = "128",
            description = "Digits in a training step (default: ${DEFAULT-VALUE}).")
    private int batchSize;

    @Option(
            names = "--learning-rate",
            paramLabel = "X",
            defaultValue = "0.001",
            description = "Step size of Adam; over the last two fifths of the training it falls to"
                    + " nothing (default: ${DEFAULT-VALUE}).")
    private double learningRate;

    @Option(
            names = "--seed",
            paramLabel = "N",
            defaultValue = "42",
            description = "Where everything random comes from (default: ${DEFAULT-VALUE}).")
    private long seed;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads to compute with (default: one for each processor).")
    private @Nullable Integer threads;

    @Option(
            names = "--out",
            paramLabel = "DIR",
            description = "The run folder, new or empty (default: runs/mnist-MODEL-TIME in this folder).")
    private @Nullable Path out;

    @Option(
            names = "--resume",
            paramLabel = "DIR",
            description = "Goes on with the interrupted training in a run folder, with its settings.")
    private @Nullable Path resume;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Reads the four IDX files (plain or .gz) from a folder instead: for"
                    + " Fashion-MNIST and the like.")
    private @Nullable Path data;

    @Option(
            names = "--profile",
            description = {
                "Notes where the time goes: profile.txt in the run folder has a table of all kernels, and"
                        + " trace.json, for https://ui.perfetto.dev or chrome://tracing, the first 50,000"
                        + " events: loading, steps, compilations, kernels, evaluations."
            })
    private boolean profile;

    @Option(
            names = {"-q", "--quiet"},
            description = "Print the results only.")
    private boolean quiet;

    @Override
    public Integer call() {
        MnistTraining training = resume == null ? fresh() : resumed(resume);
        int count = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
        return training.run(count, profile) ? Main.OK : Main.INTERRUPTED;
    }

    private MnistTraining fresh() {
        String source = data == null ? "" : data.toAbsolutePath().toString();
        RunSettings settings = new RunSettings(model, epochs, batchSize, learningRate, seed, source);
        RunFolder folder = RunFolder.create(out == null ? RunFolder.defaultPath(model) : out);
        return training(settings, folder, false);
    }

    private MnistTraining resumed(Path path) {
        for (String option : DECIDED_BY_THE_RUN) {
            if (spec.commandLine().getParseResult().hasMatchedOption(option)) {
                throw new ParameterException(
                        spec.commandLine(),
                        "--resume with "
                                + option
                                + ": a run goes on with the settings it was begun with, expected"
                                + " --resume without it");
            }
        }
        RunFolder folder = RunFolder.resume(path);
        return training(folder.settings(), folder, true);
    }

    private MnistTraining training(RunSettings settings, RunFolder folder, boolean again) {
        Main main = Main.of(spec);
        return new MnistTraining(settings, folder, again, main.out(), quiet ? null : main.progress());
    }
}
