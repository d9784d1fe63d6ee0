package fathom.compile.simplify;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.ir.BinaryOp;
import fathom.ir.Graph;
import fathom.ir.Op;
import fathom.ir.UnaryOp;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import org.junit.jupiter.api.Test;

class EarlySlicesTest {
    private final TestGraph g = new TestGraph();
    private final Pass pass = new EarlySlices();
    private final int x = g.hard(4, 6);
    private final int y = g.hard(4, 6);

    private int corner(int of) {
        return g.slice(of, 3, 1, 2, 3, -1, 2);
    }

    @Test
    void onlyWhatIsWantedIsComputed() {
        int sum = g.binary(BinaryOp.ADD, g.unary(UnaryOp.EXP, x), y);
        Graph simple = g.simplified(pass, corner(g.unary(UnaryOp.NEGATE, sum)));
        assertThat(simple.entries().stream().filter(e -> !e.isLeaf()))
                .hasSize(5)
                .allMatch(e -> e.shape().equals(Shape.of(2, 3)));
    }

    @Test
    void constantsAndConditions() {
        int chosen = g.select(g.binary(BinaryOp.LESS, x, g.lifted(DType.F32, 3, 4, 6)), x, g.full(DType.F32, 0, 4, 6));
        assertThat(g.left(pass, corner(chosen))).containsExactlyInAnyOrder("full", "full", "slice", "less", "select");
    }

    @Test
    void severalUsersThatWantTheSame() {
        int e = g.unary(UnaryOp.EXP, x);
        int a = corner(g.unary(UnaryOp.NEGATE, e));
        int b = corner(e);
        assertThat(g.left(pass, a, b)).containsExactly("slice", "exp", "negate");
    }

    @Test
    void whatIsWantedOtherwiseStays() {
        int e = g.unary(UnaryOp.EXP, x);
        g.assertKept(pass, corner(e), e);
        int other = g.unary(UnaryOp.ABS, y);
        g.assertKept(pass, corner(other), g.slice(other, 0, 0, 1, 6, 1, 1));
        g.assertKept(pass, g.slice(g.unary(UnaryOp.NEGATE, y), 3, 5, 4, 6, -1, -1));
    }

    @Test
    void whatComesFromAProductStays() {
        int product = g.op(new Op.MatMul(false, true), x, y);
        g.assertKept(pass, g.slice(g.unary(UnaryOp.EXP, product), 0, 0, 1, 4, 1, 1));
    }

    @Test
    void nothingWanted() {
        assertThat(g.left(pass, g.slice(g.unary(UnaryOp.EXP, x), 0, 0, 0, 6, 1, 1)))
                .containsExactly("slice", "exp");
    }
}
