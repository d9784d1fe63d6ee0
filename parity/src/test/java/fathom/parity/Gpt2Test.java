package fathom.parity;

import fathom.models.Gpt2;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A small GPT-2 with drawn weights against the same model in libtorch's operations.
@RequiresLibtorch
class Gpt2Test {
    @TempDir
    private Path folder;

    @Test
    void foldersOfHuggingFace() {
        TinyGpt2 tiny = TinyGpt2.draw(1);
        Greedy expected = Greedy.of(tiny::forward);
        Path whole = Checkpoints.folder(folder, "whole", TinyGpt2.configuration());
        Checkpoints.whole(whole, tiny.weights());
        expected.check(Gpt2.load(whole));
        Path sharded = Checkpoints.folder(folder, "sharded", TinyGpt2.configuration());
        Checkpoints.sharded(sharded, tiny.weights());
        expected.check(Gpt2.load(sharded));
        Path older = Checkpoints.folder(folder, "older", TinyGpt2.configuration());
        Checkpoints.pyTorch(older, tiny.olderWeights());
        expected.check(Gpt2.load(older));
    }
}
