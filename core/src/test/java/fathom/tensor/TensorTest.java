package fathom.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import fathom.ir.Buffer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/// Making tensors and reading them.
class TensorTest {
    private static void refused(ThrowingCallable call, String... parts) {
        assertThatThrownBy(call)
                .isInstanceOf(IllegalArgumentException.class)
                .message()
                .contains(parts);
    }

    @Test
    void elementsAreCopied() {
        float[] values = {1, 2, 3, 4};
        Tensor t = Tensor.of(values, 2, 2);
        values[0] = 9;
        t.toFloats()[1] = 9;
        assertThat(t.toFloats()).containsExactly(1, 2, 3, 4);
    }

    @Test
    void everyDtypeIsReadAsItself() {
        assertThat(Tensor.of(new double[] {1.5}, 1).toDoubles()).containsExactly(1.5);
        assertThat(Tensor.of(new int[] {1, -2}).toInts()).containsExactly(1, -2);
        assertThat(Tensor.of(new long[] {1L << 40}, 1).toLongs()).containsExactly(1L << 40);
        assertThat(Tensor.of(new byte[] {-1, 1}).toBytes()).containsExactly(-1, 1);
        assertThat(Tensor.of(new boolean[] {true, false}).toBooleans()).containsExactly(true, false);
        assertThat(Tensor.of(new float[][] {{1, 2}, {3, 4}}).shape()).isEqualTo(Shape.of(2, 2));
    }

    @Test
    void everyDtypeIsReadAsDoubles() {
        assertThat(Tensor.of(1.5f, -2).toDoubles()).containsExactly(1.5, -2);
        assertThat(Tensor.of(1.5f, -2).cast(DType.F16).toDoubles()).containsExactly(1.5, -2);
        assertThat(Tensor.of(1.5f, -2).cast(DType.BF16).toDoubles()).containsExactly(1.5, -2);
        assertThat(Tensor.of(new int[] {Integer.MIN_VALUE}).toDoubles()).containsExactly(Integer.MIN_VALUE);
        assertThat(Tensor.of(new long[] {1L << 53, (1L << 53) + 1}).toDoubles()).containsExactly(0x1p53, 0x1p53);
        assertThat(Tensor.of(new byte[] {-1, 1}).toDoubles()).containsExactly(255, 1);
        assertThat(Tensor.of(new boolean[] {true, false}).toDoubles()).containsExactly(1, 0);
        assertThat(Tensor.zeros(0, 3).toDoubles()).isEmpty();
        Tensor doubles = Tensor.of(new double[] {3, 4});
        doubles.toDoubles()[0] = 9;
        assertThat(doubles.toDoubles()).containsExactly(3, 4);
    }

    @Test
    void arraysWithoutAShapeAreVectorsHoweverLong() {
        assertThat(Tensor.of(1f).shape()).isEqualTo(Shape.of(1));
        assertThat(Tensor.of(new double[] {1}).shape()).isEqualTo(Shape.of(1));
        assertThat(Tensor.of(new int[] {1}).shape()).isEqualTo(Shape.of(1));
        assertThat(Tensor.of(new long[0]).shape()).isEqualTo(Shape.of(0));
        assertThat(Tensor.of(new byte[] {1}).shape()).isEqualTo(Shape.of(1));
        assertThat(Tensor.of(new boolean[] {true}).shape()).isEqualTo(Shape.of(1));
        assertThat(Tensor.of(new double[] {1}, new int[0]).shape()).isEqualTo(Shape.of());
    }

    @Test
    void readingAnotherDtypeNamesBoth() {
        assertThatThrownBy(() -> Tensor.of(1, 2).toInts())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("toInts: the tensor is F32[2], expected I32; cast(DType.I32) converts it");
        assertThatThrownBy(() -> Tensor.arange(3).toFloats())
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("toFloats: the tensor is I32[3], expected F32");
        assertThatThrownBy(() -> Tensor.of(1, 2).toLongs()).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> Tensor.of(1, 2).toBytes()).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> Tensor.of(1, 2).toBooleans()).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> Tensor.of(1, 2).item())
                .isInstanceOf(IllegalStateException.class)
                .hasMessage("item: a tensor of shape [2], expected one element");
    }

    @Test
    void twoToThe31ElementsAreTooMany() {
        refused(() -> Tensor.zeros(1 << 16, 1 << 15), "2147483648", "fewer than 2^31");
        refused(
                () -> Tensor.zeros(1 << 20, 1 << 20, 1 << 20, 1 << 20),
                "[1048576, 1048576, 1048576, 1048576]",
                "far more",
                "2^31");
        refused(() -> Tensor.zeros(50_000, 1).add(Tensor.zeros(1, 50_000)), "[50000, 50000]", "2^31");
        assertThat(Tensor.zeros(46_340, 46_340).size()).isEqualTo(46_340 * 46_340);
        refused(() -> Tensor.zeros(2, -1), "[2, -1]", "below 0");
    }

    @Test
    void shapesMustHoldTheElements() {
        refused(() -> Tensor.of(new float[] {1, 2, 3}, 2, 2), "3 elements", "[2, 2]", "expected 4");
        refused(() -> Tensor.of(new float[][] {{1, 2}, {3}}), "row 1 has 1", "expected 2");
        refused(() -> Tensor.of(Buffer.allocate(DType.F32, 2), Shape.of(3)), "2 elements", "[3]");
    }

    @Test
    void constants() {
        assertThat(Tensor.zeros(2).toFloats()).containsExactly(0, 0);
        assertThat(Tensor.ones(2).toFloats()).containsExactly(1, 1);
        assertThat(Tensor.zeros(Shape.of(1, 2)).toString())
                .isEqualTo(Tensor.zeros(1, 2).toString());
        assertThat(Tensor.ones(Shape.of(2, 1)).toString())
                .isEqualTo(Tensor.ones(2, 1).toString());
        assertThat(Tensor.full(Shape.of(2), DType.I64, 7).toLongs()).containsExactly(7, 7);
        assertThat(Tensor.scalar(2.5).shape()).isEqualTo(Shape.SCALAR);
        refused(() -> Tensor.full(Shape.of(2), DType.I32, 0.5), "0.5", "I32", "whole");
        refused(() -> Tensor.full(Shape.of(2), DType.BOOL, 2), "2.0", "BOOL", "0 or 1");
        refused(() -> Tensor.full(Shape.of(2), DType.I32, 3e9), "3.0E9", "I32");
        refused(() -> Tensor.full(Shape.of(2), DType.U8, -1), "-1.0", "U8");
        refused(() -> Tensor.of(new int[] {1}, 1).add(0.5), "0.5", "I32");
    }

    @Test
    void ranges() {
        assertThat(Tensor.arange(4).toInts()).containsExactly(0, 1, 2, 3);
        assertThat(Tensor.arange(1, 2, 0.25).toFloats()).containsExactly(1, 1.25f, 1.5f, 1.75f);
        assertThat(Tensor.arange(3, 0, -1).toFloats()).containsExactly(3, 2, 1);
        assertThat(Tensor.arange(3, 3, 1).size()).isZero();
        assertThat(Tensor.linspace(0, 1, 5).toFloats()).containsExactly(0, 0.25f, 0.5f, 0.75f, 1);
        assertThat(Tensor.linspace(3, 4, 1).toFloats()).containsExactly(3);
        refused(() -> Tensor.arange(0, 1, 0), "step 0");
    }

    @Test
    void broadcasting() {
        Tensor column = Tensor.of(new float[] {10, 20}, 2, 1);
        Tensor row = Tensor.of(1, 2, 3);
        assertThat(column.add(row).toFloats()).containsExactly(11, 12, 13, 21, 22, 23);
        assertThat(row.mul(column).shape()).isEqualTo(Shape.of(2, 3));
        assertThat(Tensor.zeros(2, 1, 3).add(Tensor.zeros(4, 1)).shape()).isEqualTo(Shape.of(2, 4, 3));
        assertThat(Tensor.zeros(0, 3).add(row).shape()).isEqualTo(Shape.of(0, 3));
        assertThat(Tensor.scalar(1).add(row).toFloats()).containsExactly(2, 3, 4);
        refused(
                () -> Tensor.zeros(2, 3).add(Tensor.zeros(2, 4)),
                "add",
                "[2, 3]",
                "[2, 4]",
                "sizes 3 and 4",
                "axis -1");
        refused(() -> row.broadcastTo(Shape.of(4)), "[3]", "[4]");
        refused(() -> column.broadcastTo(Shape.of(2)), "[2, 1]", "[2]", "no fewer axes");
    }

    @Test
    void dtypesDoNotMix() {
        refused(() -> Tensor.of(1, 2).add(Tensor.arange(2)), "add(F32[2], I32[2])", "one dtype", "cast()");
        refused(() -> Tensor.arange(2).exp(), "exp(I32[2])", "F32 or F64");
        refused(() -> Tensor.of(new boolean[] {true}).add(1), "BOOL[1]", "cast()");
        refused(() -> Tensor.of(1, 2).cast(DType.F16).add(1), "F16[2]", "cast()");
        refused(() -> Tensor.of(1, 2).select(Tensor.of(1, 2), Tensor.of(1, 2)), "BOOL condition");
        refused(() -> Tensor.of(1, 2).not(), "not(F32[2])", "BOOL");
    }

    @Test
    void booleansAreCountedAndIntegersAveraged() {
        Tensor isEven = Tensor.of(new boolean[] {true, false, true, true, false, true}, 2, 3);
        assertThat(isEven.sum(1).toInts()).containsExactly(2, 2);
        assertThat(isEven.sum(true, 0).shape()).isEqualTo(Shape.of(1, 3));
        assertThat(isEven.sum().item()).isEqualTo(4);
        assertThat(isEven.mean(0).toFloats()).containsExactly(1, 0, 1);
        assertThat(Tensor.of(new int[] {1, 2, 4, 4}, 2, 2).mean(1).toFloats()).containsExactly(1.5f, 4);
        assertThat(Tensor.of(new int[] {1, 2}).sum().dtype()).isEqualTo(DType.I32);
        assertThat(Tensor.of(new boolean[0]).sum().item()).isZero();
        assertThat(Tensor.of(new boolean[0]).mean().item()).isNaN();
    }

    @Test
    void comparisonsAndLogic() {
        Tensor x = Tensor.of(1, 2, Float.NaN);
        Tensor y = Tensor.of(2, 2, 2);
        assertThat(x.less(y).toBooleans()).containsExactly(true, false, false);
        assertThat(x.lessEqual(y).toBooleans()).containsExactly(true, true, false);
        assertThat(x.greater(1).toBooleans()).containsExactly(false, true, false);
        assertThat(x.greaterEqual(y).toBooleans()).containsExactly(false, true, false);
        assertThat(x.equal(x).toBooleans()).containsExactly(true, true, false);
        assertThat(x.notEqual(2).toBooleans()).containsExactly(true, false, true);
        assertThat(x.isNaN().toBooleans()).containsExactly(false, false, true);
        Tensor limits = Tensor.of(Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, Float.MAX_VALUE);
        assertThat(limits.isFinite().toBooleans()).containsExactly(false, false, true);
        assertThat(x.isFinite().toBooleans()).containsExactly(true, true, false);
        Tensor a = Tensor.of(new boolean[] {true, true, false});
        Tensor b = Tensor.of(new boolean[] {true, false, false});
        assertThat(a.and(b).toBooleans()).containsExactly(true, false, false);
        assertThat(a.or(b).toBooleans()).containsExactly(true, true, false);
        assertThat(a.xor(b).toBooleans()).containsExactly(false, true, false);
        assertThat(a.any().item()).isEqualTo(1);
        assertThat(a.all().item()).isZero();
        assertThat(a.select(Tensor.scalar(1), Tensor.of(5, 6, 7)).toFloats()).containsExactly(1, 1, 7);
    }

    @Test
    void powers() {
        Tensor x = Tensor.of(1, 4, 9);
        assertThat(x.pow(0.5).toFloats()).containsExactly(1, 2, 3);
        assertThat(x.pow(2).toFloats()).containsExactly(1, 16, 81);
        assertThat(x.pow(-1).toFloats()).containsExactly(1, 0.25f, 1 / 9f);
        assertThat(x.pow(0).toFloats()).containsExactly(1, 1, 1);
        assertThat(x.rsub(10).toFloats()).containsExactly(9, 6, 1);
        assertThat(x.rdiv(36).toFloats()).containsExactly(36, 9, 4);
        assertThat(x.clamp(2, 5).toFloats()).containsExactly(2, 4, 5);
    }

    @Test
    void statistics() {
        Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5, 6}, 2, 3);
        assertThat(x.variance().item()).isCloseTo(35.0 / 12, within(1e-6));
        assertThat(x.variance(1, false, 1).toFloats()).containsExactly(1, 1);
        float infinity = Float.POSITIVE_INFINITY;
        Tensor y = Tensor.of(new float[] {1000, 1000, -infinity, -infinity, infinity, 0}, 3, 2);
        assertThat(y.logSumExp(false, 1).toFloats())
                .containsExactly(new float[] {1000 + (float) Math.log(2), -infinity, infinity}, within(1e-3f));
        assertThat(x.softmax(1).sum(1).toFloats()).containsExactly(new float[] {1, 1}, within(1e-6f));
        assertThat(x.add(1000).softmax(1).toFloats())
                .containsExactly(x.softmax(1).toFloats(), within(1e-6f));
        assertThat(x.logSoftmax(-1).exp().toFloats())
                .containsExactly(x.softmax(-1).toFloats(), within(1e-6f));
        refused(() -> x.sum(0, 0), "[0, 0]", "twice");
        refused(() -> x.sum(2), "axis 2", "[2, 3]", "-2 to 1");
        refused(() -> Tensor.scalar(1).sum(0), "axis 0", "a scalar has no axes");
        refused(() -> Tensor.zeros(0, 3).argmax(0), "argmax", "at least one element");
    }

    @Test
    void convolutionMistakes() {
        Tensor image = Tensor.zeros(1, 5, 5, 2);
        refused(
                () -> image.conv2d(Tensor.zeros(3, 3, 3, 8), 1, 0),
                "convolution(F32[1, 5, 5, 2], F32[3, 3, 3, 8])",
                "2 input channels");
        refused(() -> image.conv2d(Tensor.zeros(3, 3), 1, 0), "conv2d", "[KH, KW, C, K]");
        refused(() -> image.conv2d(Tensor.zeros(3, 3, 2, 8), 0, 0), "stride 0x0", "at least 1x1");
        refused(() -> image.conv2d(Tensor.zeros(3, 3, 2, 8), 1, -1), "padding", "none below 0");
        refused(() -> image.maxPool2d(6), "maxPool", "[1, 5, 5, 2]", "5x5");
        refused(() -> Tensor.zeros(5, 2).conv1d(Tensor.zeros(3, 2, 8), 1, 0, 1, 1), "[N, L, C]");
    }

    @Test
    void matmulMistakes() {
        refused(
                () -> Tensor.zeros(2, 3).matmul(Tensor.zeros(2, 3)),
                "matMul(F32[2, 3], F32[2, 3])",
                "inner sizes 3 and 2");
        refused(() -> Tensor.scalar(1).matmul(Tensor.zeros(2)), "matmul", "mul() scales");
        refused(() -> Tensor.zeros(2, 2, 3).matmul(Tensor.zeros(3, 3, 4)), "matmul", "do not broadcast");
        refused(() -> Tensor.arange(2).matmul(Tensor.arange(2)), "I32", "F32 or F64");
    }

    @Test
    void stacksOfMatricesBroadcast() {
        Tensor a = Tensor.arange(12).cast(DType.F32).reshape(2, 1, 2, 3);
        Tensor b = Tensor.arange(9).cast(DType.F32).reshape(1, 3, 3);
        Tensor y = a.matmul(b);
        assertThat(y.shape()).isEqualTo(Shape.of(2, 1, 2, 3));
        Tensor flat = a.reshape(4, 3).matmul(b.reshape(3, 3));
        assertThat(y.toFloats()).isEqualTo(flat.toFloats());
        assertThat(a.matmul(Tensor.ones(3)).shape()).isEqualTo(Shape.of(2, 1, 2));
    }
}
