package fathom.ir;

import fathom.tensor.Shape;
import java.util.List;

/// How many arithmetic operations an operation of the graph takes when it is done the direct way.
///
/// The rule: a multiply-add is 2. Any function of a point is 1, whatever its type and however hard
/// it is: an addition, a comparison, a conversion, an exponential, a number drawn. A reduction or a
/// window counts 1 for each element it looks at, a sort `n * ceil(log2 n)` for a line of n. Taps of
/// a convolution that fall on the padding count like the others. Movement counts nothing.
public final class Flops {
    private Flops() {}

    /// The count for an operation.
    ///
    /// @param in the operands' shapes
    /// @param out the result's shape
    public static long of(Op op, List<Shape> in, Shape out) {
        return switch (op) {
            case Op.Data _, Op.Full _, Op.Iota _, Op.BitCast _ -> 0;
            case Op.StopGradient _, Op.Reshape _, Op.Permute _, Op.Broadcast _, Op.Slice _, Op.Pad _, Op.Concat _ -> 0;
            case Op.Gather _, Op.After _, Op.Checkpoint _ -> 0;
            case Op.Unary _, Op.Binary _, Op.Select _, Op.Cast _, Op.RandomBits _, Op.CumulativeSum _ -> out.size();
            case Op.Reduce _, Op.ArgReduce _, Op.ScatterAdd _ -> in.getFirst().size();
            case Op.ArgSort a -> (long) out.size() * ceilLog2(out.dim(a.axis()));
            case Op.MatMul m -> 2L * out.size() * in.getFirst().dim(m.transposeLeft() ? -2 : -1);
            case Op.Convolution _ -> convolution(in.get(1), out);
            case Op.ConvolutionInputGradient _ -> convolution(in.get(1), in.getFirst());
            case Op.ConvolutionWeightGradient _ -> convolution(out, in.get(1));
            case Op.Recurrence r -> recurrence(r, in);
            case Op.MaxPool p -> taps(p.window()) * out.size();
            case Op.MaxPoolGather p -> taps(p.window()) * out.size();
            case Op.MaxPoolScatter p -> taps(p.window()) * in.get(1).size();
            case Op.SumPool p -> taps(p.window()) * out.size();
            case Op.SumPoolScatter p -> taps(p.window()) * in.getFirst().size();
        };
    }

    /// @param weights `[KH, KW, C / groups, K]`
    /// @param y `[N, OH, OW, K]`
    private static long convolution(Shape weights, Shape y) {
        return 2L * y.size() * weights.size(0, 3);
    }

    /// The products with the weights and what the cell does, at every time.
    private static long recurrence(Op.Recurrence r, List<Shape> in) {
        long steps = (long) in.getFirst().dim(0) * in.getFirst().dim(1);
        long width = in.getLast().dim(1) / r.states();
        long cell = 0;
        for (Graph.Entry e : r.cell().entries()) {
            cell += of(e.op(), List.of(), Shape.of(1));
        }
        return steps * (2L * in.get(in.size() - 2).size() + cell * width);
    }

    private static long taps(Window w) {
        return (long) w.kernelHeight() * w.kernelWidth();
    }

    private static int ceilLog2(int n) {
        return n <= 1 ? 0 : 32 - Integer.numberOfLeadingZeros(n - 1);
    }
}
