package fathom.io.onnx.export;

import fathom.ir.Op;
import fathom.ir.ReduceOp;
import fathom.tensor.DType;
import java.util.stream.IntStream;

/// Reductions, running sums and sorting.
final class ReductionNodes {
    private final Emitter e;

    ReductionNodes(Emitter emitter) {
        this.e = emitter;
    }

    Value reduce(Term t) {
        Op.Reduce op = (Op.Reduce) t.op();
        int[] axes = op.axes().stream().mapToInt(Integer::intValue).toArray();
        boolean counts = op.how() == ReduceOp.SUM || op.how() == ReduceOp.PRODUCT;
        Value given = e.value(t.in(0));
        return reduced(t, counts ? e.showing(given, axes) : given, operator(op.how()), axes);
    }

    private static String operator(ReduceOp how) {
        return switch (how) {
            case SUM -> "ReduceSum";
            case PRODUCT -> "ReduceProd";
            case MAX -> "ReduceMax";
            case MIN -> "ReduceMin";
        };
    }

    /// A reduction that leaves the axes with size 1.
    Value reduced(Term t, Value x, String operator, int[] axes) {
        long[] stored = IntStream.of(axes)
                .filter(x::varies)
                .mapToLong(x::position)
                .sorted()
                .toArray();
        if (stored.length == 0) {
            return x.broadcast(t.sizes());
        }
        boolean truth = x.dtype() == DType.BOOL;
        String name = truth ? e.node("Cast", Casts.to(DType.I32), e.stored(x)) : e.stored(x);
        String made = e.node(operator, name, e.builder().longs(stored));
        int[] places = places(x);
        return e.made(
                t.sizes(),
                t.dtype(),
                truth ? e.node("Cast", Casts.to(DType.BOOL), made) : made,
                x.source().rank(),
                places);
    }

    private static int[] places(Value x) {
        return IntStream.range(0, x.rank()).map(x::position).toArray();
    }

    Value argReduce(Term t) {
        Op.ArgReduce op = (Op.ArgReduce) t.op();
        if (t.in(0).size(op.axis()).isOne()) {
            return zeros(t);
        }
        Value x = e.showing(e.value(t.in(0)), op.axis());
        Attributes along = Attributes.none().with("axis", x.position(op.axis()));
        String found = e.node(op.greatest() ? "ArgMax" : "ArgMin", along, e.stored(x));
        return e.made(
                t.sizes(),
                t.dtype(),
                e.node("Cast", Casts.to(DType.I32), found),
                x.source().rank(),
                places(x));
    }

    private Value zeros(Term t) {
        return e.made(
                t.sizes(),
                t.dtype(),
                e.builder().scalar(t.dtype(), 0),
                0,
                IntStream.range(0, t.rank()).map(_ -> -1).toArray());
    }

    Value cumulativeSum(Term t) {
        Op.CumulativeSum op = (Op.CumulativeSum) t.op();
        if (t.size(op.axis()).isOne()) {
            return e.value(t.in(0));
        }
        Value x = e.showing(e.value(t.in(0)), op.axis());
        Attributes direction = Attributes.none().with("reverse", op.reverse() ? 1 : 0);
        String axis = e.builder().scalar(DType.I64, x.position(op.axis()));
        String sums = e.node("CumSum", direction, e.stored(x), axis);
        return e.made(t.sizes(), t.dtype(), sums, x.source().rank(), places(x));
    }

    Value argSort(Term t) {
        Op.ArgSort op = (Op.ArgSort) t.op();
        if (t.size(op.axis()).isOne()) {
            return zeros(t);
        }
        Value x = e.showing(e.value(t.in(0)), op.axis());
        Attributes order = Attributes.none()
                .with("axis", x.position(op.axis()))
                .with("largest", op.descending() ? 1 : 0)
                .with("sorted", 1);
        String count = e.sizes().vector(java.util.List.of(t.size(op.axis())));
        String sorted = e.builder().node("TopK", order, 2, e.stored(x), count).get(1);
        return e.made(
                t.sizes(),
                t.dtype(),
                e.node("Cast", Casts.to(DType.I32), sorted),
                x.source().rank(),
                places(x));
    }
}
