package fathom.cli.files;

import fathom.cli.Failure;
import fathom.cli.UserError;
import fathom.data.text.EncodedBatch;
import fathom.data.text.PretrainedTokenizer;
import fathom.io.onnx.OnnxModel;
import fathom.io.onnx.format.ValueInfo;
import fathom.models.Pooling;
import fathom.models.SentenceEncoder;
import fathom.tensor.DType;
import fathom.tensor.Tensor;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Makes vectors of texts with a model from a file or a folder.
public final class TextEmbedder {
    private static final int TOKENS = 512;
    private static final int RANK = 3;

    /// Makes vectors `[N, width]` of tokens.
    private interface Vectors {
        Tensor of(EncodedBatch batch);
    }

    private final PretrainedTokenizer tokenizer;
    private final Vectors vectors;

    private TextEmbedder(PretrainedTokenizer tokenizer, Vectors vectors) {
        this.tokenizer = tokenizer;
        this.vectors = vectors;
    }

    /// Reads a model: a folder as Hugging Face has them, or an ONNX file of one.
    ///
    /// @param tokenizerFile where its tokeniser is; in the same folder if null
    /// @param given how vectors of tokens become one; as the model's folder says it, or their mean, if
    ///   null
    /// @throws UserError if something is not there
    /// @throws Failure if a file is damaged, or has what is not supported
    public static TextEmbedder load(Path model, @Nullable Path tokenizerFile, @Nullable Pooling given) {
        if (!Files.exists(model)) {
            throw new UserError(model + ": no such file or folder");
        }
        Path onnx = Files.isDirectory(model) ? model.resolve("model.onnx") : model;
        Path folder = Files.isDirectory(model) ? model : model.toAbsolutePath().getParent();
        boolean isOnnx = Files.isRegularFile(onnx);
        Path tokenizers = tokenizerFile == null && folder != null ? folder : tokenizerFile;
        return ModelFile.reading(() -> {
            PretrainedTokenizer read = PretrainedTokenizer.load(tokenizers == null ? model : tokenizers);
            Pooling pooling = given == null ? pooling(folder) : given;
            return new TextEmbedder(
                    // Texts of a batch are filled up to the longest, and cut off where models end.
                    read.truncatedTo(TOKENS).paddedToLongest(),
                    isOnnx ? ofOnnx(onnx, pooling) : ofFolder(model, pooling));
        });
    }

    private static Pooling pooling(@Nullable Path folder) {
        return folder != null && Files.exists(Pooling.file(folder)) ? Pooling.read(folder) : Pooling.MEAN;
    }

    private static Vectors ofFolder(Path folder, Pooling pooling) {
        SentenceEncoder encoder = SentenceEncoder.load(folder, pooling);
        return batch -> encoder.apply(batch.ids(), batch.types(), batch.mask());
    }

    private static Vectors ofOnnx(Path file, Pooling pooling) {
        OnnxModel model = OnnxModel.read(file);
        return batch -> {
            Map<String, Tensor> inputs = new LinkedHashMap<>();
            for (ValueInfo input : model.inputs()) {
                Tensor tensor = switch (input.name()) {
                    case "input_ids" -> batch.ids();
                    case "attention_mask" -> batch.mask();
                    case "token_type_ids" -> batch.types();
                    default ->
                        throw new Failure(
                                file + ": input " + input + ", expected input_ids, attention_mask and token_type_ids");
                };
                inputs.put(input.name(), tensor.cast(DType.I64));
            }
            Tensor tokens = model.run(inputs).values().stream()
                    .filter(output -> output.rank() == RANK)
                    .findFirst()
                    .orElseThrow(() -> new Failure(file + ": no output [N, T, width], expected vectors of tokens"));
            return pooling.normalized(tokens, batch.mask());
        };
    }

    /// Vectors of length 1, a row for each text.
    ///
    /// @throws Failure if the model cannot take them
    public float[][] embed(List<String> texts) {
        return ModelFile.reading(() -> {
            Tensor rows = vectors.of(tokenizer.batch(texts));
            float[] values = rows.toFloats();
            int width = rows.dim(1);
            float[][] all = new float[texts.size()][];
            for (int i = 0; i < all.length; i++) {
                all[i] = Arrays.copyOfRange(values, i * width, (i + 1) * width);
            }
            return all;
        });
    }
}
