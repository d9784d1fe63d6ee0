package fathom.models;

import fathom.data.text.EncodedBatch;
import fathom.io.onnx.OnnxModel;
import fathom.io.onnx.format.ValueInfo;
import fathom.ir.Require;
import fathom.tensor.DType;
import fathom.tensor.Tensor;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// An encoder of BERT's family from an ONNX file, which makes vectors of tokens.
final class OnnxEncoder implements TextEmbedder.Encoder {
    private static final List<String> INPUTS = List.of("input_ids", "attention_mask", "token_type_ids");
    private static final int RANK = 3;

    private final Path file;
    private final Pooling pooling;
    private final OnnxModel model;

    OnnxEncoder(Path file, Pooling pooling) {
        this.file = file;
        this.pooling = pooling;
        this.model = OnnxModel.read(file);
        for (ValueInfo input : model.inputs()) {
            Require.that(INPUTS.contains(input.name()), "%s: input %s, expected %s", file, input, INPUTS);
        }
    }

    @Override
    public Tensor vectors(EncodedBatch batch) {
        Map<String, Tensor> given =
                Map.of("input_ids", batch.ids(), "attention_mask", batch.mask(), "token_type_ids", batch.types());
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        for (ValueInfo input : model.inputs()) {
            inputs.put(
                    input.name(),
                    Objects.requireNonNull(given.get(input.name())).cast(DType.I64));
        }
        Tensor tokens = model.predict(inputs).values().stream()
                .filter(output -> output.rank() == RANK)
                .findFirst()
                .orElseThrow(() ->
                        new IllegalArgumentException(file + ": no output [N, T, width], expected vectors of tokens"));
        return pooling.normalized(tokens, batch.mask());
    }
}
