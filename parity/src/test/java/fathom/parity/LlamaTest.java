package fathom.parity;

import fathom.models.Llama;
import fathom.tensor.DType;
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
}
