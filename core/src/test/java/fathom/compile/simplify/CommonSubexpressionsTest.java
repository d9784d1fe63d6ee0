package fathom.compile.simplify;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.ir.BinaryOp;
import fathom.ir.UnaryOp;
import fathom.tensor.DType;
import org.junit.jupiter.api.Test;

class CommonSubexpressionsTest {
    private final TestGraph g = new TestGraph();
    private final Pass pass = new CommonSubexpressions();
    private final int x = g.hard(12, 1);
    private final int y = g.broadcast(g.hard(1, 1), 12, 1);

    @Test
    void equalOperationsBecomeOne() {
        int a = g.unary(UnaryOp.EXP, x);
        int b = g.unary(UnaryOp.EXP, x);
        int sum = g.binary(BinaryOp.MULTIPLY, g.unary(UnaryOp.ABS, a), g.unary(UnaryOp.ABS, b));
        assertThat(g.left(pass, sum)).containsExactly("exp", "abs", "multiply");
    }

    @Test
    void operandsChangePlacesWhereThatIsTheSame() {
        for (BinaryOp f : new BinaryOp[] {
            BinaryOp.ADD, BinaryOp.MULTIPLY, BinaryOp.MAXIMUM, BinaryOp.MINIMUM, BinaryOp.EQUAL, BinaryOp.NOT_EQUAL
        }) {
            assertThat(g.simplified(pass, g.binary(f, x, y), g.binary(f, y, x)).roots())
                    .as(f.name())
                    .containsExactly(3, 3);
        }
    }

    @Test
    void operandsStayWhereTheOrderMatters() {
        for (BinaryOp f : new BinaryOp[] {BinaryOp.SUBTRACT, BinaryOp.DIVIDE, BinaryOp.LESS, BinaryOp.MODULO}) {
            assertThat(g.simplified(pass, g.binary(f, x, y), g.binary(f, y, x)).roots())
                    .as(f.name())
                    .containsExactly(3, 4);
        }
    }

    @Test
    void zerosOfDifferentSignsAreDifferent() {
        int p = g.full(DType.F32, 0.0, 2);
        int n = g.full(DType.F32, -0.0, 2);
        assertThat(g.left(pass, p, n)).hasSize(2);
    }

    @Test
    void argumentsAreToldApart() {
        int a = g.lifted(DType.F32, 3, 2);
        int b = g.lifted(DType.F32, 4, 2);
        assertThat(g.left(pass, a, b)).hasSize(2);
    }

    @Test
    void nothingEqualIsLeftAlone() {
        g.assertKept(pass, g.binary(BinaryOp.ADD, x, y));
    }
}
