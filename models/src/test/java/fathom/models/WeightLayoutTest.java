package fathom.models;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import fathom.nn.RotaryPositions;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import org.junit.jupiter.api.Test;

class WeightLayoutTest {
    private static final Tensor MATRIX = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);

    @Test
    void matricesAreTransposed() {
        WeightLayout layout = WeightLayout.transposed();
        assertThat(layout.stored().apply(Shape.of(3, 2))).isEqualTo(Shape.of(2, 3));
        assertThat(layout.convert().apply(MATRIX).toFloats()).containsExactly(1, 4, 2, 5, 3, 6);
    }

    @Test
    void partsAreCutFromWhatIsFused() {
        WeightLayout second = WeightLayout.part(1, 3);
        assertThat(second.stored().apply(Shape.of(2, 1))).isEqualTo(Shape.of(2, 3));
        assertThat(second.convert().apply(MATRIX).toFloats()).containsExactly(2, 5);
        assertThat(second.convert().apply(Tensor.of(1, 2, 3, 4, 5, 6)).toFloats())
                .containsExactly(3, 4);
    }

    @Test
    void oneLayoutFollowsAnother() {
        // The first of two columns of [out, in]: the row of the transposed one.
        WeightLayout layout = WeightLayout.transposed().then(WeightLayout.part(0, 2));
        assertThat(layout.stored().apply(Shape.of(3, 1))).isEqualTo(Shape.of(2, 3));
        assertThat(layout.convert().apply(MATRIX).toFloats()).containsExactly(1, 2, 3);
    }

    @Test
    void neighboursComeHalfAHeadApart() {
        WeightLayout layout = WeightLayout.neighboursToHalves(2);
        Tensor rows = Tensor.arange(16).reshape(8, 2);
        assertThat(layout.stored().apply(Shape.of(8, 2))).isEqualTo(Shape.of(8, 2));
        assertThat(layout.convert().apply(rows).toInts())
                .containsExactly(0, 1, 4, 5, 2, 3, 6, 7, 8, 9, 12, 13, 10, 11, 14, 15);
        assertThat(layout.convert().apply(Tensor.arange(8)).toInts()).containsExactly(0, 2, 1, 3, 4, 6, 5, 7);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> layout.convert().apply(Tensor.arange(6)))
                .withMessageContaining("expected 2 heads of an even number of rows");
    }

    /// What matters of queries and keys is their product, and that stays the same.
    @Test
    void productsOfTurnedVectorsStayTheSame() {
        RandomStream random = RandomStream.of(1);
        Tensor query = random.normal(Shape.of(8, 5));
        Tensor key = random.normal(Shape.of(8, 5));
        Tensor x = random.normal(Shape.of(6, 5));
        WeightLayout layout = WeightLayout.neighboursToHalves(1);
        RotaryPositions neighbours = RotaryPositions.of();
        RotaryPositions halves = neighbours.inHalves();
        Tensor expected = neighbours
                .apply(x.matmul(query.transpose()))
                .matmul(neighbours.apply(x.matmul(key.transpose())).transpose());
        Tensor found = halves.apply(x.matmul(layout.convert().apply(query).transpose()))
                .matmul(halves.apply(x.matmul(layout.convert().apply(key).transpose()))
                        .transpose());
        assertThat(found.toFloats()).containsExactly(expected.toFloats(), within(1e-4f));
    }
}
