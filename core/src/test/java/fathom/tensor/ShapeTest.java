package fathom.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

class ShapeTest {
    @Test
    void describesItsAxes() {
        Shape s = Shape.of(2, 3, 4);
        assertThat(s.rank()).isEqualTo(3);
        assertThat(s.size()).isEqualTo(24);
        assertThat(s.dim(-1)).isEqualTo(4);
        assertThat(s.strides()).containsExactly(12, 4, 1);
        assertThat(s.axes()).containsExactly(0, 1, 2);
        assertThat(s.axes(-1, 0)).containsExactly(0, 2);
        assertThat(s.with(-2, 7)).isEqualTo(Shape.of(2, 7, 4));
        assertThat(s.without(List.of(0, 2))).isEqualTo(Shape.of(3));
        assertThat(s).hasToString("[2, 3, 4]").hasSameHashCodeAs(Shape.of(List.of(2, 3, 4)));
        assertThat(Shape.SCALAR.size()).isEqualTo(1);
        assertThat(Shape.SCALAR).hasToString("[]");
        assertThat(Shape.of(5, 0, 2).size()).isZero();
    }

    @Test
    void cannotBeChanged() {
        int[] sizes = {2, 3};
        Shape s = Shape.of(sizes);
        sizes[0] = 9;
        s.dims()[1] = 9;
        assertThat(s).isEqualTo(Shape.of(2, 3));
    }

    @Test
    void broadcasts() {
        assertThat(Shape.broadcast("add", Shape.of(3, 1), Shape.of(4))).isEqualTo(Shape.of(3, 4));
        assertThat(Shape.broadcast("add", Shape.of(1, 0), Shape.of(5, 1))).isEqualTo(Shape.of(5, 0));
        assertThat(Shape.broadcast("add", Shape.SCALAR, Shape.of(2))).isEqualTo(Shape.of(2));
        assertThatThrownBy(() -> Shape.broadcast("add", Shape.of(2, 3), Shape.of(0, 3)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("add: shapes [2, 3] and [0, 3] do not broadcast: sizes 2 and 0 at axis -2,"
                        + " expected equal sizes or 1");
    }

    @Test
    void axesThatAreNotThereAreNamed() {
        assertThatThrownBy(() -> Shape.of(2, 3).dim(2))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("axis 2 of shape [2, 3]: expected -2 to 1");
        assertThatThrownBy(() -> Shape.SCALAR.dim(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("axis 0 of shape []: expected none, a scalar has no axes");
        assertThatThrownBy(() -> Shape.of(2, 3).axes(1, -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("one is given twice");
    }

    @Test
    void hugeProductsDoNotOverflow() {
        assertThatThrownBy(() -> Shape.of(Integer.MAX_VALUE, Integer.MAX_VALUE, 4))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("2^31");
        assertThat(Shape.of(Integer.MAX_VALUE).size()).isEqualTo(Integer.MAX_VALUE);
        assertThat(Shape.of(Integer.MAX_VALUE, Integer.MAX_VALUE, 0).size()).isZero();
    }
}
