package fathom.parity;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.ir.Buffer;
import fathom.tensor.DType;
import fathom.tensor.Tensor;
import org.assertj.core.api.Assertions;

/// How far results may be apart.
///
/// Floating-point elements are equal within `factor * (relative * |expected| + absolute)`: 1e-5 and
/// 1e-6 in F32, 1e-10 and 1e-11 in F64. NaN and infinities must be at the same places. Integers and
/// truth values are equal, whatever their width: libtorch counts in I64 where Fathom does in I32.
final class Close {
    private Close() {}

    static void assertClose(String what, Tensor actual, Tensor expected, double factor) {
        boolean floating = expected.dtype().isFloating();
        if (floating || expected.dtype() == DType.BOOL) {
            assertThat(actual.dtype()).as(what + ", dtype").isEqualTo(expected.dtype());
        } else {
            assertThat(actual.dtype().isInteger())
                    .as(what + ", whether integer")
                    .isTrue();
        }
        assertThat(actual.shape()).as(what + ", shape").isEqualTo(expected.shape());
        double relative = factor * (expected.dtype() == DType.F64 ? 1e-10 : 1e-5);
        double absolute = relative / 10;
        Buffer a = actual.buffer();
        Buffer e = expected.buffer();
        if (floating) {
            Errors.note(expected.dtype(), relative, largest(a, e));
        }
        for (int i = 0; i < expected.size(); i++) {
            boolean close =
                    floating ? near(a.getDouble(i), e.getDouble(i), relative, absolute) : a.getLong(i) == e.getLong(i);
            if (!close) {
                Assertions.fail(
                        "%s: element %d of %s%s is %s, libtorch has %s",
                        what,
                        i,
                        expected.dtype(),
                        expected.shape(),
                        floating ? a.getDouble(i) : (Object) a.getLong(i),
                        floating ? e.getDouble(i) : (Object) e.getLong(i));
            }
        }
    }

    /// The largest difference, as a multiple of what would be allowed with a tolerance of 1.
    private static double largest(Buffer actual, Buffer expected) {
        double largest = 0;
        for (int i = 0; i < expected.size(); i++) {
            double e = expected.getDouble(i);
            if (Double.isFinite(e)) {
                largest = Math.max(largest, Math.abs(actual.getDouble(i) - e) / (Math.abs(e) + 0.1));
            }
        }
        return largest;
    }

    private static boolean near(double a, double e, double relative, double absolute) {
        if (Double.isNaN(e) || Double.isInfinite(e)) {
            return Double.compare(a, e) == 0;
        }
        return Math.abs(a - e) <= relative * Math.abs(e) + absolute;
    }
}
