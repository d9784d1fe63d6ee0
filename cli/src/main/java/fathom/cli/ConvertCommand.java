package fathom.cli;

import fathom.cli.files.Conversion;
import fathom.cli.files.ModelFile;
import fathom.tensor.DType;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `fathom convert`: the tensors of a file in another format.
@Command(
        name = "convert",
        description = {
            "Writes the tensors of a file in another format: any that `fathom inspect` knows into safetensors"
                    + " or .npz, by the name of OUT. Quantised tensors become what they stand for.",
            "",
            "Names and layouts stay as they are. The new file is written beside OUT and then takes its name,"
                    + " one tensor after the other, so that large files need little memory."
        },
        mixinStandardHelpOptions = true)
final class ConvertCommand implements Runnable {
    /// The types that floating-point numbers can be converted to.
    enum Precision {
        F32,
        F16,
        BF16
    }

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--dtype",
            paramLabel = "TYPE",
            description = "What floating-point numbers become: ${COMPLETION-CANDIDATES}. As they are if not given.")
    private @Nullable Precision precision;

    @Option(names = "--force", description = "Replace OUT if it is there.")
    private boolean force;

    @Parameters(index = "0", paramLabel = "IN", description = "A file or a folder.")
    private Path in = Path.of("");

    @Parameters(index = "1", paramLabel = "OUT", description = "A file that ends with .safetensors or .npz.")
    private Path out = Path.of("");

    @Override
    public void run() {
        Conversion.Target target = Conversion.Target.of(out)
                .orElseThrow(() -> new ParameterException(
                        spec.commandLine(),
                        "OUT is '" + out + "', expected a name that ends with .safetensors or .npz (models become"
                                + " .onnx by fathom export)"));
        if (Files.exists(out) && !force) {
            throw new UserError(out + " is there already; --force replaces it");
        }
        PrintWriter console = spec.commandLine().getOut();
        Optional<DType> dtype = Optional.ofNullable(precision).map(p -> DType.valueOf(p.name()));
        console.println(Conversion.of(ModelFile.open(in), dtype).write(target, out, console::println));
    }
}
