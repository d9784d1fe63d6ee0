package fathom.io.onnx.operators;

import fathom.tensor.DType;
import fathom.tensor.Tensor;
import java.util.Objects;

/// Sums of products of small integers, exact to the last bit. They are computed as fractions, for which
/// there are fast products: F32 is exact up to 2^24, F64 up to 2^53.
final class IntegerSums {
    private static final long EXACT = 1L << 24;

    private IntegerSums() {}

    /// The product of matrices of whole numbers as I32.
    ///
    /// @param a whole numbers, F32
    /// @param mostA a bound of their size
    /// @param b whole numbers, F32
    /// @param mostB a bound of their size
    static Tensor product(Tensor a, long mostA, Tensor b, long mostB) {
        int terms = a.dim(-1);
        int fit = (int) Math.min(Integer.MAX_VALUE, EXACT / Math.max(1, mostA * mostB));
        if (terms <= fit) {
            return a.matmul(b).cast(DType.I32);
        }
        int parts = Math.ceilDiv(terms, Math.max(1, fit));
        if (parts > 8) {
            return a.cast(DType.F64).matmul(b.cast(DType.F64)).cast(DType.I32);
        }
        int each = Math.ceilDiv(terms, parts);
        int rows = b.rank() == 1 ? 0 : b.rank() - 2;
        Tensor sum = null;
        for (int from = 0; from < terms; from += each) {
            int to = Math.min(terms, from + each);
            Tensor part = a.slice(-1, from, to).matmul(b.slice(rows, from, to)).cast(DType.I32);
            sum = sum == null ? part : sum.add(part);
        }
        return Objects.requireNonNull(sum);
    }

    /// The dtype in which a sum of so many products is exact.
    static DType exact(long terms, long mostA, long mostB) {
        return terms <= EXACT / Math.max(1, mostA * mostB) ? DType.F32 : DType.F64;
    }
}
