package fathom.cli.bench;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.tensor.Device;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class GptDecoderTest {
    private static final int CONTEXT = 16;

    @Test
    void writesWhatTheWholeModelWouldWrite() {
        Gpt model = Gpt.build(40, CONTEXT, 32, 4, 2, 7);
        GptDecoder decoder = new GptDecoder(model);
        Tensor token = Tensor.of(new int[] {3}, 1);
        List<Integer> text = new ArrayList<>(List.of(3));
        for (int i = 1; i < CONTEXT; i++) {
            token = decoder.next(token);
            text.add(token.toInts()[0]);
        }
        assertThat(text).isEqualTo(byWholeModel(model));
        assertThat(text.stream().distinct().count()).isGreaterThan(3);
    }

    private static List<Integer> byWholeModel(Gpt model) {
        int[] text = new int[CONTEXT];
        text[0] = 3;
        for (int i = 1; i < CONTEXT; i++) {
            // What comes after place i - 1 does not depend on what stands at i and later.
            int[] next = model.apply(Tensor.of(text, 1, CONTEXT)).argmax(-1).toInts();
            text[i] = next[i - 1];
        }
        return Arrays.stream(text).boxed().toList();
    }

    @Test
    void allPositionsAreOneProgram() {
        try (Device device = Device.cpu(1)) {
            device.run(() -> {
                GptDecoder decoder = new GptDecoder(Gpt.build(20, CONTEXT, 16, 2, 1, 7));
                Tensor token = decoder.next(Tensor.of(new int[] {3}, 1));
                int before = device.explainRecompiles().size();
                for (int i = 1; i < 2 * CONTEXT; i++) {
                    token = decoder.next(token);
                }
                assertThat(device.explainRecompiles()).hasSize(before);
            });
        }
    }
}
