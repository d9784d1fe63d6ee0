package fathom.compile.simplify;

import fathom.ir.Graph;
import fathom.ir.Graph.Entry;
import fathom.ir.Op;
import fathom.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Cancels movement that meets other movement. Reshapes of reshapes, permutations of permutations and
/// movement of constants are with `Peephole`; slices of slices are here, with what else is known of
/// slices.
final class MovementChains implements Pass {
    @Override
    public Graph apply(Graph graph) {
        return Rewriter.rewrite(graph, (to, _, e) -> {
            if (e.op() instanceof Op.Slice s) {
                return slice(to, Slice.of(s), e);
            }
            if (e.op() instanceof Op.Permute p) {
                return permute(to, p, e);
            }
            if (e.op() instanceof Op.Pad p) {
                return pad(to, p, e);
            }
            return e.op() instanceof Op.Concat c ? concat(to, c, e) : null;
        });
    }

    // ---- slices ----

    private static @Nullable Integer slice(Rewriter to, Slice s, Entry e) {
        if (s.size() == 0) {
            return null;
        }
        Entry x = to.operand(e, 0);
        if (x.op() instanceof Op.Slice inner) {
            return s.of(Slice.of(inner)).add(to, x.inputs().getFirst());
        }
        if (x.op() instanceof Op.Broadcast) {
            return beforeRepetition(to, s, e, x);
        }
        if (x.op() instanceof Op.Concat c) {
            return withinPart(to, s, x, c.axis());
        }
        return x.op() instanceof Op.Pad p ? withinPad(to, s, e, p, x) : null;
    }

    /// A slice of repeated elements is a slice, repeated.
    private static Integer beforeRepetition(Rewriter to, Slice s, Entry e, Entry repeated) {
        Integer from = repeated.inputs().getFirst();
        Shape small = to.entry(from).shape();
        Slice part = s;
        for (int a = 0; a < small.rank(); a++) {
            part = small.dim(a) == 1 ? part.with(a, 0, 1, 1) : part;
        }
        Integer sliced = part.add(to, from);
        return to.entry(sliced).shape().equals(e.shape())
                ? sliced
                : to.add(new Op.Broadcast(e.shape()), e.shape(), e.dtype(), sliced);
    }

    /// The slice of the one operand of a concatenation that it falls into.
    private static @Nullable Integer withinPart(Rewriter to, Slice s, Entry joined, int axis) {
        int from = 0;
        for (int part : joined.inputs()) {
            int n = to.entry(part).shape().dim(axis);
            if (s.low(axis) >= from && s.high(axis) < from + n) {
                return s.with(axis, s.start(axis) - from, s.size(axis), s.step(axis))
                        .add(to, part);
            }
            from += n;
        }
        return null;
    }

    /// The slice of what was padded, if it has nothing of the padding; or of the padding alone.
    private static @Nullable Integer withinPad(Rewriter to, Slice s, Entry e, Op.Pad p, Entry padded) {
        Integer from = padded.inputs().getFirst();
        Shape inner = to.entry(from).shape();
        Slice part = s;
        boolean within = true;
        for (int a = 0; a < inner.rank(); a++) {
            int before = p.before().get(a);
            int gap = p.interior().get(a) + 1;
            int end = before + (inner.dim(a) - 1) * gap;
            if (inner.dim(a) == 0 || s.high(a) < before || s.low(a) > end) {
                return to.full(e.shape(), e.dtype(), p.value());
            }
            int step = s.size(a) == 1 ? gap : s.step(a);
            within &= s.low(a) >= before && s.high(a) <= end && (s.start(a) - before) % gap == 0 && step % gap == 0;
            part = part.with(a, (s.start(a) - before) / gap, s.size(a), step / gap);
        }
        return within ? part.add(to, from) : null;
    }

    // ---- others ----

    /// A permutation that moves only axes of size 1 leaves the elements in their order.
    private static @Nullable Integer permute(Rewriter to, Op.Permute p, Entry e) {
        Integer from = e.inputs().getFirst();
        Shape x = to.entry(from).shape();
        List<Integer> wide = p.order().stream().filter(a -> x.dim(a) != 1).toList();
        for (int i = 1; i < wide.size(); i++) {
            if (wide.get(i - 1) > wide.get(i)) {
                return null;
            }
        }
        return to.add(new Op.Reshape(e.shape()), e.shape(), e.dtype(), from);
    }

    private static @Nullable Integer pad(Rewriter to, Op.Pad p, Entry e) {
        Entry x = to.operand(e, 0);
        if (x.shape().size() == 0) {
            return to.full(e.shape(), e.dtype(), p.value());
        }
        boolean fit = x.op() instanceof Op.Pad inner
                && Double.compare(inner.value(), p.value()) == 0
                && isDense(inner)
                && isDense(p);
        return fit && x.op() instanceof Op.Pad inner
                ? to.add(
                        new Op.Pad(
                                sums(p.before(), inner.before()),
                                sums(p.after(), inner.after()),
                                p.interior(),
                                p.value()),
                        e.shape(),
                        e.dtype(),
                        x.inputs().getFirst())
                : null;
    }

    private static boolean isDense(Op.Pad p) {
        return p.interior().stream().allMatch(v -> v == 0);
    }

    private static List<Integer> sums(List<Integer> a, List<Integer> b) {
        List<Integer> sums = new ArrayList<>();
        for (int i = 0; i < a.size(); i++) {
            sums.add(a.get(i) + b.get(i));
        }
        return List.copyOf(sums);
    }

    /// Without operands that are empty, and with neighbouring slices of one value as one slice.
    private static @Nullable Integer concat(Rewriter to, Op.Concat c, Entry e) {
        int axis = c.axis();
        List<Integer> parts = new ArrayList<>();
        for (int in : e.inputs()) {
            Entry x = to.entry(in);
            Integer joined = parts.isEmpty() ? null : joined(to, axis, to.entry(parts.getLast()), x);
            if (joined != null) {
                parts.set(parts.size() - 1, joined);
            } else if (x.shape().dim(axis) > 0) {
                parts.add(in);
            }
        }
        if (parts.isEmpty() || parts.size() == e.inputs().size()) {
            return null;
        }
        return parts.size() == 1 ? parts.getFirst() : to.add(c, e.shape(), e.dtype(), parts.toArray(Integer[]::new));
    }

    /// Two slices of one value that follow upon each other, as one; else null.
    private static @Nullable Integer joined(Rewriter to, int axis, Entry x, Entry y) {
        if (!(x.op() instanceof Op.Slice a)
                || !(y.op() instanceof Op.Slice b)
                || !x.inputs().equals(y.inputs())
                || x.shape().size() == 0
                || y.shape().size() == 0) {
            return null;
        }
        Slice first = Slice.of(a);
        Slice second = Slice.of(b);
        int step = first.size(axis) > 1 ? first.step(axis) : second.start(axis) - first.start(axis);
        Slice both = first.with(axis, first.start(axis), first.size(axis) + second.size(axis), step);
        boolean follows = step != 0
                && second.start(axis) == first.start(axis) + first.size(axis) * step
                && (second.size(axis) == 1 || second.step(axis) == step)
                && both.equals(second.with(axis, first.start(axis), both.size(axis), step));
        return follows ? both.add(to, x.inputs().getFirst()) : null;
    }
}
