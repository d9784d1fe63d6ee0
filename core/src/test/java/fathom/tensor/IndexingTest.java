package fathom.tensor;

import static fathom.tensor.Index.all;
import static fathom.tensor.Index.at;
import static fathom.tensor.Index.ellipsis;
import static fathom.tensor.Index.newAxis;
import static fathom.tensor.Index.range;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

/// Slicing and moving, against what NumPy gives.
class IndexingTest {
    private final Tensor line = Tensor.arange(10);
    private final Tensor cube = Tensor.arange(24).reshape(2, 3, 4);

    @Test
    void slicesAsInNumPy() {
        assertThat(line.slice(0, 2, 5).toInts()).containsExactly(2, 3, 4);
        assertThat(line.slice(0, -3, 10).toInts()).containsExactly(7, 8, 9);
        assertThat(line.slice(0, 0, -8).toInts()).containsExactly(0, 1);
        assertThat(line.slice(0, 8, 99).toInts()).containsExactly(8, 9);
        assertThat(line.slice(0, 5, 2).toInts()).isEmpty();
        assertThat(line.slice(0, 1, 10, 4).toInts()).containsExactly(1, 5, 9);
        assertThat(line.slice(0, 9, 0, -3).toInts()).containsExactly(9, 6, 3);
        assertThat(line.slice(0, -1, Integer.MIN_VALUE, -4).toInts()).containsExactly(9, 5, 1);
        assertThat(line.slice(0, 99, 5, -2).toInts()).containsExactly(9, 7);
        assertThat(line.slice(0, 2, 5, -1).toInts()).isEmpty();
        assertThat(line.flip(0).slice(0, 0, 3).toInts()).containsExactly(9, 8, 7);
        assertThat(Tensor.zeros(0).slice(0, 0, 5).size()).isZero();
        assertThat(Tensor.zeros(0).flip(0).size()).isZero();
        assertThatThrownBy(() -> line.slice(0, 1, 2, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("step 0");
    }

    @Test
    void squareBrackets() {
        assertThat(cube.get(at(1), at(2), at(3)).item()).isEqualTo(23);
        assertThat(cube.get(at(-1)).shape()).isEqualTo(Shape.of(3, 4));
        assertThat(cube.get(all(), at(0)).toInts()).containsExactly(0, 1, 2, 3, 12, 13, 14, 15);
        assertThat(cube.get(ellipsis(), at(1)).toInts()).containsExactly(1, 5, 9, 13, 17, 21);
        assertThat(cube.get(at(0), ellipsis(), range(0, 4, 3)).toInts()).containsExactly(0, 3, 4, 7, 8, 11);
        assertThat(cube.get(all(), newAxis(), at(0), newAxis()).shape()).isEqualTo(Shape.of(2, 1, 1, 4));
        assertThat(cube.get(range(1, 2)).shape()).isEqualTo(Shape.of(1, 3, 4));
        assertThat(cube.get(ellipsis()).shape()).isEqualTo(cube.shape());
        assertThat(cube.get().shape()).isEqualTo(cube.shape());
    }

    @Test
    void indicesOutsideAreRefused() {
        assertThatThrownBy(() -> cube.get(at(2)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("at: index 2 along axis 0 of [2, 3, 4], expected -2 to 1");
        assertThatThrownBy(() -> cube.get(at(0), at(0), at(0), at(0)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("get: 4 indices for [2, 3, 4], expected at most 3");
        assertThatThrownBy(() -> cube.slice(3, 0, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("axis 3 of shape [2, 3, 4]");
    }

    @Test
    void reshapes() {
        assertThat(cube.reshape(-1, 4).shape()).isEqualTo(Shape.of(6, 4));
        assertThat(cube.reshape(4, -1).toInts()).isEqualTo(cube.toInts());
        assertThat(cube.flatten(1).shape()).isEqualTo(Shape.of(2, 12));
        assertThat(cube.flatten(0).shape()).isEqualTo(Shape.of(24));
        assertThat(Tensor.scalar(1).flatten(0).shape()).isEqualTo(Shape.of(1));
        assertThat(cube.unsqueeze(-1).squeeze(3).shape()).isEqualTo(cube.shape());
        assertThatThrownBy(() -> cube.reshape(5, -1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("I32[2, 3, 4]")
                .hasMessageContaining("24 elements do not divide by 5");
        assertThatThrownBy(() -> cube.reshape(5, 5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("reshape(I32[2, 3, 4])")
                .hasMessageContaining("25 elements");
        assertThatThrownBy(() -> cube.squeeze(1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("has size 3, expected 1");
        assertThatThrownBy(() -> cube.unsqueeze(5))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected -4 to 3");
    }

    @Test
    void permutations() {
        Tensor p = cube.permute(2, 0, 1);
        assertThat(p.shape()).isEqualTo(Shape.of(4, 2, 3));
        assertThat(p.get(at(1), at(1), at(2)).item()).isEqualTo(21);
        assertThat(p.permute(1, 2, 0).toInts()).isEqualTo(cube.toInts());
        assertThat(cube.transpose().shape()).isEqualTo(Shape.of(2, 4, 3));
        assertThat(cube.transpose(0, -1).get(at(3), at(2), at(1)).item()).isEqualTo(23);
        assertThatThrownBy(() -> cube.permute(0, 1))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("permute(I32[2, 3, 4])")
                .hasMessageContaining("every axis once");
    }

    @Test
    void joins() {
        Tensor a = Tensor.of(new float[] {1, 2}, 1, 2);
        assertThat(Tensor.concat(0, a, a.mul(10)).toFloats()).containsExactly(1, 2, 10, 20);
        assertThat(Tensor.concat(-1, a, a.mul(10)).shape()).isEqualTo(Shape.of(1, 4));
        assertThat(Tensor.stack(-1, a, a).shape()).isEqualTo(Shape.of(1, 2, 2));
        assertThat(Tensor.concat(1, List.of(a, a.neg())).toFloats()).containsExactly(1, 2, -1, -2);
        assertThat(Tensor.stack(2, List.of(a, a.neg())).toFloats()).containsExactly(1, -1, 2, -2);
        assertThat(a.pad(1, 1, 2).toFloats()).containsExactly(0, 1, 2, 0, 0);
        assertThat(a.pad(0, 1, 0, 7).toFloats()).containsExactly(7, 7, 1, 2);
        assertThatThrownBy(() -> Tensor.concat(0, a, Tensor.zeros(1, 3)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("concat(F32[1, 2], F32[1, 3])")
                .hasMessageContaining("equal but for axis 0");
        assertThatThrownBy(() -> Tensor.concat(0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("concat: no tensors, expected at least one");
        assertThatThrownBy(() -> Tensor.stack(0, List.of()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("concat: no tensors, expected at least one");
    }

    @Test
    void picking() {
        Tensor table = Tensor.arange(6).reshape(3, 2);
        Tensor ids = Tensor.of(new int[] {2, 0, 1, 2}, 2, 2);
        assertThat(table.take(ids, 0).shape()).isEqualTo(Shape.of(2, 2, 2));
        assertThat(table.take(ids, 0).toInts()).containsExactly(4, 5, 0, 1, 2, 3, 4, 5);
        assertThat(table.take(Tensor.of(new long[] {1}, 1), -1).toInts()).containsExactly(1, 3, 5);
        assertThat(table.sort(0, true).toInts()).containsExactly(4, 5, 2, 3, 0, 1);
        assertThatThrownBy(() -> table.take(Tensor.of(1, 2), 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("gather(I32[3, 2], F32[2])")
                .hasMessageContaining("I32 or I64 indices");
        assertThatThrownBy(() -> table.topK(4, 0))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("topK: k 4 along axis 0 of [3, 2], expected 0 to 3");
    }
}
