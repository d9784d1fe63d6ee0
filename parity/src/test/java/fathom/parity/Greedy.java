package fathom.parity;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import fathom.models.Generator;
import fathom.models.LanguageModel;
import fathom.tensor.Tensor;
import java.util.Arrays;
import java.util.function.Function;
import org.bytedeco.javacpp.PointerScope;

/// What a model in libtorch's operations says of a beginning, and how it goes on with the likeliest tokens,
/// each time reading all tokens anew.
///
/// @param logits of the beginning
/// @param tokens that follow
record Greedy(float[] logits, int[] tokens) {
    private static final int[] BEGINNING = {1, 403, 17, 511, 0, 99, 100, 256, 403};
    private static final int MORE = 30;

    /// @param model tokens to logits `[T, vocabulary]`
    static Greedy of(Function<int[], org.bytedeco.pytorch.Tensor> model) {
        int[] all = Arrays.copyOf(BEGINNING, BEGINNING.length + MORE);
        try (PointerScope _ = new PointerScope()) {
            float[] logits = Torch.back(model.apply(BEGINNING)).toFloats();
            for (int i = BEGINNING.length; i < all.length; i++) {
                Tensor next = Torch.back(model.apply(Arrays.copyOf(all, i)));
                all[i] = (int) next.at(0, i - 1).argmax(-1).item();
            }
            return new Greedy(logits, Arrays.copyOfRange(all, BEGINNING.length, all.length));
        }
    }

    /// Logits within 1e-4, and the same tokens.
    void check(LanguageModel model) {
        Tensor found = model.apply(Tensor.of(BEGINNING, 1, BEGINNING.length));
        assertThat(found.toFloats()).containsExactly(logits, within(1e-4f));
        assertThat(Generator.of(model).most(MORE).generate(BEGINNING)).containsExactly(tokens);
        // A model that says the same token for ever would prove little.
        assertThat(Arrays.stream(tokens).distinct().count()).isGreaterThan(5);
    }
}
