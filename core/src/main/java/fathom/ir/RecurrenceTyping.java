package fathom.ir;

import fathom.ir.Graph.Entry;
import fathom.ir.Typing.Type;
import fathom.tensor.Shape;

/// The shape rule of recurrences.
final class RecurrenceTyping {
    private RecurrenceTyping() {}

    static Type infer(Op.Recurrence r, Operands in) {
        int sequences = in.nodes().size() - 2;
        in.check(sequences >= 1, "one or more sequences [T, N, X * H], weights and an initial state");
        Shape x = in.shape();
        Shape w = in.shape(sequences);
        Shape initial = in.shape(sequences + 1);
        boolean oneType = in.dtype().isFloating() && in.nodes().stream().allMatch(n -> n.dtype() == in.dtype());
        in.check(oneType, "operands of one dtype, F32 or F64");
        in.check(x.rank() == 3, "sequences [T, N, X * H]");
        boolean starts = initial.rank() == 2 && initial.dim(0) == x.dim(1) && isMultiple(initial.dim(1), r.states());
        in.check(starts, "an initial state [N, S * H] for a cell of %s blocks of state", r.states());
        int width = initial.dim(1) / r.states();
        int blocks = 0;
        for (int i = 0; i < sequences; i++) {
            Shape s = in.shape(i);
            boolean fits = s.rank() == 3 && s.with(2, 0).equals(x.with(2, 0)) && isMultiple(s.dim(2), width);
            in.check(fits, "sequences [T, N, X * H] of one T, one N and blocks of %s columns", width);
            blocks += width == 0 ? 0 : s.dim(2) / width;
        }
        boolean fed = w.rank() == 2 && isMultiple(w.dim(0), width) && isMultiple(w.dim(1), width);
        in.check(fed && w.dim(0) <= r.states() * width, "weights [F * H, P * H], F not above %s", r.states());
        int products = width == 0 ? 0 : w.dim(1) / width;
        cell(r.cell(), in, Shape.of(x.dim(1), width), blocks + products + r.states());
        return new Type(Shape.of(x.dim(0) + 1, x.dim(1), (r.states() + products) * width), in.dtype());
    }

    private static boolean isMultiple(int size, int width) {
        return width == 0 ? size == 0 : size % width == 0;
    }

    private static void cell(Graph cell, Operands in, Shape block, int arguments) {
        for (Entry e : cell.entries()) {
            boolean elementwise = switch (e.op()) {
                case Op.Data _, Op.Full _, Op.Unary _, Op.Binary _, Op.Select _, Op.Cast _, Op.StopGradient _ -> true;
                default -> false;
            };
            in.check(elementwise, "a cell of elementwise operations, given %s", e.op().title());
            in.check(e.shape().equals(block), "a cell over blocks %s, given one over %s", block, e.shape());
            in.check(
                    e.argument() < arguments,
                    "a cell of %s arguments, given one that uses %s",
                    arguments,
                    e.argument() + 1);
        }
        for (int root : cell.roots()) {
            in.check(cell.entries().get(root).dtype() == in.dtype(), "a cell that gives %s", in.dtype());
        }
    }
}
