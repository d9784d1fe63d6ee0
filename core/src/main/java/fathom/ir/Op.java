package fathom.ir;

import fathom.tensor.DType;
import fathom.tensor.Shape;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The primitives. Everything a tensor can do is a composition of these; what an operation means,
/// its shape rule, its derivative and its kernels are each an exhaustive `switch` over them.
///
/// Operands of elementwise operations have equal shapes: broadcasting is an operation of its own.
/// Reductions keep the reduced axes with size 1.
public sealed interface Op {

    // ---- leaves ----

    /// Elements that exist already, in the node's buffer.
    record Data(Shape shape, DType dtype) implements Op {}

    /// The same value everywhere.
    record Full(Shape shape, DType dtype, double value) implements Op {}

    /// The coordinate along an axis.
    record Iota(Shape shape, DType dtype, int axis) implements Op {}

    /// I32 random bits from the counter-based generator [Philox]: element `i` is word `i % 4` of
    /// block `offset + i / 4` under the key. Operand: I64 `[2]`, the key and the offset.
    record RandomBits(Shape shape) implements Op {}

    // ---- elementwise ----

    /// A function of one operand.
    record Unary(UnaryOp function) implements Op {}

    /// A function of two operands.
    record Binary(BinaryOp function) implements Op {}

    /// Operands: BOOL condition, value where true, value where false.
    record Select() implements Op {}

    /// Conversion: floats to integers truncate toward zero and saturate (NaN gives 0), any number
    /// to BOOL is `!= 0`.
    record Cast(DType to) implements Op {}

    /// The same bits as another type of as many: F32 as I32 and back, F64 as I64 and back. Of NaN, which is not
    /// the same bits everywhere, they are those of `Float.NaN` and `Double.NaN`.
    record BitCast(DType to) implements Op {
        /// The type that goes with a type; null if there is none.
        public static @Nullable DType counterpart(DType type) {
            return switch (type) {
                case F32 -> DType.I32;
                case F64 -> DType.I64;
                case I32 -> DType.F32;
                case I64 -> DType.F64;
                case F16, BF16, U8, BOOL -> null;
            };
        }
    }

    /// The operand, with no gradient.
    record StopGradient() implements Op {}

    /// The first operand, once the second is computed: what is computed from it is computed anew then,
    /// even if the same was computed before.
    record After() implements Op {}

    /// What a closed graph with one root computes from the operands, its arguments. Its steps are not
    /// kept for the gradient but computed anew when that is.
    record Checkpoint(Graph body) implements Op {}

    // ---- reductions and scans ----

    /// Combines the elements along the axes, which stay with size 1.
    record Reduce(ReduceOp how, List<Integer> axes) implements Op {}

    /// The I32 index of the first greatest (or smallest) element along the axis, which stays with
    /// size 1. NaN counts as found first.
    record ArgReduce(boolean greatest, int axis) implements Op {}

    /// Running sum along the axis, from its end if reversed.
    record CumulativeSum(int axis, boolean reverse) implements Op {}

    /// I32 indices that sort along the axis, stable; NaN is last ascending and first descending.
    record ArgSort(int axis, boolean descending) implements Op {}

    // ---- movement ----

    /// The same elements in row-major order under another shape.
    record Reshape(Shape to) implements Op {}

    /// Axis `i` of the result is axis `order[i]` of the operand.
    record Permute(List<Integer> order) implements Op {}

    /// Axes of size 1 are repeated to the sizes of `to`, which has the operand's rank.
    record Broadcast(Shape to) implements Op {}

    /// `sizes[i]` elements along each axis, from `starts[i]` in steps of `steps[i]`, which may be
    /// negative.
    record Slice(List<Integer> starts, List<Integer> sizes, List<Integer> steps) implements Op {}

    /// Elements of `value` before, after and between (`interior`) the operand's elements.
    record Pad(List<Integer> before, List<Integer> after, List<Integer> interior, double value) implements Op {}

    /// The operands one after the other along the axis.
    record Concat(int axis) implements Op {}

    // ---- indexing ----

    /// Operands: x and I32 or I64 indices. The first `batch` axes of both agree; the result has x's
    /// axes with `axis` replaced by the remaining axes of the indices. An index outside x is an
    /// error when the value is computed.
    record Gather(int axis, int batch) implements Op {}

    /// The adjoint of [Gather]. Operands: updates, shaped as a gather's result, and indices; the
    /// result has `size` elements along `axis`, zeros plus the updates added in row-major order.
    record ScatterAdd(int axis, int batch, int size) implements Op {}

    // ---- contractions and windows ----

    /// Operands `[..., m, k]` and `[..., k, n]` (each with its last two axes exchanged if so
    /// marked), with equal leading axes.
    record MatMul(boolean transposeLeft, boolean transposeRight) implements Op {}

    /// Operands: x `[N, H, W, C]`, w `[KH, KW, C / groups, K]`; result `[N, OH, OW, K]`.
    record Convolution(Window window, int groups) implements Op {}

    /// The gradient of a convolution's input, which has the given height and width. Operands: the
    /// result's gradient `[N, OH, OW, K]`, w.
    record ConvolutionInputGradient(Window window, int groups, int height, int width) implements Op {}

    /// The gradient of a convolution's weights. Operands: x, the result's gradient.
    record ConvolutionWeightGradient(Window window, int groups) implements Op {}

    /// A network applied again and again along time, each time to what it gave before.
    ///
    /// Operands: sequences `[T, N, X * H]` of one block of H columns or more each; weights `[F * H, P
    /// * H]`; the initial state `[N, S * H]`. In each step the first F blocks of H columns of the state are
    /// multiplied by the weights, which gives P blocks of products, and the cell makes S new blocks
    /// of state from the sequences' elements at that time, the products and the old state. The cell
    /// is a graph of elementwise operations over blocks `[N, H]`: its leaves are numbered in that
    /// order, its roots are the new blocks.
    ///
    /// Result: `[T + 1, N, (S + P) * H]`, the states, each with the products that it was made from.
    /// Going forwards, row 0 is the initial state and row `t + 1` what the step at time `t` gave;
    /// in reverse, row `T` is the initial state and row `t` what the step at time `t` gave. The
    /// initial state stands next to products of 0.
    record Recurrence(Graph cell, boolean reverse) implements Op {
        /// Blocks of the state.
        public int states() {
            return cell.roots().size();
        }

        /// The time, in rows of the result, of the states that the steps start from.
        public int before() {
            return reverse ? 1 : 0;
        }

        /// The time, in rows of the result, of the states that the steps give.
        public int after() {
            return reverse ? 0 : 1;
        }
    }

    /// The greatest element under each window of `[N, H, W, C]`; padding counts as absent.
    record MaxPool(Window window) implements Op {}

    /// Operands: x `[N, H, W, C]` and v shaped as `MaxPool(x)`. Each element of v is added at the
    /// place of the first greatest element of x under its window; elsewhere 0. Shaped as x.
    record MaxPoolScatter(Window window) implements Op {}

    /// Operands: x and v, both `[N, H, W, C]`. The element of v at the place of the first greatest
    /// element of x under each window. The adjoint of [MaxPoolScatter] in v.
    record MaxPoolGather(Window window) implements Op {}

    /// The sum under each window of `[N, H, W, C]`; padding counts as 0.
    record SumPool(Window window) implements Op {}

    /// The adjoint of [SumPool] for an input of the given height and width.
    record SumPoolScatter(Window window, int height, int width) implements Op {}

    /// The name in errors and listings: the record's, in lower camel case, with what tells the
    /// functions of one kind apart.
    default String title() {
        return switch (this) {
            case Unary u -> camel(u.function().name());
            case Binary b -> camel(b.function().name());
            case Reduce r -> camel(r.how().name());
            case ArgReduce a -> a.greatest() ? "argmax" : "argmin";
            default -> {
                String n = getClass().getSimpleName();
                yield Character.toLowerCase(n.charAt(0)) + n.substring(1);
            }
        };
    }

    private static String camel(String constant) {
        StringBuilder b = new StringBuilder();
        boolean up = false;
        for (char c : constant.toCharArray()) {
            if (c == '_') {
                up = true;
            } else {
                b.append(up ? c : Character.toLowerCase(c));
                up = false;
            }
        }
        return b.toString();
    }
}
