package fathom.compile.simplify;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.ir.BinaryOp;
import fathom.ir.Op;
import fathom.ir.UnaryOp;
import fathom.tensor.DType;
import org.junit.jupiter.api.Test;

class IdentitiesTest {
    private static final double INF = Double.POSITIVE_INFINITY;
    private static final int[] WHOLE = {Integer.MIN_VALUE, -1, 0, 1, 7, Integer.MAX_VALUE};

    private final TestGraph g = new TestGraph();
    private final Pass pass = new Identities();
    private final int x = g.hard(12);
    private final int i = g.leaf(
            DType.I32,
            new int[] {6},
            java.util.Arrays.stream(WHOLE).asDoubleStream().toArray());
    private final int u = g.leaf(DType.U8, new int[] {4}, 0, 1, 128, 255);
    private final int b = g.mask(12);

    private int f32(double value) {
        return g.full(DType.F32, value, 12);
    }

    private int i32(double value) {
        return g.full(DType.I32, value, 6);
    }

    @Test
    void whatIsDoneTwice() {
        assertThat(g.left(pass, g.unary(UnaryOp.NEGATE, g.unary(UnaryOp.NEGATE, x))))
                .isEmpty();
        assertThat(g.left(pass, g.unary(UnaryOp.NEGATE, g.unary(UnaryOp.NEGATE, i))))
                .isEmpty();
        assertThat(g.left(pass, g.unary(UnaryOp.NOT, g.unary(UnaryOp.NOT, b)))).isEmpty();
        assertThat(g.left(pass, g.unary(UnaryOp.ABS, g.unary(UnaryOp.ABS, x)))).containsExactly("abs");
        assertThat(g.left(pass, g.unary(UnaryOp.FLOOR, g.unary(UnaryOp.ROUND, x))))
                .containsExactly("round");
        assertThat(g.left(pass, g.unary(UnaryOp.ABS, g.unary(UnaryOp.NEGATE, i))))
                .containsExactly("abs");
        int relu = g.binary(BinaryOp.MAXIMUM, g.binary(BinaryOp.MAXIMUM, x, f32(0)), f32(0));
        assertThat(g.left(new CommonSubexpressions(), relu)).hasSize(3);
        int zero = f32(0);
        int twice = g.binary(BinaryOp.MAXIMUM, g.binary(BinaryOp.MAXIMUM, x, zero), zero);
        assertThat(g.left(pass, twice)).containsExactly("full", "maximum");
    }

    @Test
    void negativesOfBytesArePositive() {
        g.assertKept(pass, g.unary(UnaryOp.ABS, g.unary(UnaryOp.NEGATE, u)));
    }

    @Test
    void oneOperandTwice() {
        for (BinaryOp f : new BinaryOp[] {BinaryOp.MAXIMUM, BinaryOp.MINIMUM}) {
            assertThat(g.left(pass, g.binary(f, x, x))).as(f.name()).isEmpty();
            assertThat(g.left(pass, g.binary(f, u, u))).as(f.name()).isEmpty();
        }
        for (BinaryOp f : new BinaryOp[] {BinaryOp.AND, BinaryOp.OR}) {
            assertThat(g.left(pass, g.binary(f, i, i))).as(f.name()).isEmpty();
            assertThat(g.left(pass, g.binary(f, b, b))).as(f.name()).isEmpty();
        }
        for (BinaryOp f : new BinaryOp[] {
            BinaryOp.XOR, BinaryOp.SUBTRACT, BinaryOp.EQUAL, BinaryOp.NOT_EQUAL, BinaryOp.LESS, BinaryOp.LESS_EQUAL
        }) {
            assertThat(g.left(pass, g.binary(f, i, i))).as(f.name()).containsExactly("full");
        }
        assertThat(g.left(pass, g.binary(BinaryOp.LESS, x, x))).containsExactly("full");
    }

    @Test
    void nanIsNotItselfAndInfinityMinusInfinityNotZero() {
        for (BinaryOp f : new BinaryOp[] {
            BinaryOp.SUBTRACT, BinaryOp.EQUAL, BinaryOp.NOT_EQUAL, BinaryOp.LESS_EQUAL, BinaryOp.DIVIDE
        }) {
            assertThat(g.left(pass, g.binary(f, x, x))).as(f.name()).hasSize(1).doesNotContain("full");
        }
    }

    @Test
    void zerosOfBothSigns() {
        assertThat(g.left(pass, g.binary(BinaryOp.ADD, x, f32(-0.0)))).isEmpty();
        assertThat(g.left(pass, g.binary(BinaryOp.ADD, f32(-0.0), x))).isEmpty();
        assertThat(g.left(pass, g.binary(BinaryOp.ADD, x, f32(0)))).containsExactly("full", "add");
        assertThat(g.left(pass, g.binary(BinaryOp.SUBTRACT, f32(-0.0), x))).containsExactly("negate");
        assertThat(g.left(pass, g.binary(BinaryOp.SUBTRACT, f32(0), x))).containsExactly("full", "subtract");
        assertThat(g.left(pass, g.binary(BinaryOp.ADD, i, i32(0)))).isEmpty();
        assertThat(g.left(pass, g.binary(BinaryOp.SUBTRACT, i32(0), i))).containsExactly("negate");
        assertThat(g.left(pass, g.binary(BinaryOp.MULTIPLY, x, f32(0)))).containsExactly("full", "multiply");
    }

    @Test
    void factorsAndDivisors() {
        assertThat(g.left(pass, g.binary(BinaryOp.MULTIPLY, x, f32(-1)))).containsExactly("negate");
        assertThat(g.left(pass, g.binary(BinaryOp.MULTIPLY, i32(-1), i))).containsExactly("negate");
        assertThat(g.left(pass, g.binary(BinaryOp.DIVIDE, x, f32(-1)))).containsExactly("negate");
        assertThat(g.left(pass, g.binary(BinaryOp.DIVIDE, x, f32(2)))).containsExactly("full", "multiply");
        assertThat(g.left(pass, g.binary(BinaryOp.DIVIDE, x, f32(0.5)))).containsExactly("full", "multiply");
        assertThat(g.left(pass, g.binary(BinaryOp.DIVIDE, i, i32(2)))).containsExactly("full", "divide");
    }

    @Test
    void signsThatMeet() {
        int y = g.leaf(DType.F32, new int[] {12}, 2, -0.0, Double.NaN, -INF, 0.3);
        int minusX = g.unary(UnaryOp.NEGATE, x);
        int minusY = g.unary(UnaryOp.NEGATE, y);
        assertThat(g.left(pass, g.binary(BinaryOp.ADD, x, minusY))).containsExactly("subtract");
        assertThat(g.left(pass, g.binary(BinaryOp.ADD, minusX, y))).containsExactly("subtract");
        assertThat(g.left(pass, g.binary(BinaryOp.SUBTRACT, x, minusY))).containsExactly("add");
        assertThat(g.left(pass, g.binary(BinaryOp.MULTIPLY, minusX, minusY))).containsExactly("multiply");
        assertThat(g.left(pass, g.binary(BinaryOp.DIVIDE, minusX, minusY))).containsExactly("divide");
    }

    @Test
    void boundsThatBoundNothing() {
        assertThat(g.left(pass, g.binary(BinaryOp.MAXIMUM, x, f32(-INF)))).isEmpty();
        assertThat(g.left(pass, g.binary(BinaryOp.MINIMUM, f32(INF), x))).isEmpty();
        assertThat(g.left(pass, g.binary(BinaryOp.MINIMUM, x, f32(-INF)))).hasSize(2);
    }

    @Test
    void bitsAndTruth() {
        int yes = g.full(DType.BOOL, 1, 12);
        int no = g.full(DType.BOOL, 0, 12);
        assertThat(g.left(pass, g.binary(BinaryOp.AND, b, yes))).isEmpty();
        assertThat(g.left(pass, g.binary(BinaryOp.AND, no, b))).containsExactly("full");
        assertThat(g.left(pass, g.binary(BinaryOp.OR, yes, b))).containsExactly("full");
        assertThat(g.left(pass, g.binary(BinaryOp.OR, b, no))).isEmpty();
        assertThat(g.left(pass, g.binary(BinaryOp.XOR, b, yes))).containsExactly("not");
        assertThat(g.left(pass, g.binary(BinaryOp.AND, i, i32(-1)))).isEmpty();
        assertThat(g.left(pass, g.binary(BinaryOp.AND, u, g.full(DType.U8, 255, 4))))
                .isEmpty();
        assertThat(g.left(pass, g.binary(BinaryOp.AND, i, i32(1)))).containsExactly("full", "and");
        assertThat(g.left(pass, g.binary(BinaryOp.SHIFT_RIGHT, i, i32(0)))).isEmpty();
        int equal = g.binary(BinaryOp.EQUAL, x, f32(0.1f));
        assertThat(g.left(pass, g.unary(UnaryOp.NOT, equal))).containsExactly("full", "notEqual");
        int less = g.binary(BinaryOp.LESS, x, f32(0));
        assertThat(g.left(pass, g.unary(UnaryOp.NOT, less))).containsExactly("full", "less", "not");
    }

    @Test
    void choices() {
        int y = g.unary(UnaryOp.NEGATE, x);
        assertThat(g.left(pass, g.select(b, x, x))).isEmpty();
        assertThat(g.left(pass, g.select(g.full(DType.BOOL, 1, 12), x, y))).isEmpty();
        assertThat(g.left(pass, g.select(g.full(DType.BOOL, 0, 12), x, y))).containsExactly("negate");
        assertThat(g.left(pass, g.select(g.unary(UnaryOp.NOT, b), x, y))).containsExactly("negate", "select");
        int inner = g.select(b, y, x);
        assertThat(g.left(pass, g.select(b, inner, x))).containsExactly("negate", "select");
        int yes = g.full(DType.BOOL, 1, 12);
        int no = g.full(DType.BOOL, 0, 12);
        assertThat(g.left(pass, g.select(b, yes, no))).isEmpty();
        assertThat(g.left(pass, g.select(b, no, yes))).containsExactly("not");
    }

    @Test
    void gradientsAreNoMatterAnyMore() {
        assertThat(g.left(pass, g.op(new Op.StopGradient(), g.hard(0, 1)))).isEmpty();
    }
}
