package fathom.cli;

import fathom.cli.files.JsonReport;
import fathom.cli.files.ModelFile;
import fathom.cli.files.TextReport;
import java.io.PrintWriter;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `fathom inspect`: what a file of a model holds.
@Command(
        name = "inspect",
        description = {
            "Tells what a file with a model holds: tensors with types, shapes and sizes, metadata, and for"
                    + " ONNX inputs, outputs and operators. Nothing in the file is executed.",
            "",
            "What kind of file it is, its content says, not its name: safetensors (also several files with"
                    + " an index), GGUF, ONNX, PyTorch (.pt, .pth), Keras (.h5, .keras), HDF5, TensorFlow.js (model.json),"
                    + " NumPy (.npy, .npz), llama2.c (.bin); or a folder with a published checkpoint."
        },
        mixinStandardHelpOptions = true)
final class InspectCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--json", description = "Write JSON, for programs.")
    private boolean json;

    @Parameters(paramLabel = "FILE", description = "A file or a folder.")
    private Path file = Path.of("");

    @Override
    public void run() {
        ModelFile found = ModelFile.open(file);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(JsonReport.of(found));
        } else {
            new TextReport(out).write(found);
        }
    }
}
