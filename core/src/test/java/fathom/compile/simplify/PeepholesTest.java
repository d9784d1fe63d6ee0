package fathom.compile.simplify;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.ir.BinaryOp;
import fathom.ir.Op;
import fathom.ir.ReduceOp;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;

class PeepholesTest {
    private final TestGraph g = new TestGraph();
    private final Pass pass = new Peepholes();
    private final int x = g.hard(3, 4);

    @Test
    void movementThatMovesNothingGoes() {
        assertThat(g.left(pass, g.reshape(x, 3, 4))).isEmpty();
        assertThat(g.left(pass, g.permute(x, 0, 1))).isEmpty();
        assertThat(g.left(pass, g.broadcast(x, 3, 4))).isEmpty();
        assertThat(g.left(pass, g.slice(x, 0, 0, 3, 4, 1, 1))).isEmpty();
        assertThat(g.left(pass, g.pad(x, 5, 0, 0, 0, 0))).isEmpty();
        assertThat(g.left(pass, g.concat(0, x))).isEmpty();
        assertThat(g.left(pass, g.slice(x, 2, 0, 3, 4, -1, 1))).containsExactly("slice");
    }

    @Test
    void movementOfOneKindIsDoneAtOnce() {
        assertThat(g.left(pass, g.reshape(g.reshape(x, 12), 2, 6))).containsExactly("reshape");
        assertThat(g.left(pass, g.reshape(g.reshape(x, 12), 3, 4))).isEmpty();
        assertThat(g.left(pass, g.permute(g.permute(x, 1, 0), 1, 0))).isEmpty();
        int row = g.hard(1, 1, 3);
        assertThat(g.left(pass, g.broadcast(g.broadcast(row, 1, 2, 3), 4, 2, 3)))
                .containsExactly("broadcast");
        int turned = g.permute(g.permute(g.hard(2, 3, 1), 1, 2, 0), 1, 2, 0);
        assertThat(g.simplified(pass, turned).entries().getLast().op()).isEqualTo(new Op.Permute(List.of(2, 0, 1)));
    }

    @Test
    void constantsAreMovedLiftedOrNot() {
        assertThat(g.left(pass, g.broadcast(g.full(DType.F32, -0.0, 1, 2), 0, 2)))
                .containsExactly("full");
        int lifted = g.reshape(g.permute(g.lifted(DType.I32, 3, 2, 5), 1, 0), 10);
        assertThat(g.left(pass, lifted)).containsExactly("full");
    }

    @Test
    void arithmeticWithNeutralConstants() {
        int one = g.full(DType.F32, 1, 3, 4);
        assertThat(g.left(pass, g.binary(BinaryOp.MULTIPLY, one, x))).isEmpty();
        assertThat(g.left(pass, g.binary(BinaryOp.DIVIDE, x, one))).isEmpty();
        assertThat(g.left(pass, g.binary(BinaryOp.SUBTRACT, x, g.full(DType.F32, 0, 3, 4))))
                .isEmpty();
        assertThat(g.left(pass, g.binary(BinaryOp.SUBTRACT, x, g.full(DType.F32, -0.0, 3, 4))))
                .containsExactly("full", "subtract");
        int lifted = g.lifted(DType.F32, 1, 3, 4);
        assertThat(g.left(pass, g.binary(BinaryOp.MULTIPLY, x, lifted))).containsExactly("full", "multiply");
    }

    @Test
    void aSumOfOneElementKeepsItsZero() {
        int zeros = g.leaf(DType.F32, new int[] {2, 1}, -0.0);
        g.assertKept(pass, g.reduce(ReduceOp.SUM, zeros, 1));
    }

    @Test
    void valuesThatExistHaveNoOperands() {
        int leaf = g.op(new Op.Reshape(Shape.of(12)), x);
        g.assertKept(pass, leaf);
    }
}
