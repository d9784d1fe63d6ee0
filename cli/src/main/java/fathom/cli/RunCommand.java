package fathom.cli;

import fathom.cli.files.ModelFile;
import fathom.cli.files.OutputSummary;
import fathom.cli.files.PictureInput;
import fathom.data.TextLines;
import fathom.io.Npy;
import fathom.io.onnx.OnnxModel;
import fathom.io.onnx.format.OnnxType;
import fathom.io.onnx.format.ValueInfo;
import fathom.tensor.DType;
import fathom.tensor.Tensor;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `fathom run`: runs a model of ONNX on files.
@Command(
        name = "run",
        description = {
            "Runs an ONNX model on tensors (.npy) or pictures, and tells what it gives.",
            "",
            "A picture is brought to the size that the model wants, with colours from 0 to 1, which --scale,"
                    + " --mean and --std change in this order; with --resize its middle is cut out instead."
        },
        mixinStandardHelpOptions = true,
        footer = {"", "For models trained on ImageNet: --resize 256 --mean 0.485,0.456,0.406 --std 0.229,0.224,0.225"})
final class RunCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = {"-i", "--input"},
            paramLabel = "[NAME=]FILE",
            required = true,
            description =
                    "What the model is given: a .npy file or a picture. The name may be left out of the only one.")
    private List<String> inputs = new ArrayList<>();

    @Option(
            names = {"-o", "--output"},
            paramLabel = "[NAME=]FILE",
            description = "Write what the model gives as a .npy file.")
    private List<String> outputs = new ArrayList<>();

    @Option(names = "--force", description = "Replace output files that are there.")
    private boolean force;

    @Option(names = "--labels", paramLabel = "FILE", description = "Names of classes, one a line: tells the likeliest.")
    private @Nullable Path labels;

    @Option(names = "--top", paramLabel = "N", description = "How many of these. Default: ${DEFAULT-VALUE}")
    private int top = 5;

    @Option(names = "--size", paramLabel = "H,W", description = "The size of pictures, where the model leaves it open.")
    private @Nullable String size;

    @Option(
            names = "--resize",
            paramLabel = "N",
            description = "Length of the shorter side before the middle is cut out.")
    private @Nullable Integer resize;

    @Option(
            names = "--scale",
            paramLabel = "X",
            description = "What colours are multiplied by. Default: ${DEFAULT-VALUE}")
    private double scale = 1;

    @Option(names = "--mean", paramLabel = "R,G,B", description = "What is taken off each channel.")
    private @Nullable String mean;

    @Option(names = "--std", paramLabel = "R,G,B", description = "What each channel is divided by.")
    private @Nullable String deviation;

    @Parameters(paramLabel = "MODEL", description = "An ONNX file.")
    private Path file = Path.of("");

    @Override
    public void run() {
        PictureInput pictures = new PictureInput(
                size == null ? null : sides(size),
                resize,
                mean == null ? null : numbers("--mean", mean),
                deviation == null ? null : numbers("--std", deviation),
                scale);
        Optional<List<String>> classes =
                Optional.ofNullable(labels).map(l -> ModelFile.reading(() -> TextLines.read(l)));
        if (!Files.exists(file)) {
            throw new UserError(file + ": no such file");
        }
        OnnxModel model = ModelFile.reading(() -> OnnxModel.read(file));
        Map<String, Path> targets = named(outputs, "--output", model.outputs());
        targets.values().forEach(this::checkTarget);
        Map<String, Tensor> given = new LinkedHashMap<>();
        named(inputs, "--input", model.inputs())
                .forEach((name, path) -> given.put(name, read(path, info(model.inputs(), name), pictures)));
        Map<String, Tensor> results = ModelFile.reading(() -> {
            Map<String, Tensor> lazy = model.run(given);
            Tensor.evaluateAll(lazy.values().toArray(Tensor[]::new));
            return lazy;
        });
        PrintWriter out = spec.commandLine().getOut();
        results.forEach((name, tensor) -> {
            out.println(OutputSummary.line(name, tensor));
            classes.filter(c -> OutputSummary.isOfClasses(tensor, c.size()))
                    .ifPresent(c -> OutputSummary.best(tensor, c, top).forEach(out::println));
        });
        targets.forEach((name, target) -> {
            Tensor tensor = Objects.requireNonNull(results.get(name));
            ModelFile.reading(() -> {
                Npy.write(target, tensor);
                return target;
            });
        });
    }

    private void checkTarget(Path target) {
        if (Files.exists(target) && !force) {
            throw new UserError(target + " is there already; --force replaces it");
        }
    }

    /// Files by what they are for. Without a name one is for the only value, or the first of the
    /// outputs.
    private static Map<String, Path> named(List<String> given, String option, List<ValueInfo> values) {
        Map<String, Path> files = new LinkedHashMap<>();
        for (String one : given) {
            int sign = one.indexOf('=');
            List<String> names = values.stream().map(ValueInfo::name).toList();
            if (sign < 0 && names.size() != 1) {
                throw new UserError(option + " " + one + ": expected NAME=FILE, with one of " + names);
            }
            String name = sign < 0 ? names.getFirst() : one.substring(0, sign);
            if (!names.contains(name)) {
                throw new UserError(option + " " + one + ": no '" + name + "', expected one of " + names);
            }
            if (files.put(name, Path.of(one.substring(sign + 1))) != null) {
                throw new UserError(option + " " + one + ": '" + name + "' comes twice");
            }
        }
        return files;
    }

    private static ValueInfo info(List<ValueInfo> values, String name) {
        return values.stream().filter(v -> v.name().equals(name)).findFirst().orElseThrow();
    }

    private static Tensor read(Path path, ValueInfo info, PictureInput pictures) {
        if (!Files.exists(path)) {
            throw new UserError(path + ": no such file");
        }
        boolean isArray =
                String.valueOf(path.getFileName()).toLowerCase(Locale.ROOT).endsWith(".npy");
        Tensor tensor = isArray ? ModelFile.reading(() -> Npy.read(path)) : pictures.read(path, info);
        Optional<OnnxType> type = info.type().filter(OnnxType::isSupported);
        if (type.isEmpty()) {
            return tensor;
        }
        // NumPy makes doubles and longs where nothing else is said.
        DType wanted = type.get().outside();
        boolean sameKind = tensor.dtype().isFloating() == wanted.isFloating()
                && tensor.dtype().isInteger() == wanted.isInteger();
        return sameKind ? tensor.cast(wanted) : tensor;
    }

    private static int[] sides(String text) {
        float[] numbers = numbers("--size", text);
        boolean fits = numbers.length == 2;
        for (float number : numbers) {
            fits &= number >= 1 && number <= Short.MAX_VALUE && number == Math.rint(number);
        }
        if (!fits) {
            throw new UserError("--size " + text + ": expected HEIGHT,WIDTH");
        }
        return new int[] {(int) numbers[0], (int) numbers[1]};
    }

    private static float[] numbers(String option, String text) {
        String[] parts = text.split(",", -1);
        float[] numbers = new float[parts.length];
        for (int i = 0; i < parts.length; i++) {
            try {
                numbers[i] = Float.parseFloat(parts[i].strip());
            } catch (NumberFormatException e) {
                throw new UserError(option + " " + text + ": '" + parts[i] + "' is no number", e);
            }
        }
        return numbers;
    }
}
