package fathom.cli.mnist;

import fathom.cli.UserError;
import fathom.io.Safetensors;
import fathom.io.onnx.export.Axis;
import fathom.io.onnx.export.OnnxExport;
import fathom.io.onnx.format.ModelProto;
import fathom.io.onnx.format.ModelWriter;
import fathom.nn.Chain;
import fathom.nn.Modules;
import fathom.tensor.DType;
import fathom.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;

/// A trained model, ready to be asked.
public final class DigitClassifier {
    private final Chain model;

    private DigitClassifier(Chain model) {
        this.model = model;
    }

    /// One answer.
    ///
    /// @param digit which digit it may be
    /// @param probability how sure the model is
    public record Guess(int digit, double probability) {}

    /// The model in a run folder that was given with `--run`.
    ///
    /// @throws UserError if there is none, or its file is damaged
    public static DigitClassifier of(Path run) {
        return of("--run " + run, run);
    }

    /// The model in a run folder.
    ///
    /// @throws UserError if there is none, or its file is damaged
    public static DigitClassifier at(Path run) {
        return of(run.toString(), run);
    }

    private static DigitClassifier of(String given, Path run) {
        if (!Files.isDirectory(run)) {
            throw new UserError(given + ": no such folder, expected one that training wrote");
        }
        Path file = run.resolve("model.safetensors");
        if (!Files.isRegularFile(file)) {
            throw new UserError(given + ": no model.safetensors in it, expected the folder of a finished training");
        }
        Safetensors saved = read(file);
        Chain model = RunSettings.model(saved.metadata().getOrDefault("model", ""), file)
                .build(0);
        try {
            Modules.load(model, saved.tensors());
        } catch (IllegalArgumentException e) {
            throw new UserError(file + ": " + e.getMessage(), e);
        }
        return new DigitClassifier(model);
    }

    private static Safetensors read(Path file) {
        try {
            return Safetensors.read(file);
        } catch (IllegalArgumentException e) {
            throw new UserError(String.valueOf(e.getMessage()), e);
        }
    }

    /// The best answers for each picture, best first.
    ///
    /// @param pictures 28 x 28 pixels each, 0 to 1, row by row
    /// @param count how many answers for each
    public List<List<Guess>> best(List<float[]> pictures, int count) {
        int pixels = MnistModel.INPUT.size();
        float[] all = new float[pictures.size() * pixels];
        for (int i = 0; i < pictures.size(); i++) {
            System.arraycopy(pictures.get(i), 0, all, i * pixels, pixels);
        }
        Tensor x = Tensor.of(all, pictures.size(), DigitImage.SIDE, DigitImage.SIDE, 1);
        Tensor probabilities = model.apply(x).softmax(-1);
        float[] p = probabilities.toFloats();
        int classes = probabilities.dim(1);
        List<List<Guess>> answers = new ArrayList<>();
        for (int i = 0; i < pictures.size(); i++) {
            int row = i * classes;
            answers.add(IntStream.range(0, classes)
                    .mapToObj(c -> new Guess(c, p[row + c]))
                    .sorted(Comparator.comparingDouble(Guess::probability).reversed())
                    .limit(count)
                    .toList());
        }
        return answers;
    }

    /// Writes the model as an ONNX file: from pictures `image` `[batch, 28, 28, 1]` to `logits` `[batch, 10]`.
    ///
    /// @return what was written
    public ModelProto export(Path file) {
        ModelProto exported = OnnxExport.of(model)
                .name("digits")
                .input("image", DType.F32, Axis.batch(), Axis.of(DigitImage.SIDE), Axis.of(DigitImage.SIDE), Axis.of(1))
                .output("logits")
                .toModel();
        ModelWriter.write(file, exported, false);
        return exported;
    }
}
