package fathom.backend.cpu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import fathom.backend.cpu.LoopKernel.ColumnStride;
import fathom.ir.UnaryOp;
import fathom.tensor.DType;
import java.util.List;
import java.util.function.DoubleUnaryOperator;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The polynomials against double precision, over floats of every magnitude.
class MathAccuracyTest {
    private static final int BLOCK = 4096;

    @ParameterizedTest
    @CsvSource({
        "EXP, 1.0",
        "EXPM1, 1.5",
        "LOG, 1.0",
        "LOG1P, 1.5",
        "SIGMOID, 2.5",
        "TANH, 2.5",
        "ERF, 2.0",
        "SIN, 2.0",
        "COS, 2.0",
        "SQRT, 0.51"
    })
    void floatsAreWithinUnitsInTheLastPlace(UnaryOp op, double limit) {
        var worst = new Worst();
        // Every magnitude, both signs; an odd step so that all low bits occur.
        for (long bits = 0; bits < 0xFF800000L; ) {
            var x = new float[BLOCK];
            for (int i = 0; i < BLOCK; i++, bits += 8191) {
                x[i] = Float.intBitsToFloat((int) Math.min(bits, 0xFF800000L));
            }
            worst.compare(op, x);
        }
        // The range that networks live in, densely.
        for (int block = 0; block < 96; block++) {
            var x = new float[BLOCK];
            for (int i = 0; i < BLOCK; i++) {
                x[i] = -12 + 24f * (block * BLOCK + i) / (96 * BLOCK);
            }
            worst.compare(op, x);
        }
        assertThat(worst.ulps).as("%s at %s", op, worst.at).isLessThanOrEqualTo(limit);
    }

    private static final class Worst {
        double ulps;
        float at;

        void compare(UnaryOp op, float[] x) {
            var y = apply(op, x);
            var exact = exact(op);
            for (int i = 0; i < x.length; i++) {
                double off = ulps(y[i], exact.applyAsDouble(x[i]));
                if (off > ulps) {
                    ulps = off;
                    at = x[i];
                }
            }
        }
    }

    /// The distance in units of the last place that the nearest float has.
    private static double ulps(float value, double exact) {
        if (Double.isNaN(exact)) {
            return Float.isNaN(value) ? 0 : Double.POSITIVE_INFINITY;
        }
        float nearest = (float) exact;
        if (value == nearest) {
            return Math.abs(value - exact) / Math.max(Math.ulp(nearest), Float.MIN_VALUE) < 1
                            || Float.isInfinite(nearest)
                    ? 0
                    : 1;
        }
        if (Float.isNaN(value) || Float.isInfinite(value) != Float.isInfinite(nearest)) {
            return Double.POSITIVE_INFINITY;
        }
        return Math.abs(value - exact) / Math.ulp(nearest);
    }

    private static DoubleUnaryOperator exact(UnaryOp op) {
        return switch (op) {
            case EXP -> StrictMath::exp;
            case EXPM1 -> StrictMath::expm1;
            case LOG -> StrictMath::log;
            case LOG1P -> StrictMath::log1p;
            case SIGMOID -> x -> x < 0 ? StrictMath.exp(x) / (1 + StrictMath.exp(x)) : 1 / (1 + StrictMath.exp(-x));
            case TANH -> StrictMath::tanh;
            case ERF -> MathErf::erf;
            case SIN -> StrictMath::sin;
            case COS -> StrictMath::cos;
            case SQRT -> StrictMath::sqrt;
            default -> throw new IllegalArgumentException("no exact " + op);
        };
    }

    private static float[] apply(UnaryOp op, float[] x) {
        var kernel = new LoopKernel(
                List.of(new LoopKernel.Load(0, DType.F32), new LoopKernel.Unary(op, 0)),
                List.of(ColumnStride.CONTIGUOUS),
                List.of(new LoopKernel.Store(1, ColumnStride.CONTIGUOUS)));
        var y = new float[x.length];
        COMPILER.compile(kernel)
                .run(
                        new LoopArguments(new Object[] {x, y}, new int[2], new int[2], new int[] {1, 1}, new long[0]),
                        1,
                        x.length);
        return y;
    }

    private static final LoopCompiler COMPILER = new LoopCompiler(VectorSupport.preferredBits());

    @Test
    void specialValues() {
        float inf = Float.POSITIVE_INFINITY;
        float nan = Float.NaN;
        float[] x = {0f, -0f, inf, -inf, nan, Float.MIN_VALUE, -Float.MIN_VALUE, -1f};
        assertThat(apply(UnaryOp.EXP, x)).containsExactly(1, 1, inf, 0, nan, 1, 1, 0.36787945f);
        assertThat(apply(UnaryOp.EXPM1, x))
                .containsExactly(0f, -0f, inf, -1, nan, Float.MIN_VALUE, -Float.MIN_VALUE, -0.63212055f);
        assertThat(apply(UnaryOp.LOG, x)).containsExactly(-inf, -inf, inf, nan, nan, -103.27893f, nan, nan);
        assertThat(apply(UnaryOp.LOG1P, x))
                .containsExactly(0f, -0f, inf, nan, nan, Float.MIN_VALUE, -Float.MIN_VALUE, -inf);
        assertThat(apply(UnaryOp.TANH, x))
                .containsExactly(0f, -0f, 1, -1, nan, Float.MIN_VALUE, -Float.MIN_VALUE, -0.7615942f);
        assertThat(apply(UnaryOp.ERF, x)).startsWith(0f, -0f, 1, -1, nan, Float.MIN_VALUE, -Float.MIN_VALUE);
        assertThat(apply(UnaryOp.SIN, x)).startsWith(0f, -0f, nan, nan, nan, Float.MIN_VALUE, -Float.MIN_VALUE);
        assertThat(apply(UnaryOp.COS, x)).startsWith(1, 1, nan, nan, nan, 1, 1);
        assertThat(apply(UnaryOp.SIGMOID, x)).startsWith(0.5f, 0.5f, 1, 0, nan, 0.5f, 0.5f);
        assertThat(apply(UnaryOp.SQRT, x)).startsWith(0f, -0f, inf, nan, nan);
    }

    @Test
    void results() {
        // Large arguments of the trigonometric functions, overflow and underflow.
        assertThat(apply(UnaryOp.SIN, new float[] {1e5f, 1e6f, 3e38f, -2e7f}))
                .containsExactly(
                        (float) StrictMath.sin(1e5f),
                        (float) StrictMath.sin(1e6f),
                        (float) StrictMath.sin(3e38f),
                        (float) StrictMath.sin(-2e7f));
        assertThat(apply(UnaryOp.EXP, new float[] {88.7f, 88.73f, -103.97f, -104f, -90f}))
                .containsExactly(
                        (float) Math.exp(88.7f), Float.POSITIVE_INFINITY, (float) Math.exp(-103.97f), 0, (float)
                                Math.exp(-90f));
    }

    /// Values from arithmetic with 40 digits.
    @ParameterizedTest
    @CsvSource({
        "1e-300, 1.1283791670955126e-300",
        "1e-10, 1.1283791670955126e-10",
        "0.1, 0.1124629160182848922",
        "0.5, 0.5204998778130465377",
        "1, 0.8427007929497148693",
        "1.5, 0.9661051464753107271",
        "1.9999, 0.9953201979070294",
        "2, 0.9953222650189527342",
        "2.5, 0.9995930479825550411",
        "3, 0.9999779095030014146",
        "4, 0.9999999845827420998",
        "5.5, 0.9999999999999926422",
        "10, 1"
    })
    void errorFunctionOfDoubles(double x, double expected) {
        assertThat(MathErf.erf(x)).isCloseTo(expected, within(3 * Math.ulp(expected)));
        assertThat(MathErf.erf(-x)).isEqualTo(-MathErf.erf(x));
    }
}
