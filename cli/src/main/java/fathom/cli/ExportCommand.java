package fathom.cli;

import fathom.cli.files.Sizes;
import fathom.cli.mnist.DigitClassifier;
import fathom.io.onnx.format.ModelProto;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `fathom export`: a trained model as an ONNX file.
@Command(
        name = "export",
        description = {
            "Writes a model that `fathom train mnist` made as an ONNX file, which ONNX Runtime and most other"
                    + " libraries can run.",
            "",
            "Its input `image` takes any number of pictures, float[batch, 28, 28, 1] from 0 to 1, with bright"
                    + " digits on a dark ground as in MNIST; its output `logits` is float[batch, 10].",
            "Models of your own are exported by OnnxExport in fathom.io.onnx.export."
        },
        mixinStandardHelpOptions = true)
final class ExportCommand implements Runnable {
    private static final String ENDING = ".onnx";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--force", description = "Replace OUT if it is there.")
    private boolean force;

    @Parameters(index = "0", paramLabel = "DIR", description = "The run folder that training wrote.")
    private Path run = Path.of("");

    @Parameters(index = "1", paramLabel = "OUT", description = "A file that ends with .onnx.")
    private Path out = Path.of("");

    @Override
    public void run() {
        if (!out.toString().endsWith(ENDING)) {
            throw new ParameterException(
                    spec.commandLine(), "OUT is '" + out + "', expected a name that ends with " + ENDING);
        }
        if (Files.exists(out) && !force) {
            throw new UserError(out + " is there already; --force replaces it");
        }
        ModelProto model = DigitClassifier.at(run).export(out);
        spec.commandLine()
                .getOut()
                .println("%s: %s nodes, %s, opset %s"
                        .formatted(
                                out,
                                model.graph().nodes().size(),
                                size(out),
                                model.opsets().get("")));
    }

    private static String size(Path file) {
        try {
            return Sizes.of(Files.size(file));
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }
}
