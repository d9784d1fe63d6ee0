package fathom.backend.cpu;

import fathom.ir.Op;
import fathom.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Where in a value each point of an iteration space looks: one affine function of one iteration
/// coordinate for each axis of the value.
///
/// Movement operations only change this function, so that inside a fused loop they cost nothing.
///
/// @param from for each axis the iteration axis it follows, or -1
/// @param steps for each axis how far it moves with that
/// @param starts for each axis where it begins
record Access(List<Integer> from, List<Integer> steps, List<Integer> starts) {

    /// Each axis follows the iteration axis of the same number.
    static Access identity(int rank) {
        Integer[] from = new Integer[rank];
        Integer[] ones = new Integer[rank];
        Integer[] zeros = new Integer[rank];
        for (int i = 0; i < rank; i++) {
            from[i] = i;
            ones[i] = 1;
            zeros[i] = 0;
        }
        return new Access(List.of(from), List.of(ones), List.of(zeros));
    }

    /// How the operand of a permutation is accessed when its result is accessed like this.
    Access through(Op.Permute p) {
        int rank = from.size();
        Integer[] f = new Integer[rank];
        Integer[] s = new Integer[rank];
        Integer[] o = new Integer[rank];
        for (int i = 0; i < rank; i++) {
            int axis = p.order().get(i);
            f[axis] = from.get(i);
            s[axis] = steps.get(i);
            o[axis] = starts.get(i);
        }
        return new Access(List.of(f), List.of(s), List.of(o));
    }

    /// How the operand of a broadcast is accessed when its result is accessed like this.
    Access through(Op.Broadcast b, Shape operand) {
        Integer[] f = from.toArray(Integer[]::new);
        Integer[] s = steps.toArray(Integer[]::new);
        Integer[] o = starts.toArray(Integer[]::new);
        for (int i = 0; i < f.length; i++) {
            if (operand.dim(i) == 1) {
                f[i] = -1;
                s[i] = 0;
                o[i] = 0;
            }
        }
        return new Access(List.of(f), List.of(s), List.of(o));
    }

    /// How the operand of a slice is accessed when its result is accessed like this.
    Access through(Op.Slice slice) {
        int rank = from.size();
        Integer[] s = new Integer[rank];
        Integer[] o = new Integer[rank];
        for (int i = 0; i < rank; i++) {
            s[i] = steps.get(i) * slice.steps().get(i);
            o[i] = slice.starts().get(i) + starts.get(i) * slice.steps().get(i);
        }
        return new Access(from, List.of(s), List.of(o));
    }

    /// How the operand of a reshape is accessed when its result is accessed like this; null if the
    /// reshape does more than add and remove axes of size 1.
    @Nullable
    Access through(Shape operand, Shape result) {
        Integer[] f = new Integer[operand.rank()];
        Integer[] s = new Integer[operand.rank()];
        Integer[] o = new Integer[operand.rank()];
        int j = 0;
        for (int i = 0; i < operand.rank(); i++) {
            if (operand.dim(i) == 1) {
                f[i] = -1;
                s[i] = 0;
                o[i] = 0;
                continue;
            }
            while (j < result.rank() && result.dim(j) == 1) {
                j++;
            }
            if (j == result.rank() || result.dim(j) != operand.dim(i)) {
                return null;
            }
            f[i] = from.get(j);
            s[i] = steps.get(j);
            o[i] = starts.get(j);
            j++;
        }
        return new Access(List.of(f), List.of(s), List.of(o));
    }

    /// Elements that a row-major array of this shape is moved by along each iteration axis.
    int[] strides(Shape shape, int iterationRank) {
        int[] out = new int[iterationRank];
        int[] rowMajor = shape.strides();
        for (int i = 0; i < rowMajor.length; i++) {
            if (from.get(i) >= 0) {
                out[from.get(i)] += steps.get(i) * rowMajor[i];
            }
        }
        return out;
    }

    /// Where in a row-major array of this shape the first point looks.
    int offset(Shape shape) {
        int offset = 0;
        int[] rowMajor = shape.strides();
        for (int i = 0; i < rowMajor.length; i++) {
            offset += starts.get(i) * rowMajor[i];
        }
        return offset;
    }

    /// Whether an array of this shape is read in the order of an iteration space of this shape,
    /// each element once.
    boolean isIdentity(Shape shape, Shape iteration) {
        return shape.size() == iteration.size()
                && offset(shape) == 0
                && Arrays.equals(
                        collapsed(strides(shape, iteration.rank()), iteration),
                        collapsed(iteration.strides(), iteration));
    }

    /// Strides with those along axes of size 1, which never matter, set to 0.
    private static int[] collapsed(int[] strides, Shape iteration) {
        for (int i = 0; i < strides.length; i++) {
            if (iteration.dim(i) == 1) {
                strides[i] = 0;
            }
        }
        return strides;
    }
}
