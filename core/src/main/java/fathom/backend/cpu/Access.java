package fathom.backend.cpu;

import fathom.ir.Op;
import fathom.ir.Window;
import fathom.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// Where in a value each point of an iteration space looks: one affine function of one iteration
/// coordinate for each axis of the value.
///
/// Movement operations only change this function, so that inside a fused loop they cost nothing.
record Access(List<Axis> axes) {

    /// How one axis of the value is addressed.
    ///
    /// @param from the iteration axis it follows, or -1
    /// @param step how far it moves with that
    /// @param start where it begins
    record Axis(int from, int step, int start) {
        /// Always the first element.
        static final Axis FIRST = new Axis(-1, 0, 0);
    }

    /// Each axis follows the iteration axis of the same number.
    static Access identity(int rank) {
        return new Access(
                IntStream.range(0, rank).mapToObj(i -> new Axis(i, 1, 0)).toList());
    }

    /// How the operand of a permutation is accessed when its result is accessed like this.
    Access through(Op.Permute p) {
        Axis[] moved = new Axis[axes.size()];
        for (int i = 0; i < moved.length; i++) {
            moved[p.order().get(i)] = axes.get(i);
        }
        return new Access(List.of(moved));
    }

    /// How the operand of a broadcast is accessed when its result is accessed like this.
    Access throughBroadcast(Shape operand) {
        List<Axis> moved = new ArrayList<>(axes);
        for (int i = 0; i < moved.size(); i++) {
            if (operand.dim(i) == 1) {
                moved.set(i, Axis.FIRST);
            }
        }
        return new Access(moved);
    }

    /// How the operand of a slice is accessed when its result is accessed like this.
    Access through(Op.Slice slice) {
        List<Axis> moved = new ArrayList<>();
        for (Axis a : axes) {
            int start = slice.starts().get(moved.size());
            int step = slice.steps().get(moved.size());
            moved.add(new Axis(a.from, a.step * step, start + a.start * step));
        }
        return new Access(moved);
    }

    /// How the images `[N, H, W, C]` under the windows of a pool without padding are accessed, at one tap of each, when
    /// its result is accessed like this.
    Access through(Window window, int tap) {
        int row = tap / window.kernelWidth() * window.dilationHeight();
        int column = tap % window.kernelWidth() * window.dilationWidth();
        return through(new Op.Slice(
                List.of(0, row, column, 0), List.of(), List.of(1, window.strideHeight(), window.strideWidth(), 1)));
    }

    /// How the operand of a reshape is accessed when its result is accessed like this; null if the
    /// reshape does more than add and remove axes of size 1.
    @Nullable
    Access through(Shape operand, Shape result) {
        List<Axis> moved = new ArrayList<>();
        int j = 0;
        for (int size : operand.dims()) {
            if (size == 1) {
                moved.add(Axis.FIRST);
                continue;
            }
            while (j < result.rank() && result.dim(j) == 1) {
                j++;
            }
            if (j == result.rank() || result.dim(j) != size) {
                return null;
            }
            moved.add(axes.get(j++));
        }
        return new Access(moved);
    }

    /// The addresses in a row-major array of this shape that the points of the iteration space look
    /// at.
    LoopBuilder.Affine addresses(Shape shape, int iterationRank) {
        int offset = 0;
        int[] strides = new int[iterationRank];
        int[] rowMajor = shape.strides();
        for (int i = 0; i < rowMajor.length; i++) {
            Axis a = axes.get(i);
            offset += a.start * rowMajor[i];
            if (a.from >= 0) {
                strides[a.from] += a.step * rowMajor[i];
            }
        }
        return LoopBuilder.Affine.of(offset, strides);
    }
}
