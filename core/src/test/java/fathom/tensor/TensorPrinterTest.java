package fathom.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.ir.Buffer;
import org.junit.jupiter.api.Test;

/// The texts are NumPy's, but for what follows the last bracket.
class TensorPrinterTest {
    @Test
    void vectorsAndMatrices() {
        assertThat(Tensor.of(1.5f, -2.25f, 100f)).hasToString("[  1.5   -2.25 100.  ]");
        assertThat(Tensor.of(new float[] {0, 1, 2, 3, 4, 5}, 2, 3)).hasToString("""
                        [[0. 1. 2.]
                         [3. 4. 5.]]\
                        """);
        assertThat(Tensor.of(new float[] {1, 22.5f}, 2, 1)).hasToString("""
                        [[ 1. ]
                         [22.5]]\
                        """);
    }

    @Test
    void moreAxesAreSetApart() {
        assertThat(Tensor.of(new float[] {0, 1, 2, 3, 4, 5, 6, 7}, 2, 2, 2)).hasToString("""
                        [[[0. 1.]
                          [2. 3.]]

                         [[4. 5.]
                          [6. 7.]]]\
                        """);
    }

    @Test
    void longLinesAreBroken() {
        assertThat(Tensor.arange(30).cast(DType.F32).add(0.5)).hasToString("""
                        [ 0.5  1.5  2.5  3.5  4.5  5.5  6.5  7.5  8.5  9.5 10.5 11.5 12.5 13.5
                         14.5 15.5 16.5 17.5 18.5 19.5 20.5 21.5 22.5 23.5 24.5 25.5 26.5 27.5
                         28.5 29.5]\
                        """);
    }

    @Test
    void manyElementsAreAbridged() {
        assertThat(Tensor.arange(1001).cast(DType.F32))
                .hasToString("[   0.    1.    2. ...  998.  999. 1000.] F32[1001]");
        assertThat(Tensor.arange(2500).reshape(50, 50)).hasToString("""
                        [[   0    1    2 ...   47   48   49]
                         [  50   51   52 ...   97   98   99]
                         [ 100  101  102 ...  147  148  149]
                         ...
                         [2350 2351 2352 ... 2397 2398 2399]
                         [2400 2401 2402 ... 2447 2448 2449]
                         [2450 2451 2452 ... 2497 2498 2499]] I32[50, 50]\
                        """);
    }

    @Test
    void onlyTheDigitsThatCount() {
        assertThat(Tensor.of(1 / 3f, 2 / 3f)).hasToString("[0.33333334 0.6666667 ]");
        assertThat(Tensor.of(new double[] {1 / 3d, 2 / 3d})).hasToString("[0.33333333 0.66666667] F64[2]");
        Buffer half = Buffer.allocate(DType.F16, 2);
        half.setDouble(0, 0.1);
        half.setDouble(1, 2.5);
        assertThat(Tensor.of(half, Shape.of(2))).hasToString("[0.1 2.5] F16[2]");
    }

    @Test
    void exponentsWhereNumbersAreFarApart() {
        assertThat(Tensor.of(1e-5f, 1, -250)).hasToString("[ 1.0e-05  1.0e+00 -2.5e+02]");
        assertThat(Tensor.of(1e10f, -0f)).hasToString("[ 1.e+10 -0.e+00]");
        assertThat(Tensor.of(1e-40f)).hasToString("[1.e-40]");
        assertThat(Tensor.of(new double[] {1e-200, 1}, 2)).hasToString("[1.e-200 1.e+000] F64[2]");
    }

    @Test
    void notANumberAndInfinities() {
        assertThat(Tensor.of(1, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY))
                .hasToString("[  1.  nan  inf -inf]");
        assertThat(Tensor.of(Float.NaN, Float.NaN)).hasToString("[nan nan]");
    }

    @Test
    void integersAndTruthValues() {
        assertThat(Tensor.of(new int[] {1, -20, 300, 4}, 2, 2)).hasToString("""
                        [[  1 -20]
                         [300   4]] I32[2, 2]\
                        """);
        assertThat(Tensor.of(new byte[] {0, (byte) 200})).hasToString("[  0 200] U8[2]");
        assertThat(Tensor.of(new boolean[] {true, false})).hasToString("[ True False] BOOL[2]");
    }

    @Test
    void scalars() {
        assertThat(Tensor.scalar(3)).hasToString("3.0");
        assertThat(Tensor.scalar(-0.1)).hasToString("-0.1");
        assertThat(Tensor.scalar(1e20)).hasToString("1e+20");
        assertThat(Tensor.scalar(1.25e-7)).hasToString("1.25e-07");
        assertThat(Tensor.scalar(Double.NaN)).hasToString("nan");
        assertThat(Tensor.full(Shape.SCALAR, DType.I64, -7)).hasToString("-7 I64");
        assertThat(Tensor.full(Shape.SCALAR, DType.BOOL, 1)).hasToString("True BOOL");
    }

    @Test
    void nothing() {
        assertThat(Tensor.zeros(0, 3)).hasToString("[] F32[0, 3]");
        assertThat(Tensor.zeros(0)).hasToString("[] F32[0]");
    }
}
