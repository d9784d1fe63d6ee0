package fathom.io.onnx.export;

import fathom.ir.BinaryOp;
import fathom.ir.Op;
import fathom.ir.ReduceOp;
import fathom.ir.UnaryOp;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// Recognises operations by what they are made of.
final class Match {
    private static final double CLOSE = 1e-6;

    private Match() {}

    static boolean binary(Term t, BinaryOp function) {
        return t.op() instanceof Op.Binary b && b.function() == function;
    }

    static boolean unary(Term t, UnaryOp function) {
        return t.op() instanceof Op.Unary u && u.function() == function;
    }

    static boolean reduce(Term t, ReduceOp how) {
        return t.op() instanceof Op.Reduce r && r.how() == how;
    }

    /// What is repeated; the term itself if nothing is.
    static Term repeated(Term t) {
        return t.op() instanceof Op.Broadcast ? t.in(0) : t;
    }

    /// Without axes of size 1 that were added or taken away.
    static Term withoutOnes(Term t) {
        Term now = t;
        while (now.op() instanceof Op.Reshape && differsByOnes(now, now.in(0))) {
            now = now.in(0);
        }
        return now;
    }

    static boolean differsByOnes(Term a, Term b) {
        return a.sizes().stream()
                .filter(s -> !s.isOne())
                .toList()
                .equals(b.sizes().stream().filter(s -> !s.isOne()).toList());
    }

    /// What is repeated along the first axes and has exactly the last of them.
    static Optional<Term> alongLast(Term t, int axes) {
        Term below = repeated(t);
        int first = below.rank() - axes;
        boolean fits = first >= 0
                && IntStream.range(0, first).allMatch(i -> below.size(i).isOne())
                && below.sizes().subList(first, below.rank()).equals(t.sizes().subList(t.rank() - axes, t.rank()));
        Term base = withoutOnes(below);
        boolean exact =
                fits && base.rank() == axes && base.sizes().equals(below.sizes().subList(first, below.rank()));
        return exact ? Optional.of(base) : Optional.empty();
    }

    /// A mean over axes, which stay with size 1 or are gone.
    record Mean(Term x, List<Integer> axes) {}

    /// A sum times one over the number of its terms.
    static Optional<Mean> mean(Term t) {
        if (!binary(t, BinaryOp.MULTIPLY)) {
            return Optional.empty();
        }
        Term sum = withoutOnes(t.in(0));
        if (!(sum.op() instanceof Op.Reduce r)
                || r.how() != ReduceOp.SUM
                || !sum.dtype().isFloating()) {
            return Optional.empty();
        }
        Size count = Size.fixed(1, t.ops().size());
        for (int axis : r.axes()) {
            count = count.times(sum.in(0).size(axis));
        }
        return isInverse(t.in(1), count) ? Optional.of(new Mean(sum.in(0), r.axes())) : Optional.empty();
    }

    /// Whether a term is one over a number everywhere.
    static boolean isInverse(Term t, Size number) {
        Term constant = repeated(t);
        return IntStream.range(0, number.count())
                .allMatch(i ->
                        constant.ops().get(i) instanceof Op.Full f && Math.abs(f.value() * number.at(i) - 1) < CLOSE);
    }

    /// The small number that is added to a term.
    record Sum(Term x, double added) {}

    static Optional<Sum> plusConstant(Term t) {
        return binary(t, BinaryOp.ADD) ? t.in(1).constant().map(v -> new Sum(t.in(0), v)) : Optional.empty();
    }
}
