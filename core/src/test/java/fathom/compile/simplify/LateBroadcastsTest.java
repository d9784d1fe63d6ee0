package fathom.compile.simplify;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.ir.BinaryOp;
import fathom.ir.Graph;
import fathom.ir.UnaryOp;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import org.junit.jupiter.api.Test;

class LateBroadcastsTest {
    private final TestGraph g = new TestGraph();
    private final Pass pass = new LateBroadcasts();
    private final int x = g.broadcast(g.hard(12, 1), 12, 5);

    @Test
    void functionsComeFirst() {
        Graph simple = g.simplified(pass, g.unary(UnaryOp.EXP, g.unary(UnaryOp.NEGATE, x)));
        assertThat(simple.entries()).hasSize(4);
        assertThat(simple.entries().get(2).shape()).isEqualTo(Shape.of(12, 1));
        assertThat(g.left(pass, g.cast(DType.I32, x))).containsExactly("cast", "broadcast");
    }

    @Test
    void operandsRepeatedAlike() {
        int y = g.broadcast(g.hard(12, 1), 12, 5);
        assertThat(g.left(pass, g.binary(BinaryOp.ADD, x, y))).containsExactly("add", "broadcast");
        int mask = g.broadcast(g.mask(12, 1), 12, 5);
        assertThat(g.left(pass, g.select(mask, x, g.full(DType.F32, -0.0, 12, 5))))
                .containsExactly("full", "select", "broadcast");
        assertThat(g.left(pass, g.binary(BinaryOp.MULTIPLY, g.lifted(DType.F32, 3, 12, 5), x)))
                .containsExactly("full", "multiply", "broadcast");
    }

    @Test
    void operandsRepeatedOtherwiseStay() {
        int row = g.broadcast(g.hard(1, 5), 12, 5);
        g.assertKept(pass, g.binary(BinaryOp.ADD, x, row), g.binary(BinaryOp.ADD, x, g.hard(12, 5)));
    }

    @Test
    void whatIsNotMoreIsNotMoved() {
        g.assertKept(pass, g.unary(UnaryOp.EXP, g.broadcast(g.hard(12, 1), 12, 1)));
        g.assertKept(pass, g.unary(UnaryOp.EXP, g.broadcast(g.hard(12, 1), 12, 0)));
    }
}
