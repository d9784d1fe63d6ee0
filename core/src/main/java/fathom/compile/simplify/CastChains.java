package fathom.compile.simplify;

import fathom.ir.Graph;
import fathom.ir.Graph.Entry;
import fathom.ir.Op;
import fathom.tensor.DType;
import org.jspecify.annotations.Nullable;

/// Leaves out the first of two conversions if it loses nothing: `F32 → F64 → F32` is none, `U8 → I32
/// → F32` is one.
final class CastChains implements Pass {
    @Override
    public Graph apply(Graph graph) {
        return Rewriter.rewrite(graph, (to, _, e) -> e.op() instanceof Op.Cast ? shorter(to, e) : null);
    }

    private static @Nullable Integer shorter(Rewriter to, Entry e) {
        Entry inner = to.operand(e, 0);
        if (!(inner.op() instanceof Op.Cast)) {
            return null;
        }
        Integer x = inner.inputs().getFirst();
        DType from = to.entry(x).dtype();
        if (!isWithin(from, inner.dtype())) {
            return null;
        }
        if (from == e.dtype()) {
            return x;
        }
        // Fractions that do not fit into whole numbers saturate, whole numbers wrap.
        boolean sameWay = isFraction(from) == isFraction(inner.dtype()) || isFraction(e.dtype());
        return sameWay || e.dtype() == DType.BOOL || isWithin(from, e.dtype())
                ? to.add(e.op(), e.shape(), e.dtype(), x)
                : null;
    }

    private static boolean isFraction(DType dtype) {
        return dtype.isFloating() || dtype.isHalf();
    }

    /// Whether every value of a dtype is one of another.
    private static boolean isWithin(DType a, DType b) {
        return a == b
                || switch (a) {
                    case BOOL -> true;
                    case U8 -> b != DType.BOOL;
                    case I32 -> b == DType.I64 || b == DType.F64;
                    case F16, BF16 -> b.isFloating();
                    case F32 -> b == DType.F64;
                    case I64, F64 -> false;
                };
    }
}
