package fathom.cli;

import fathom.cli.bench.BenchModel;
import fathom.cli.explain.GraphPage;
import fathom.cli.explain.Specimen;
import fathom.cli.mnist.SavedModel;
import fathom.tensor.Device;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `fathom explain`: what a model is compiled to.
@Command(
        name = "explain",
        description = {
            "Shows what a model is compiled to: a table of its kernels with their shapes, arithmetic and"
                    + " memory traffic, and on request a page for the browser with the graph before and"
                    + " after fusion.",
            "",
            "A multiply-add counts 2 operations, any other function of a point 1. The bytes are those that"
                    + " have to go through memory at least: what is read and what is written, each once."
        },
        sortOptions = false,
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Models:",
            "  cnn, mlp   the networks of fathom train mnist",
            "  resnet18   a residual network on images of 32 x 32",
            "  lstm       embedding, LSTM of 256 over 100 words, 2 classes",
            "  gpt        a transformer, 4 layers of width 256, contexts of 128 tokens",
            "  PATH       the run folder of fathom train, or its model.safetensors"
        })
final class ExplainCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "MODEL", description = "One of the models below.")
    private String model = "";

    @Option(
            names = "--out",
            paramLabel = "FILE",
            description = "Write the page to this file; it needs no network and no other file.")
    private @Nullable Path out;

    @ArgGroup
    private Mode mode = new Mode();

    static final class Mode {
        @Option(
                names = "--training",
                description = "A training step: forward, loss, backward and update (the default).")
        boolean training;

        @Option(names = "--inference", description = "A forward pass.")
        boolean inference;
    }

    @Option(
            names = "--batch-size",
            paramLabel = "N",
            description = "Samples in it (default: 128 for cnn and mlp, 32 for resnet18 and lstm, 8 for gpt).")
    private @Nullable Integer batchSize;

    @Option(
            names = "--profile",
            description = "Run it for 8 seconds or more, the first 5 to warm up, and say how long each kernel takes.")
    private boolean profile;

    @Option(
            names = "--threads",
            paramLabel = "N",
            description = "Threads to compute with (default: one for each processor).")
    private @Nullable Integer threads;

    @Override
    public void run() {
        BenchModel kind = kind();
        Path file = out;
        if (file != null) {
            checkWritable(file);
        }
        int batch = batchSize == null ? kind.batch() : batchSize;
        int count = threads == null ? Runtime.getRuntime().availableProcessors() : threads;
        try (Device device = Device.cpu(count)) {
            Specimen specimen = device.call(() -> Specimen.of(kind, batch, !mode.inference, profile));
            PrintStream print = Main.of(spec).out();
            print.println(specimen.title());
            print.print(specimen.table());
            if (file != null) {
                write(file, GraphPage.of(specimen));
                print.println("written to " + file);
            }
        }
    }

    private BenchModel kind() {
        return BenchModel.of(model)
                .orElseGet(() -> BenchModel.of(SavedModel.kind(path()).id()).orElseThrow());
    }

    private Path path() {
        String expected = "explain " + model + ": no such model, expected " + BenchModel.names()
                + ", or the folder or model.safetensors of a training";
        try {
            Path path = Path.of(model);
            if (Files.exists(path)) {
                return path;
            }
        } catch (InvalidPathException e) {
            throw new UserError(expected, e);
        }
        throw new UserError(expected);
    }

    /// Before anything is computed.
    private static void checkWritable(Path file) {
        if (Files.isDirectory(file)) {
            throw new UserError("--out " + file + ": is a folder, expected a file to write");
        }
        Path parent = file.toAbsolutePath().getParent();
        if (parent == null || !Files.isDirectory(parent)) {
            throw new UserError("--out " + file + ": no folder " + parent + ", expected one that is there");
        }
        if (!Files.isWritable(Files.exists(file) ? file : parent)) {
            throw new UserError("--out " + file + ": no permission to write it");
        }
    }

    private static void write(Path file, String text) {
        try {
            Files.writeString(file, text);
        } catch (IOException e) {
            throw new UserError("--out " + file + ": cannot be written (" + e.getMessage() + ")", e);
        }
    }
}
