package fathom.compile.simplify;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.ir.BinaryOp;
import fathom.ir.Graph;
import fathom.ir.Op;
import fathom.ir.ReduceOp;
import fathom.ir.UnaryOp;
import fathom.tensor.DType;
import org.junit.jupiter.api.Test;

/// All passes together, where one makes room for another.
class SimplifyTest {
    private final TestGraph g = new TestGraph();

    @Test
    void passesMakeRoomForEachOther() {
        // A slice goes past exp, then past the repetition, which then repeats nothing.
        int x = g.hard(12, 1);
        int e = g.unary(UnaryOp.EXP, g.broadcast(x, 12, 4));
        int column = g.slice(e, 0, 2, 12, 1, 1, 1);
        // A constant condition, known only once the constants are computed.
        int one = g.full(DType.F32, 1, 12, 1);
        int yes = g.binary(BinaryOp.LESS, g.full(DType.F32, 0, 12, 1), one);
        int chosen = g.select(yes, g.binary(BinaryOp.DIVIDE, column, one), g.unary(UnaryOp.LOG, column));
        assertThat(g.left(Simplify::graph, chosen)).containsExactly("exp");
    }

    @Test
    void theGradientOfAMaximumOfRepeatedElements() {
        int x = g.broadcast(g.hard(3, 1), 3, 5);
        int greatest = g.reduce(ReduceOp.MAX, g.op(new Op.StopGradient(), x), 1);
        assertThat(g.left(Simplify::graph, g.broadcast(greatest, 3, 5))).containsExactly("broadcast");
    }

    @Test
    void longChainsAreNoMatter() {
        int x = g.hard(4, 6);
        for (int i = 0; i < 200; i++) {
            x = i % 3 == 0 ? g.permute(x, 1, 0) : g.unary(UnaryOp.NEGATE, x);
        }
        Graph simple = g.simplified(Simplify::graph, x);
        assertThat(Simplify.graph(simple)).isSameAs(simple);
    }

    @Test
    void whatIsSimpleIsLeftAlone() {
        g.assertKept(Simplify::graph, g.binary(BinaryOp.ADD, g.hard(2, 3), g.hard(2, 3)));
    }
}
