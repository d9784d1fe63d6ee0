package fathom.compile.simplify;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.ir.BinaryOp;
import fathom.ir.Graph;
import fathom.ir.UnaryOp;
import fathom.tensor.DType;
import org.junit.jupiter.api.Test;

class DeadCodeTest {
    private final TestGraph g = new TestGraph();
    private final Pass pass = new DeadCode();

    private Graph simplified(int root) {
        Graph graph = g.graph(root);
        Graph simple = pass.apply(graph);
        g.assertSame(pass, graph, simple);
        return simple;
    }

    @Test
    void whatNoRootNeedsGoes() {
        int x = g.hard(3, 4);
        int wanted = g.unary(UnaryOp.NEGATE, x);
        g.unary(UnaryOp.EXP, g.binary(BinaryOp.ADD, wanted, g.hard(3, 4)));
        assertThat(simplified(wanted).entries()).hasSize(2).contains(g.entry(wanted));
    }

    @Test
    void argumentsKeepTheirNumbers() {
        g.hard(5);
        int second = g.leaf(DType.I32, new int[] {2}, 7, 8);
        g.lifted(DType.I32, 1, 2);
        int scalar = g.lifted(DType.I32, 2, 2);
        assertThat(simplified(g.binary(BinaryOp.ADD, second, scalar)).entries())
                .hasSize(3)
                .contains(g.entry(second), g.entry(scalar));
    }

    @Test
    void whereAllIsNeededNothingChanges() {
        int x = g.hard(0, 4);
        g.assertKept(pass, g.unary(UnaryOp.NEGATE, x), x);
    }
}
