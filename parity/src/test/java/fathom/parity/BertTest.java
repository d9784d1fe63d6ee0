package fathom.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import fathom.models.Bert;
import fathom.models.Pooling;
import fathom.models.SentenceEncoder;
import fathom.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import org.bytedeco.javacpp.PointerScope;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A small BERT with drawn weights against the same model in libtorch's operations.
@RequiresLibtorch
class BertTest {
    private static final int[] LENGTHS = {11, 3, 7};
    private static final int TIME = 11;

    @TempDir
    private Path folder;

    private final TinyBert tiny = TinyBert.draw(1);
    private final Tensor ids = ints(TinyBert.VOCABULARY);
    private final Tensor kinds = ints(2);
    private final Tensor seen = seen();

    private static Tensor ints(int bound) {
        Random random = new Random(bound);
        return Tensor.of(random.ints((long) LENGTHS.length * TIME, 0, bound).toArray(), LENGTHS.length, TIME);
    }

    private static Tensor seen() {
        boolean[] all = new boolean[LENGTHS.length * TIME];
        for (int i = 0; i < all.length; i++) {
            all[i] = i % TIME < LENGTHS[i / TIME];
        }
        return Tensor.of(all, LENGTHS.length, TIME);
    }

    private void check(Bert bert) {
        float[] expected;
        try (PointerScope _ = new PointerScope()) {
            expected = Torch.back(tiny.forward(ids, kinds, seen)).toFloats();
        }
        assertThat(bert.apply(ids, kinds, seen).toFloats()).containsExactly(expected, within(1e-4f));
        assertThat(bert.width()).isEqualTo(TinyBert.WIDTH);
    }

    @Test
    void foldersOfHuggingFace() {
        Path whole = Checkpoints.folder(folder, "whole", TinyBert.configuration());
        Checkpoints.whole(whole, tiny.bareWeights());
        Bert bare = Bert.load(whole);
        check(bare);
        assertThat(bare.pooler()).isEmpty();
        Path sharded = Checkpoints.folder(folder, "sharded", TinyBert.configuration());
        Checkpoints.sharded(sharded, tiny.weights());
        check(Bert.load(sharded));
        Path older = Checkpoints.folder(folder, "older", TinyBert.configuration());
        Checkpoints.pyTorch(older, tiny.olderWeights());
        Bert full = Bert.load(older);
        check(full);
        assertThat(full.pooler()).isPresent();
    }

    @Test
    void sentencesBecomeVectors() throws IOException {
        Path whole = Checkpoints.folder(folder, "sentences", TinyBert.configuration());
        Checkpoints.whole(whole, tiny.weights());
        Files.createDirectory(whole.resolve("1_Pooling"));
        Path pooling = whole.resolve("1_Pooling").resolve("config.json");
        for (boolean isMean : new boolean[] {true, false}) {
            Checkpoints.text(
                    pooling,
                    "{\"pooling_mode_cls_token\": %s, \"pooling_mode_mean_tokens\": %s}".formatted(!isMean, isMean));
            SentenceEncoder encoder = SentenceEncoder.load(whole);
            assertThat(encoder.pooling()).isEqualTo(isMean ? Pooling.MEAN : Pooling.CLS);
            float[] expected;
            try (PointerScope _ = new PointerScope()) {
                expected = Torch.back(tiny.sentences(ids, kinds, seen, isMean)).toFloats();
            }
            assertThat(encoder.apply(ids, kinds, seen).toFloats()).containsExactly(expected, within(1e-5f));
        }
        Checkpoints.text(pooling, "{\"pooling_mode_max_tokens\": true}");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> SentenceEncoder.load(whole))
                .withMessageContaining("expected pooling_mode_cls_token or pooling_mode_mean_tokens alone");
    }
}
