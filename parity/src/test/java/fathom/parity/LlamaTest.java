package fathom.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import fathom.models.Llama;
import fathom.tensor.DType;
import fathom.tensor.Tensor;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Small models with drawn weights, from each kind of file, against the same model in libtorch's operations:
/// logits, and the tokens that greedy generation gives.
@RequiresLibtorch
class LlamaTest {
    @TempDir
    private Path folder;

    @Test
    void foldersOfHuggingFace() {
        TinyLlama tiny = TinyLlama.draw(1, false, false);
        Greedy expected = Greedy.of(tiny::forward);
        Path whole = Checkpoints.folder(folder, "whole", tiny.configuration());
        Checkpoints.whole(whole, tiny.weights());
        expected.check(Llama.load(whole));
        Path sharded = Checkpoints.folder(folder, "sharded", tiny.configuration());
        Checkpoints.sharded(sharded, tiny.weights());
        expected.check(Llama.load(sharded));
        Path pickled = Checkpoints.folder(folder, "pickled", tiny.configuration());
        Checkpoints.pyTorch(pickled, tiny.weights());
        expected.check(Llama.load(pickled));
    }

    @Test
    void tiedHeadsAndBiases() {
        TinyLlama tiny = TinyLlama.draw(2, true, true);
        Greedy expected = Greedy.of(tiny::forward);
        Path whole = Checkpoints.folder(folder, "qwen", tiny.configuration());
        Checkpoints.whole(whole, tiny.weights());
        expected.check(Llama.load(whole));
        expected.check(Llama.load(tiny.gguf(folder.resolve("qwen.gguf"), DType.F32)));
    }

    @Test
    void filesOfLlama2c() {
        for (boolean isTied : new boolean[] {true, false}) {
            TinyLlama tiny = TinyLlama.draw(3, isTied, false);
            Greedy expected = Greedy.of(tiny::forward);
            expected.check(Llama.load(tiny.llama2c(folder.resolve("stories.bin"), 0)));
            expected.check(Llama.load(tiny.llama2c(folder.resolve("stories1.bin"), 1)));
        }
    }

    @Test
    void gguf() {
        TinyLlama tiny = TinyLlama.draw(4, false, false);
        Greedy expected = Greedy.of(tiny::forward);
        expected.check(Llama.load(tiny.gguf(folder.resolve("llama.gguf"), DType.F32)));
    }

    /// Llama 3.1's files have the rule in the one format and its results in the other.
    @Test
    void anglesScaledByARuleOrByItsResults() {
        TinyLlama tiny = TinyLlama.draw(5, false, false);
        String rule = """
                "rope_scaling": {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
                "original_max_position_embeddings": 64}""";
        Path whole = Checkpoints.folder(folder, "llama3", tiny.configuration().replace("\"rope_scaling\": null", rule));
        Checkpoints.whole(whole, tiny.weights());
        // Pairs turn by 1, 0.1, 0.01 and 0.001: 10.2, 1.02, 0.1 and 0.01 times in 64 places.
        double turns = 6.4 / (2 * Math.PI);
        double kept = (turns - 1) / 3;
        float between = (float) (1 / (kept + (1 - kept) / 8));
        tiny.weights().put("rope_freqs.weight", Tensor.of(1, between, 8, 8));
        Path gguf = tiny.gguf(folder.resolve("llama3.gguf"), DType.F32);
        Tensor tokens = Tensor.arange(100).reshape(1, 100);
        float[] expected = Llama.load(whole).apply(tokens).toFloats();
        assertThat(Llama.load(gguf).apply(tokens).toFloats()).containsExactly(expected, within(1e-3f));
        tiny.weights().remove("rope_freqs.weight");
        Path plain = tiny.gguf(folder.resolve("plain.gguf"), DType.F32);
        Tensor other = Llama.load(plain).apply(tokens).sub(Tensor.of(expected, 1, 100, TinyLlama.VOCABULARY));
        assertThat(other.abs().max().item()).isGreaterThan(0.1);
    }
}
