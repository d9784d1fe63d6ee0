package fathom.models;

import fathom.io.Safetensors;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// A model of one layer with drawn weights.
final class Tiny {
    static final int VOCABULARY = 20;
    static final int CONTEXT = 300;
    private static final int WIDTH = 8;

    static final String CONFIGURATION = """
            {"model_type": "llama", "vocab_size": 20, "hidden_size": 8, "intermediate_size": 12,
             "num_hidden_layers": 1, "num_attention_heads": 2, "num_key_value_heads": 1,
             "max_position_embeddings": 300, "rms_norm_eps": 1e-5, "tie_word_embeddings": true}""";

    private Tiny() {}

    static Map<String, Tensor> weights() {
        RandomStream random = RandomStream.of(11);
        Map<String, Tensor> weights = new LinkedHashMap<>();
        weights.put("model.embed_tokens.weight", random.normal(Shape.of(VOCABULARY, WIDTH)));
        String at = "model.layers.0.";
        weights.put(at + "input_layernorm.weight", Tensor.ones(WIDTH));
        weights.put(at + "self_attn.q_proj.weight", random.normal(Shape.of(WIDTH, WIDTH)));
        weights.put(at + "self_attn.k_proj.weight", random.normal(Shape.of(WIDTH / 2, WIDTH)));
        weights.put(at + "self_attn.v_proj.weight", random.normal(Shape.of(WIDTH / 2, WIDTH)));
        weights.put(at + "self_attn.o_proj.weight", random.normal(Shape.of(WIDTH, WIDTH)));
        weights.put(at + "post_attention_layernorm.weight", Tensor.ones(WIDTH));
        weights.put(at + "mlp.gate_proj.weight", random.normal(Shape.of(12, WIDTH)));
        weights.put(at + "mlp.up_proj.weight", random.normal(Shape.of(12, WIDTH)));
        weights.put(at + "mlp.down_proj.weight", random.normal(Shape.of(WIDTH, 12)));
        weights.put("model.norm.weight", Tensor.ones(WIDTH));
        return weights;
    }

    /// Writes a folder.
    static Path folder(Path folder, String configuration, Map<String, Tensor> weights) throws IOException {
        Files.writeString(folder.resolve("config.json"), configuration);
        Safetensors.write(folder.resolve("model.safetensors"), weights);
        return folder;
    }
}
