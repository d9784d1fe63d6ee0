package fathom.compile.simplify;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.ir.BinaryOp;
import fathom.ir.Graph;
import fathom.ir.Graph.Entry;
import fathom.ir.Op;
import fathom.ir.ReduceOp;
import fathom.ir.UnaryOp;
import fathom.tensor.DType;
import java.util.List;
import org.junit.jupiter.api.Test;

class ConstantFoldingTest {
    private final TestGraph g = new TestGraph();
    private final Pass pass = new ConstantFolding();

    private int f32(double value) {
        return g.full(DType.F32, value, 2, 3);
    }

    /// The value that an entry is folded to, which is asserted to be the one it had.
    private double folded(int root) {
        Graph simple = g.simplified(pass, root);
        assertThat(simple.entries()).hasSize(1);
        Entry e = simple.entries().getFirst();
        return ((Op.Full) e.op()).value();
    }

    @Test
    void arithmeticIsRoundedToTheDtype() {
        double tenth = 0.1f;
        assertThat(folded(g.binary(BinaryOp.ADD, f32(tenth), f32(1)))).isEqualTo((double) (0.1f + 1f));
        assertThat(folded(g.binary(BinaryOp.DIVIDE, f32(1), f32(3)))).isEqualTo((double) (1f / 3f));
        assertThat(folded(g.binary(BinaryOp.MULTIPLY, f32(3e38f), f32(2)))).isInfinite();
        assertThat(folded(g.unary(UnaryOp.SQRT, f32(2)))).isEqualTo((double) (float) Math.sqrt(2));
    }

    @Test
    void specialValues() {
        double inf = Double.POSITIVE_INFINITY;
        assertThat(folded(g.binary(BinaryOp.SUBTRACT, f32(inf), f32(inf)))).isNaN();
        assertThat(folded(g.unary(UnaryOp.NEGATE, f32(0)))).isEqualTo(-0.0);
        assertThat(folded(g.binary(BinaryOp.MAXIMUM, f32(-0.0), f32(0)))).isEqualTo(0.0);
        assertThat(folded(g.binary(BinaryOp.DIVIDE, f32(1), f32(-0.0)))).isEqualTo(-inf);
        assertThat(folded(g.binary(BinaryOp.EQUAL, f32(-0.0), f32(0)))).isEqualTo(1);
        assertThat(folded(g.binary(BinaryOp.LESS, f32(Double.NaN), f32(0)))).isEqualTo(0);
    }

    @Test
    void wholeNumbersWrapAndDivideByZero() {
        int most = g.full(DType.I32, Integer.MAX_VALUE, 2);
        int one = g.full(DType.I32, 1, 2);
        int none = g.full(DType.I32, 0, 2);
        assertThat(folded(g.binary(BinaryOp.ADD, most, one))).isEqualTo(Integer.MIN_VALUE);
        assertThat(folded(g.binary(BinaryOp.DIVIDE, most, none))).isEqualTo(0);
        assertThat(folded(g.binary(BinaryOp.MODULO, g.full(DType.I32, -7, 2), g.full(DType.I32, 3, 2))))
                .isEqualTo(2);
        assertThat(folded(g.unary(UnaryOp.NOT, g.full(DType.BOOL, 0, 2)))).isEqualTo(1);
    }

    @Test
    void conversions() {
        assertThat(folded(g.cast(DType.U8, f32(-2.5)))).isEqualTo(0);
        assertThat(folded(g.cast(DType.I32, f32(Double.NaN)))).isEqualTo(0);
        assertThat(folded(g.cast(DType.F32, g.full(DType.F64, 0.1, 2)))).isEqualTo((double) 0.1f);
        assertThat(folded(g.cast(DType.BF16, g.full(DType.F32, 0.1f, 2)))).isEqualTo(0.10009765625);
        assertThat(folded(g.cast(DType.BOOL, f32(Double.NaN)))).isEqualTo(1);
    }

    @Test
    void reductions() {
        assertThat(folded(g.reduce(ReduceOp.SUM, f32(0.5), 0, 1))).isEqualTo(3);
        assertThat(folded(g.reduce(ReduceOp.MAX, f32(-0.0), 0))).isEqualTo(-0.0);
        assertThat(folded(g.reduce(ReduceOp.PRODUCT, f32(1), 1))).isEqualTo(1);
        assertThat(folded(g.reduce(ReduceOp.SUM, g.full(DType.U8, 2, 5), 0))).isEqualTo(10);
        assertThat(folded(g.reduce(ReduceOp.SUM, f32(Double.NEGATIVE_INFINITY), 0)))
                .isEqualTo(Double.NEGATIVE_INFINITY);
    }

    @Test
    void sumsThatWouldBeRoundedOrChangeTheZeroAreLeft() {
        g.assertKept(pass, g.reduce(ReduceOp.SUM, f32(0.1f), 0));
        g.assertKept(pass, g.reduce(ReduceOp.SUM, f32(-0.0), 0));
        g.assertKept(pass, g.reduce(ReduceOp.PRODUCT, f32(2), 0));
        g.assertKept(pass, g.reduce(ReduceOp.SUM, g.full(DType.U8, 100, 5), 0));
    }

    @Test
    void whatHasNoElementsIsConstant() {
        int empty = g.hard(0, 3);
        assertThat(g.left(pass, g.unary(UnaryOp.EXP, empty))).containsExactly("full");
        assertThat(folded(g.reduce(ReduceOp.SUM, empty, 0))).isEqualTo(0);
        assertThat(folded(g.reduce(ReduceOp.MAX, empty, 0))).isEqualTo(Double.NEGATIVE_INFINITY);
        assertThat(folded(g.reduce(ReduceOp.MIN, g.leaf(DType.I32, new int[] {0}, 0), 0)))
                .isEqualTo(Integer.MAX_VALUE);
        // The greatest I64 is no double.
        g.assertKept(pass, g.reduce(ReduceOp.MIN, g.leaf(DType.I64, new int[] {0}, 0), 0));
    }

    @Test
    void whatBackendsApproximateIsLeft() {
        for (UnaryOp f : List.of(UnaryOp.EXP, UnaryOp.LOG, UnaryOp.TANH, UnaryOp.SIN, UnaryOp.ERF)) {
            g.assertKept(pass, g.unary(f, g.full(DType.F32, 1, 2)));
        }
        int two = g.full(DType.F64, 2, 2);
        g.assertKept(pass, g.binary(BinaryOp.POWER, two, two), g.binary(BinaryOp.MODULO, two, two));
    }

    @Test
    void liftedConstantsAreLeft() {
        g.assertKept(pass, g.unary(UnaryOp.NEGATE, g.lifted(DType.F32, 3, 2)));
    }

    @Test
    void valuesThatAreNotOfTheirDtypeAreLeft() {
        g.assertKept(pass, g.unary(UnaryOp.NEGATE, g.full(DType.I32, 0.5, 2)));
    }
}
