package fathom.ops;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.ir.Buffer;
import fathom.tensor.DType;
import fathom.tensor.Tensor;
import org.assertj.core.api.Assertions;

/// Compares tensors that may differ by rounding.
public final class Close {
    private Close() {}

    /// The usual error that is allowed, against 1 + |expected|.
    public static double tolerance(DType dtype) {
        return switch (dtype) {
            case F32 -> 4e-6;
            case F64 -> 2e-14;
            case F16 -> 1e-3;
            case BF16 -> 1e-2;
            case I32, I64, U8, BOOL -> 0;
        };
    }

    /// Asserts that shapes and dtypes are equal, that NaN and infinities are at the same places,
    /// and that all else is close.
    ///
    /// @param factor how much larger errors may be than usual
    public static void assertClose(String what, Tensor actual, Tensor expected, double factor) {
        assertThat(actual.dtype()).as(what).isEqualTo(expected.dtype());
        assertThat(actual.shape()).as(what).isEqualTo(expected.shape());
        Buffer a = actual.buffer();
        Buffer e = expected.buffer();
        double tolerance = tolerance(expected.dtype()) * factor;
        boolean whole = expected.dtype().isInteger() || expected.dtype() == DType.BOOL;
        for (int i = 0; i < expected.size(); i++) {
            boolean fits = whole ? a.getLong(i) == e.getLong(i) : near(a.getDouble(i), e.getDouble(i), tolerance);
            if (!fits) {
                Assertions.fail(
                        "%s: element %d of %s%s is %s, expected %s",
                        what,
                        i,
                        expected.dtype(),
                        expected.shape(),
                        whole ? a.getLong(i) : (Object) a.getDouble(i),
                        whole ? e.getLong(i) : (Object) e.getDouble(i));
            }
        }
    }

    static boolean near(double a, double e, double tolerance) {
        if (Double.isNaN(e) || Double.isInfinite(e)) {
            return Double.compare(a, e) == 0;
        }
        return Math.abs(a - e) <= tolerance * (1 + Math.abs(e));
    }
}
