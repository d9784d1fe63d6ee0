package fathom.compile.simplify;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.ir.ReduceOp;
import fathom.tensor.DType;
import org.junit.jupiter.api.Test;

class RepeatedReductionsTest {
    private final TestGraph g = new TestGraph();
    private final Pass pass = new RepeatedReductions();

    @Test
    void theGreatestOfRepeatedElements() {
        int x = g.broadcast(g.hard(12, 1), 12, 5);
        assertThat(g.left(pass, g.reduce(ReduceOp.MAX, x, 1))).isEmpty();
        assertThat(g.left(pass, g.reduce(ReduceOp.MIN, x, 0, 1))).containsExactly("min");
        assertThat(g.left(pass, g.reduce(ReduceOp.MAX, x, 0))).containsExactly("broadcast", "max");
        int y = g.broadcast(g.hard(1, 12, 1), 3, 12, 2);
        assertThat(g.left(pass, g.reduce(ReduceOp.MIN, y, 0, 1))).containsExactly("min", "broadcast");
        int b = g.broadcast(g.mask(1, 3), 2, 3);
        assertThat(g.left(pass, g.reduce(ReduceOp.MAX, b, 0))).isEmpty();
    }

    @Test
    void repeatedNotAtAll() {
        int none = g.broadcast(g.hard(3, 1), 3, 0);
        g.assertKept(pass, g.reduce(ReduceOp.MAX, none, 1));
    }

    @Test
    void repeatedOnceMore() {
        int x = g.broadcast(g.leaf(DType.I32, new int[] {1, 1}, -7), 1, 4);
        assertThat(g.left(pass, g.reduce(ReduceOp.MIN, x, 0, 1))).isEmpty();
    }

    @Test
    void theGreatestOfGreatest() {
        int x = g.hard(3, 4, 2);
        assertThat(g.left(pass, g.reduce(ReduceOp.MAX, g.reduce(ReduceOp.MAX, x, 2), 0)))
                .containsExactly("max");
        assertThat(g.left(pass, g.reduce(ReduceOp.MAX, g.reduce(ReduceOp.MIN, x, 2), 0)))
                .containsExactly("min", "max");
    }

    @Test
    void sumsAreRoundedAsTheyWere() {
        int x = g.broadcast(g.hard(12, 1), 12, 3);
        g.assertKept(pass, g.reduce(ReduceOp.SUM, g.reduce(ReduceOp.SUM, x, 1), 0));
    }
}
