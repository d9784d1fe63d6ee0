package fathom.cli;

import fathom.cli.mnist.LearningRateTrial;
import fathom.cli.mnist.MnistModel;
import fathom.cli.mnist.MnistTraining;
import fathom.cli.mnist.RunFolder;
import fathom.cli.mnist.RunSettings;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
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
            "The run folder gets model.safetensors, run.json, history.csv, curves.png, predictions.png,"
                    + " confusion.png and TensorBoard events. Ctrl-C saves where the training is;"
                    + " --resume goes on from there, to the same result to the bit.",
            "",
            "The same seed gives the same weights on any number of threads."
        })
final class TrainMnistCommand implements Callable<Integer> {
    private static final List<String> DECIDED_BY_THE_RUN =
            List.of("--model", "--epochs", "--batch-size", "--learning-rate", "--seed", "--data");

    private static final String THE_RUN_DECIDES = "a run has the settings it was begun with";

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
            names = "--repeat",
            paramLabel = "DIR",
            description = "Trains anew with the settings of a run folder and the same data, to the same weights.")
    private @Nullable Path repeat;

    @Option(
            names = "--try-learning-rates",
            paramLabel = "PNG",
            description = "Instead of training, tries step sizes from 1e-6 to 1, draws the loss over them to a file,"
                    + " and says where it falls most steeply.")
    private @Nullable Path trial;

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
                        + " events: loading, steps, compilations, kernels, evaluations. Says which part of"
                        + " the steps' time was waiting for data."
            })
    private boolean profile;

    @Option(
            names = {"-q", "--quiet"},
            description = "Print the results only.")
    private boolean quiet;

    @Override
    public Integer call() {
        int count = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
        if (trial != null) {
            refuse("--try-learning-rates", List.of("--resume", "--repeat", "--out", "--profile"), "nothing is trained");
            LearningRateTrial.run(settings(), trial, count, Main.of(spec).out());
            return Main.OK;
        }
        MnistTraining training = resume != null ? resumed(resume) : repeat != null ? repeated(repeat) : fresh();
        return training.run(count, profile) ? Main.OK : Main.INTERRUPTED;
    }

    private MnistTraining fresh() {
        return training(settings(), newFolder(model), false, Map.of());
    }

    private RunSettings settings() {
        String source = data == null ? "" : data.toAbsolutePath().toString();
        return new RunSettings(model, epochs, batchSize, learningRate, seed, source);
    }

    private RunFolder newFolder(MnistModel of) {
        return RunFolder.create(out == null ? RunFolder.defaultPath("mnist-" + of.id()) : out);
    }

    private MnistTraining repeated(Path path) {
        refuse("--repeat", DECIDED_BY_THE_RUN, THE_RUN_DECIDES);
        RunFolder before = RunFolder.at(path);
        RunSettings settings = before.settings();
        return training(
                settings, newFolder(settings.model()), false, before.record().data());
    }

    private MnistTraining resumed(Path path) {
        refuse("--resume", DECIDED_BY_THE_RUN, THE_RUN_DECIDES);
        refuse("--resume", List.of("--out", "--repeat"), "a run goes on in its folder");
        RunFolder folder = RunFolder.resume(path);
        return training(folder.settings(), folder, true, folder.record().data());
    }

    private void refuse(String with, List<String> options, String why) {
        for (String option : options) {
            if (spec.commandLine().getParseResult().hasMatchedOption(option)) {
                throw new ParameterException(
                        spec.commandLine(),
                        "%s with %s: %s, expected %s without it".formatted(with, option, why, with));
            }
        }
    }

    private MnistTraining training(
            RunSettings settings, RunFolder folder, boolean again, Map<String, String> expected) {
        Main main = Main.of(spec);
        return new MnistTraining(settings, folder, again, expected, main.out(), quiet ? null : main.progress());
    }
}
