package fathom.io.onnx.operators;

import fathom.io.onnx.format.OnnxType;
import fathom.io.onnx.run.Call;
import fathom.io.onnx.run.Layout;
import fathom.io.onnx.run.Operator;
import fathom.io.onnx.run.Value;
import fathom.ir.Op;
import fathom.tensor.DType;
import fathom.tensor.Tensor;
import java.util.List;

/// Operators that combine elements along axes.
final class ReductionOperators {
    private ReductionOperators() {}

    static List<Operator> table() {
        return List.of(
                exact("ReduceSum", (x, axes) -> x.sum(true, axes)),
                exact("ReduceProd", (x, axes) -> x.prod(true, axes)),
                exact("ReduceL1", (x, axes) -> x.abs().sum(true, axes)),
                exact("ReduceSumSquare", (x, axes) -> x.square().sum(true, axes)),
                Operator.of("ReduceMax", 1, c -> extreme(c, (x, axes) -> x.max(true, axes)))
                        .settings(1),
                Operator.of("ReduceMin", 1, c -> extreme(c, (x, axes) -> x.min(true, axes)))
                        .settings(1),
                fractional("ReduceMean", (x, axes) -> x.mean(true, axes)),
                fractional("ReduceL2", (x, axes) -> x.square().sum(true, axes).sqrt()),
                fractional("ReduceLogSum", (x, axes) -> x.sum(true, axes).log()),
                fractional("ReduceLogSumExp", (x, axes) -> x.logSumExp(true, axes)),
                Operator.of("ArgMax", 1, c -> place(c, true)),
                Operator.of("ArgMin", 1, c -> place(c, false)),
                Operator.of("CumSum", 11, ReductionOperators::cumulativeSum),
                Operator.of("CumProd", 26, ReductionOperators::cumulativeProduct),
                Operator.several("TopK", 1, ReductionOperators::topK));
    }

    /// A reduction that keeps the axes with size 1.
    private interface Reduction {
        Tensor apply(Tensor x, int... axes);
    }

    private static Operator exact(String name, Reduction reduction) {
        return Operator.of(name, 1, c -> c.computed(reduced(c, c.tensor(0), reduction)));
    }

    private static Value extreme(Call c, Reduction reduction) {
        return Unsigned.back(c.type(0), reduced(c, Unsigned.ordered(c.value(0)), reduction));
    }

    /// A reduction of fractions: whole numbers become such in between.
    private static Operator fractional(String name, Reduction reduction) {
        return Operator.of(name, 1, c -> {
            if (c.type(0).isFloating()) {
                return c.computed(reduced(c, c.tensor(0), reduction));
            }
            Tensor x = Casts.to(c.value(0), OnnxType.DOUBLE).tensor();
            return Casts.to(Value.of(OnnxType.DOUBLE, reduced(c, x, reduction)), c.type(0));
        });
    }

    private static Tensor reduced(Call c, Tensor x, Reduction reduction) {
        int[] axes = c.integers("axes", 1).orElse(new int[0]);
        if (axes.length == 0 && c.flag("noop_with_empty_axes", false)) {
            // A reduction along an axis of size 1 leaves what is done to each element.
            return reduction.apply(x.unsqueeze(0), 0).squeeze(0);
        }
        if (x.rank() == 0) {
            return reduction.apply(x.unsqueeze(0), 0).squeeze(0);
        }
        Layout layout = Layout.of(x);
        Tensor y = layout.back(reduction.apply(layout.tensor(), layout.axes(axes)));
        return c.flag("keepdims", true)
                ? y
                : y.reshape(y.shape().without(y.shape().axes(axes)));
    }

    private static Value place(Call c, boolean greatest) {
        Tensor x = Unsigned.ordered(c.value(0));
        int axis = c.integer("axis", 0);
        boolean last = c.flag("select_last_index", false);
        Tensor from = last ? x.flip(axis) : x;
        Tensor found = greatest ? from.argmax(axis) : from.argmin(axis);
        Tensor place = last ? found.rsub(x.dim(axis) - 1) : found;
        Tensor kept = c.flag("keepdims", true) ? place.unsqueeze(x.shape().axis(axis)) : place;
        return Value.of(kept.cast(DType.I64));
    }

    private static Value cumulativeSum(Call c) {
        Tensor x = c.tensor(0);
        int axis = x.shape().axis(c.ints(1)[0]);
        boolean reverse = c.flag("reverse", false);
        Tensor sum = Tensor.of(new Op.CumulativeSum(axis, reverse), x);
        if (c.flag("exclusive", false)) {
            int n = x.dim(axis);
            sum = reverse
                    ? sum.slice(axis, 1, n).pad(axis, 0, 1)
                    : sum.slice(axis, 0, n - 1).pad(axis, 1, 0);
        }
        return c.computed(sum);
    }

    /// By doubling: after each round an element is the product of twice as many.
    private static Value cumulativeProduct(Call c) {
        Tensor x = c.tensor(0);
        int axis = x.shape().axis(c.ints(1)[0]);
        boolean reverse = c.flag("reverse", false);
        int n = x.dim(axis);
        Tensor y = reverse ? x.flip(axis) : x;
        if (c.flag("exclusive", false) && n > 0) {
            y = y.slice(axis, 0, n - 1).pad(axis, 1, 0, 1);
        }
        for (int shift = 1; shift < n; shift *= 2) {
            y = y.mul(y.slice(axis, 0, n - shift).pad(axis, shift, 0, 1));
        }
        return c.computed(reverse ? y.flip(axis) : y);
    }

    private static List<Value> topK(Call c) {
        Tensor x = Unsigned.ordered(c.value(0));
        int axis = c.integer("axis", -1);
        int k = c.has(1) ? c.ints(1)[0] : c.integer("k", 0);
        Tensor order = x.argsort(axis, c.flag("largest", true)).slice(axis, 0, k);
        return List.of(Unsigned.back(c.type(0), x.takeAlong(order, axis)), Value.of(order.cast(DType.I64)));
    }
}
