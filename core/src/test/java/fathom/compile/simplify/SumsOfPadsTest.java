package fathom.compile.simplify;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.ir.BinaryOp;
import fathom.tensor.DType;
import org.junit.jupiter.api.Test;

class SumsOfPadsTest {
    private final TestGraph g = new TestGraph();
    private final Pass pass = new SumsOfPads();

    private int add(int a, int b) {
        return g.binary(BinaryOp.ADD, a, b);
    }

    @Test
    void twoPartsSideBySide() {
        int sum = add(g.pad(g.hard(2, 3), 0, 0, 2, 0, 0), g.pad(g.hard(2, 3), 0, 2, 0, 0, 0));
        assertThat(g.left(pass, sum)).containsExactly("full", "add", "add", "concat");
    }

    @Test
    void zeroIsAddedToEachPartOnce() {
        int first = g.pad(g.hard(3, 2), 0, 0, 0, 0, 4);
        int second = g.pad(g.hard(3, 2), 0, 0, 0, 2, 2);
        int third = g.pad(g.hard(3, 2), 0, 0, 0, 4, 0);
        assertThat(g.left(pass, add(add(third, first), second))).contains("pad");
        assertThat(g.left(pass, add(add(first, second), third))).containsExactly("full", "add", "add", "add", "concat");
    }

    @Test
    void gapsAndMarginsAreFilled() {
        int x = g.pad(g.leaf(DType.I32, new int[] {1, 3}, 1, 2, 3), 0, 1, 4, 0, 2);
        int y = g.pad(g.leaf(DType.I32, new int[] {1, 3}, 4, 5, 6), 0, 3, 2, 0, 2);
        assertThat(g.left(pass, add(y, x))).containsExactly("full", "concat", "pad");
    }

    @Test
    void whatOverlapsOrIsWantedElsewhereStays() {
        int x = g.pad(g.hard(2, 3), 0, 0, 1, 0, 0);
        int y = g.pad(g.hard(2, 3), 0, 1, 0, 0, 0);
        g.assertKept(pass, add(x, y));
        TestGraph other = new TestGraph();
        int a = other.pad(other.hard(2, 3), 0, 0, 2, 0, 0);
        int b = other.pad(other.hard(2, 3), 0, 2, 0, 0, 0);
        other.assertKept(pass, other.binary(BinaryOp.ADD, a, b), a);
    }

    @Test
    void otherPaddingStays() {
        int x = g.pad(g.hard(2, 3), -0.0, 0, 2, 0, 0);
        int y = g.pad(g.hard(2, 3), -0.0, 2, 0, 0, 0);
        g.assertKept(pass, add(x, y));
    }

    @Test
    void emptyParts() {
        int x = g.pad(g.hard(2, 0), 0, 0, 0, 1, 1);
        int y = g.pad(g.hard(2, 2), 0, 0, 0, 0, 0);
        g.simplified(pass, add(x, y));
        int z = g.pad(g.hard(0, 3), 0, 0, 2, 0, 0);
        g.simplified(pass, add(z, g.pad(g.hard(2, 3), 0, 0, 0, 0, 0)));
    }
}
