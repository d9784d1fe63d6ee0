package fathom.backend.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import fathom.ir.BinaryOp;
import fathom.ir.Node;
import fathom.ir.Op;
import fathom.ir.ReduceOp;
import fathom.ir.UnaryOp;
import fathom.ir.Window;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import fathom.tensor.TestDevice;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Operations on values small enough to be worked out by hand: what the reference, and with it
/// everything else, is checked against.
class HandComputedTest {
    private static final float NAN = Float.NaN;
    private static final float INF = Float.POSITIVE_INFINITY;

    private static Tensor op(Op op, Tensor... in) {
        return new Tensor(Node.of(op, List.of(in).stream().map(Tensor::node).toList()));
    }

    private static float[] unary(UnaryOp f, float... x) {
        return op(new Op.Unary(f), Tensor.of(x)).toFloats();
    }

    private static float[] binary(BinaryOp f, float[] x, float... y) {
        return op(new Op.Binary(f), Tensor.of(x), Tensor.of(y)).toFloats();
    }

    private static float[] f(float... values) {
        return values;
    }

    @ParameterizedTest
    @EnumSource
    void functions(TestDevice device) {
        device.run(() -> {
            assertThat(unary(UnaryOp.NEGATE, 1, -2)).containsExactly(-1, 2);
            assertThat(unary(UnaryOp.SIGN, -3, 0, 5, NAN)).containsExactly(-1, 0, 1, NAN);
            assertThat(unary(UnaryOp.ROUND, 0.5f, 1.5f, 2.5f, -0.4f)).containsExactly(0, 2, 2, -0f);
            assertThat(unary(UnaryOp.FLOOR, -0.5f, 2)).containsExactly(-1, 2);
            assertThat(unary(UnaryOp.CEIL, 0.5f, 2)).containsExactly(1, 2);
            assertThat(unary(UnaryOp.EXP, 0, 1, -INF, INF)).containsExactly(f(1, 2.7182817f, 0, INF), within(1e-6f));
            assertThat(unary(UnaryOp.LOG, 1, 0, -1)).containsExactly(0, -INF, NAN);
            assertThat(unary(UnaryOp.SQRT, 9, 0, -1)).containsExactly(3, 0, NAN);
            assertThat(unary(UnaryOp.EXPM1, 0, 1e-6f)).containsExactly(f(0, 1.0000005e-6f), within(1e-12f));
            assertThat(unary(UnaryOp.LOG1P, 0, 1e-6f)).containsExactly(f(0, 9.999995e-7f), within(1e-12f));
            assertThat(unary(UnaryOp.SIGMOID, 0, INF, -INF, -100))
                    .containsExactly(f(0.5f, 1, 0, 3.8e-44f), within(1e-45f));
            assertThat(unary(UnaryOp.TANH, 0, 1, INF)).containsExactly(f(0, 0.7615942f, 1), within(2e-7f));
            assertThat(unary(UnaryOp.ERF, 0, 1, -0.5f, INF))
                    .containsExactly(f(0, 0.8427008f, -0.5204999f, 1), within(2e-7f));
            assertThat(unary(UnaryOp.SIN, 0, (float) (Math.PI / 6))).containsExactly(f(0, 0.5f), within(1e-7f));
            assertThat(unary(UnaryOp.COS, 0, (float) (Math.PI / 3))).containsExactly(f(1, 0.5f), within(1e-7f));
        });
    }

    @ParameterizedTest
    @EnumSource
    void arithmetic(TestDevice device) {
        device.run(() -> {
            assertThat(binary(BinaryOp.DIVIDE, f(1, -1, 0), 0, 0, 0)).containsExactly(INF, -INF, NAN);
            assertThat(binary(BinaryOp.MAXIMUM, f(1, NAN, 1), 2, 1, NAN)).containsExactly(2, NAN, NAN);
            assertThat(binary(BinaryOp.MINIMUM, f(1, NAN, 1), 2, 1, NAN)).containsExactly(1, NAN, NAN);
            assertThat(binary(BinaryOp.MODULO, f(7, -7, 7, -7), 3, 3, -3, -3)).containsExactly(1, 2, -2, -1);
            assertThat(binary(BinaryOp.POWER, f(2, 4, 0), 10, 0.5f, 0)).containsExactly(f(1024, 2, 1), within(1e-4f));
        });
    }

    @ParameterizedTest
    @EnumSource
    void integers(TestDevice device) {
        device.run(() -> {
            Tensor a = Tensor.of(new int[] {7, -7, 7, Integer.MIN_VALUE, 5}, 5);
            Tensor b = Tensor.of(new int[] {2, 2, -2, -1, 0}, 5);
            assertThat(a.div(b).toInts()).containsExactly(3, -3, -3, Integer.MIN_VALUE, 0);
            assertThat(a.mod(b).toInts()).containsExactly(1, 1, -1, 0, 0);
            assertThat(a.add(a).toInts()).containsExactly(14, -14, 14, 0, 10);
            assertThat(a.shiftRight(31).toInts()).containsExactly(0, 1, 0, 1, 0);
            Tensor u = Tensor.of(new byte[] {(byte) 200, 5}, 2);
            assertThat(u.add(u).toBytes()).containsExactly((byte) 144, (byte) 10);
            assertThat(u.neg().toBytes()).containsExactly((byte) 56, (byte) 251);
            assertThat(u.greater(100).toBooleans()).containsExactly(true, false);
            assertThat(u.max().item()).isEqualTo(200);
            Tensor big = Tensor.of(new long[] {1L << 62, -1}, 2);
            assertThat(big.add(big).toLongs()).containsExactly(Long.MIN_VALUE, -2);
            assertThat(big.shiftRight(60).toLongs()).containsExactly(4, 15);
        });
    }

    @ParameterizedTest
    @EnumSource
    void conversions(TestDevice device) {
        device.run(() -> {
            Tensor x = Tensor.of(1.9f, -1.9f, NAN, INF, -INF, 300, 0);
            assertThat(x.cast(DType.I32).toInts())
                    .containsExactly(1, -1, 0, Integer.MAX_VALUE, Integer.MIN_VALUE, 300, 0);
            assertThat(x.cast(DType.U8).toBytes()).containsExactly(1, 0, 0, (byte) 255, 0, (byte) 255, 0);
            assertThat(x.cast(DType.BOOL).toBooleans()).containsExactly(true, true, true, true, true, true, false);
            assertThat(Tensor.of(new byte[] {(byte) 255}, 1).cast(DType.F32).item())
                    .isEqualTo(255);
            assertThat(Tensor.of(new int[] {-1, 256}, 2).cast(DType.U8).toBytes())
                    .containsExactly((byte) 255, (byte) 0);
            assertThat(Tensor.of(0.1f).cast(DType.BF16).cast(DType.F32).item()).isEqualTo(0.10009765625);
            assertThat(Tensor.of(0.1f).cast(DType.F16).cast(DType.F32).item()).isEqualTo(0.0999755859375);
        });
    }

    @ParameterizedTest
    @EnumSource
    void reductions(TestDevice device) {
        device.run(() -> {
            Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
            assertThat(x.sum().item()).isEqualTo(21);
            assertThat(x.sum(0).toFloats()).containsExactly(5, 7, 9);
            assertThat(x.sum(-1).toFloats()).containsExactly(6, 15);
            assertThat(x.prod(1).toFloats()).containsExactly(6, 120);
            assertThat(x.max(0).toFloats()).containsExactly(4, 5, 6);
            assertThat(x.min(true, 1).shape()).isEqualTo(Shape.of(2, 1));
            assertThat(x.mean(1).toFloats()).containsExactly(2, 5);
            assertThat(Tensor.of(1, NAN, 3).max().item()).isNaN();
            assertThat(Tensor.of(1, NAN, 3).min().item()).isNaN();
            Tensor none = Tensor.zeros(0);
            assertThat(none.sum().item()).isZero();
            assertThat(none.prod().item()).isEqualTo(1);
            assertThat(none.max().item()).isEqualTo(Double.NEGATIVE_INFINITY);
            assertThat(none.min().item()).isEqualTo(Double.POSITIVE_INFINITY);
            assertThat(none.cast(DType.I32).max().item()).isEqualTo(Integer.MIN_VALUE);
            assertThat(none.cast(DType.U8).min().item()).isEqualTo(255);
            assertThat(none.mean().item()).isNaN();
            assertThat(none.cast(DType.BOOL).any().item()).isZero();
            assertThat(none.cast(DType.BOOL).all().item()).isEqualTo(1);
            assertThat(Tensor.scalar(7).sum().item()).isEqualTo(7);
            assertThat(op(new Op.Reduce(ReduceOp.MAX, List.of(1)), x).toFloats())
                    .containsExactly(3, 6);
        });
    }

    @ParameterizedTest
    @EnumSource
    void ordersAndScans(TestDevice device) {
        device.run(() -> {
            Tensor x = Tensor.of(3, 1, NAN, 3, -INF);
            assertThat(x.argmax(0).item()).isEqualTo(2);
            assertThat(x.argmin(0).item()).isEqualTo(2);
            assertThat(Tensor.of(3, 1, 3, 1).argmax(0).item()).isZero();
            assertThat(Tensor.of(3, 1, 3, 1).argmin(0).item()).isEqualTo(1);
            assertThat(x.argsort(0, false).toInts()).containsExactly(4, 1, 0, 3, 2);
            assertThat(x.argsort(0, true).toInts()).containsExactly(2, 0, 3, 1, 4);
            assertThat(x.sort(0, false).toFloats()).containsExactly(-INF, 1, 3, 3, NAN);
            assertThat(Tensor.of(1, 2, 3).cumsum(0).toFloats()).containsExactly(1, 3, 6);
            assertThat(op(new Op.CumulativeSum(0, true), Tensor.of(1, 2, 3)).toFloats())
                    .containsExactly(6, 5, 3);
            var top = Tensor.of(new float[] {1, 9, 5, 4, 2, 8}, 2, 3).topK(2, 1);
            assertThat(top.values().toFloats()).containsExactly(9, 5, 8, 4);
            assertThat(top.indices().toInts()).containsExactly(1, 2, 2, 0);
        });
    }

    @ParameterizedTest
    @EnumSource
    void movement(TestDevice device) {
        device.run(() -> {
            Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
            assertThat(x.transpose().toFloats()).containsExactly(1, 4, 2, 5, 3, 6);
            assertThat(x.flip(1).toFloats()).containsExactly(3, 2, 1, 6, 5, 4);
            assertThat(x.slice(1, 0, 3, 2).toFloats()).containsExactly(1, 3, 4, 6);
            assertThat(x.sum(0).broadcastTo(Shape.of(2, 3)).toFloats()).containsExactly(5, 7, 9, 5, 7, 9);
            assertThat(op(new Op.Pad(List.of(1), List.of(0), List.of(2), 9), Tensor.of(1, 2))
                            .toFloats())
                    .containsExactly(9, 1, 9, 9, 2);
            assertThat(Tensor.concat(1, x, x.slice(1, 0, 1)).toFloats()).containsExactly(1, 2, 3, 1, 4, 5, 6, 4);
            assertThat(Tensor.stack(0, Tensor.of(1, 2), Tensor.of(3, 4)).toFloats())
                    .containsExactly(1, 2, 3, 4);
            assertThat(Tensor.eye(2).toFloats()).containsExactly(1, 0, 0, 1);
            assertThat(op(new Op.Iota(Shape.of(2, 3), DType.I32, 1)).toInts()).containsExactly(0, 1, 2, 0, 1, 2);
        });
    }

    @ParameterizedTest
    @EnumSource
    void indexing(TestDevice device) {
        device.run(() -> {
            Tensor table = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 3, 2);
            assertThat(table.take(Tensor.of(new int[] {2, 0, 2}, 3), 0).toFloats())
                    .containsExactly(5, 6, 1, 2, 5, 6);
            assertThat(table.take(Tensor.of(new int[] {1}, 1), 1).toFloats()).containsExactly(2, 4, 6);
            assertThat(table.takeAlong(Tensor.of(new int[] {1, 0, 1}, 3, 1), 1).toFloats())
                    .containsExactly(2, 3, 6);
            assertThat(Tensor.zeros(3)
                            .scatterAdd(Tensor.of(new int[] {1, 1, 0}, 3), Tensor.of(1, 2, 4), 0)
                            .toFloats())
                    .containsExactly(4, 3, 0);
            assertThat(Tensor.of(new int[] {2, 0}, 2).oneHot(3, DType.F32).toFloats())
                    .containsExactly(0, 0, 1, 1, 0, 0);
        });
    }

    @ParameterizedTest
    @EnumSource
    void indicesOutsideAreNamed(TestDevice device) {
        Tensor table = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 3, 2);
        for (int wrong : new int[] {3, -1}) {
            Tensor indices = Tensor.of(new int[] {0, 1, 2, wrong}, 2, 2);
            assertThatThrownBy(() -> device.run(() -> table.take(indices, 0).evaluate()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessage("gather: index " + wrong + " at position 3, expected 0 to 2");
        }
        Tensor label = Tensor.of(new long[] {10}, 1);
        assertThatThrownBy(() -> device.run(() -> label.oneHot(10, DType.F32).evaluate()))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("scatterAdd: index 10 at position 0, expected 0 to 9");
    }

    @ParameterizedTest
    @EnumSource
    void matrixProducts(TestDevice device) {
        device.run(() -> {
            Tensor a = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2);
            Tensor b = Tensor.of(new float[] {5, 6, 7, 8}, 2, 2);
            assertThat(a.matmul(b).toFloats()).containsExactly(19, 22, 43, 50);
            assertThat(a.transpose().matmul(b).toFloats()).containsExactly(26, 30, 38, 44);
            assertThat(a.matmul(b.transpose()).toFloats()).containsExactly(17, 23, 39, 53);
            assertThat(Tensor.of(1, 2).matmul(Tensor.of(3, 4)).item()).isEqualTo(11);
            assertThat(a.matmul(Tensor.of(1, -1)).toFloats()).containsExactly(-1, -1);
            assertThat(Tensor.of(1, -1).matmul(a).toFloats()).containsExactly(-2, -2);
            assertThat(Tensor.zeros(2, 0).matmul(Tensor.zeros(0, 3)).toFloats()).containsExactly(0, 0, 0, 0, 0, 0);
        });
    }

    @ParameterizedTest
    @EnumSource
    void convolutions(TestDevice device) {
        device.run(() -> {
            Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9}, 1, 3, 3, 1);
            Tensor w = Tensor.of(new float[] {1, 0, 0, -1}, 2, 2, 1, 1);
            assertThat(x.conv2d(w, 1, 0).toFloats()).containsExactly(-4, -4, -4, -4);
            assertThat(x.conv2d(w, 2, 1).toFloats()).containsExactly(-1, -3, -7, -4);
            // The two channels do not meet: two groups.
            Tensor two = Tensor.of(new float[] {1, 10, 2, 20}, 1, 1, 2, 2);
            Tensor scale = Tensor.of(new float[] {3, 5}, 1, 1, 1, 2);
            Window one = Window.of(1, 1, 1, 0, 1);
            assertThat(two.conv2d(scale, one, 2).toFloats()).containsExactly(3, 50, 6, 100);
            Tensor line = Tensor.of(new float[] {1, 2, 3, 4}, 1, 4, 1);
            Tensor difference = Tensor.of(new float[] {-1, 1}, 2, 1, 1);
            assertThat(line.conv1d(difference, 1, 0, 2, 1).toFloats()).containsExactly(2, 2);
            // Each pixel stamps the weights, two apart.
            Tensor stamp = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2, 1, 1);
            Tensor up =
                    Tensor.of(new float[] {1, 10}, 1, 1, 2, 1).convTranspose2d(stamp, Window.of(2, 2, 2, 0, 1), 1, 0);
            assertThat(up.shape()).isEqualTo(Shape.of(1, 2, 4, 1));
            assertThat(up.toFloats()).containsExactly(1, 2, 10, 20, 3, 4, 30, 40);
        });
    }

    @ParameterizedTest
    @EnumSource
    void pooling(TestDevice device) {
        device.run(() -> {
            Tensor x = Tensor.of(new float[] {1, 2, 5, 5, 3, 4, 5, NAN}, 1, 2, 4, 1);
            assertThat(x.maxPool2d(2).toFloats()).containsExactly(4, NAN);
            Tensor y = Tensor.of(new float[] {1, 2, 5, 5, 3, 4, 5, 5}, 1, 2, 4, 1);
            assertThat(y.avgPool2d(2).toFloats()).containsExactly(2.5f, 5);
            Window w = Window.of(2, 2, 2, 0, 1);
            Tensor v = Tensor.of(new float[] {10, 20}, 1, 1, 2, 1);
            // The first of equal ones.
            assertThat(op(new Op.MaxPoolScatter(w), y, v).toFloats()).containsExactly(0, 0, 20, 0, 0, 10, 0, 0);
            assertThat(op(new Op.MaxPoolGather(w), y, y.mul(10)).toFloats()).containsExactly(40, 50);
            assertThat(op(new Op.SumPoolScatter(w, 2, 4), v).toFloats())
                    .containsExactly(10, 10, 20, 20, 10, 10, 20, 20);
        });
    }
}
