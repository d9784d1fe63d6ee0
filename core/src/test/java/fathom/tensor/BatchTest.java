package fathom.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import org.junit.jupiter.api.Test;

class BatchTest {
    private static final Batch PAIR = new Batch(Tensor.zeros(4, 2), Tensor.zeros(4));

    @Test
    void hasFurtherTensorsByName() {
        Batch more = PAIR.with("lengths", Tensor.ones(4)).with("weights", Tensor.full(Shape.of(4), DType.F32, 2));
        assertThat(more.size()).isEqualTo(4);
        assertThat(more.others().keySet()).containsExactly("lengths", "weights");
        assertThat(more.get("weights").toFloats()).containsOnly(2);
        assertThat(more.with("weights", Tensor.ones(4)).get("weights").toFloats())
                .containsOnly(1);
        assertThat(PAIR.others()).isEmpty();
    }

    @Test
    void aNameThatIsNotThereIsAnError() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PAIR.with("lengths", Tensor.ones(4)).get("length"))
                .withMessage("batch: no length besides inputs and targets, expected one of [lengths]");
    }

    @Test
    void allHaveAsManySamples() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Batch(Tensor.zeros(4, 2), Tensor.zeros(3)))
                .withMessageContaining("inputs [4, 2] and targets [3]");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PAIR.with("age", Tensor.zeros(5, 1)))
                .withMessage("batch: inputs [4, 2] and age [5, 1], expected the same number of samples along the first"
                        + " axis");
        assertThatIllegalArgumentException().isThrownBy(() -> PAIR.with("age", Tensor.scalar(1)));
    }
}
