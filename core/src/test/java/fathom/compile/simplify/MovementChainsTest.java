package fathom.compile.simplify;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.ir.Graph;
import fathom.ir.Op;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;

class MovementChainsTest {
    private final TestGraph g = new TestGraph();
    private final Pass pass = new MovementChains();
    private final int x = g.hard(4, 6);

    @Test
    void slicesOfSlices() {
        int flipped = g.slice(x, 3, 5, 4, 6, -1, -1);
        assertThat(g.left(pass, g.slice(flipped, 3, 5, 4, 6, -1, -1))).isEmpty();
        Graph simple = g.simplified(pass, g.slice(flipped, 1, 0, 2, 3, 1, 2));
        assertThat(simple.entries().getLast().op())
                .isEqualTo(new Op.Slice(List.of(2, 5), List.of(2, 3), List.of(-1, -2)));
        assertThat(g.left(pass, g.slice(flipped, 1, 0, 1, 1, 1, 2))).containsExactly("slice");
    }

    @Test
    void slicesOfRepeatedElements() {
        int wide = g.broadcast(g.hard(4, 1), 4, 6);
        assertThat(g.left(pass, g.slice(wide, 0, 2, 4, 1, 1, 1))).isEmpty();
        assertThat(g.left(pass, g.slice(wide, 0, 2, 4, 3, 1, 1))).containsExactly("broadcast");
        assertThat(g.left(pass, g.slice(wide, 2, 5, 2, 3, -1, -2))).containsExactly("slice", "broadcast");
    }

    @Test
    void slicesOfParts() {
        int joined = g.concat(0, x, g.hard(0, 6), g.hard(3, 6));
        assertThat(g.left(pass, g.slice(joined, 0, 0, 4, 6, 1, 1))).isEmpty();
        assertThat(g.left(pass, g.slice(joined, 6, 0, 2, 6, -2, 1))).containsExactly("slice");
        assertThat(g.left(pass, g.slice(joined, 3, 0, 2, 6, 1, 1))).containsExactly("concat", "slice");
    }

    @Test
    void slicesOfPads() {
        int padded = g.pad(x, -0.0, 1, 2, 0, 3);
        assertThat(g.left(pass, g.slice(padded, 1, 0, 4, 6, 1, 1))).isEmpty();
        assertThat(g.left(pass, g.slice(padded, 4, 1, 2, 2, -2, 3))).containsExactly("slice");
        assertThat(g.left(pass, g.slice(padded, 0, 0, 1, 9, 1, 1))).containsExactly("full");
        assertThat(g.left(pass, g.slice(padded, 0, 6, 7, 2, 1, 2))).containsExactly("full");
        assertThat(g.left(pass, g.slice(padded, 0, 0, 2, 6, 1, 1))).containsExactly("pad", "slice");
        assertThat(g.left(pass, g.slice(padded, 0, 0, 0, 9, 1, 1))).containsExactly("pad", "slice");
        int between = g.op(new Op.Pad(List.of(0, 0), List.of(1, 0), List.of(1, 0), 7), x);
        assertThat(g.left(pass, g.slice(between, 0, 0, 4, 6, 2, 1))).isEmpty();
        assertThat(g.left(pass, g.slice(between, 1, 0, 3, 6, 2, 1))).containsExactly("pad", "slice");
        int empty = g.pad(g.hard(0, 3), 2, 1, 1, 0, 0);
        assertThat(g.left(pass, empty)).containsExactly("full");
    }

    @Test
    void permutationsOfAxesOfOne() {
        int row = g.hard(1, 6, 1, 2);
        assertThat(g.left(pass, g.permute(row, 1, 0, 3, 2))).containsExactly("reshape");
        assertThat(g.left(pass, g.permute(row, 3, 0, 1, 2))).containsExactly("permute");
    }

    @Test
    void padsOfPads() {
        int inner = g.pad(x, 0, 1, 0, 0, 2);
        Graph simple = g.simplified(pass, g.pad(inner, 0, 0, 1, 3, 0));
        assertThat(simple.entries().getLast().op())
                .isEqualTo(new Op.Pad(List.of(1, 3), List.of(1, 2), List.of(0, 0), 0));
        assertThat(g.left(pass, g.pad(inner, -0.0, 0, 1, 3, 0))).containsExactly("pad", "pad");
    }

    @Test
    void partsPutTogetherAgain() {
        int low = g.slice(x, 0, 0, 1, 6, 1, 1);
        int high = g.slice(x, 1, 0, 3, 6, 1, 1);
        assertThat(g.left(pass, g.concat(0, low, high))).isEmpty();
        assertThat(g.left(pass, g.concat(0, high, low))).containsExactly("slice", "slice", "concat");
        assertThat(g.left(pass, g.concat(1, low, low))).containsExactly("slice", "concat");
        int even = g.slice(x, 0, 0, 4, 2, 1, 2);
        int next = g.slice(x, 0, 4, 4, 1, 1, 1);
        assertThat(g.left(pass, g.concat(1, even, next))).containsExactly("slice");
    }

    @Test
    void partsOfNothingGo() {
        int none = g.leaf(DType.F32, new int[] {0, 6}, 1);
        assertThat(g.left(pass, g.concat(0, none, x, none))).isEmpty();
        int all = g.concat(0, none, none);
        assertThat(g.simplified(pass, all).entries().getLast().shape()).isEqualTo(Shape.of(0, 6));
    }
}
