package fathom.io.onnx.operators;

import fathom.ir.Op;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BinaryOperator;

/// Places rows of updates in a table.
final class Scattering {
    private Scattering() {}

    /// The table with rows replaced, or combined with what is there; the same row may be named several
    /// times. Of several replacements of a row, which must be equal, the mean is taken.
    ///
    /// @param x `[R, S]`
    /// @param positions I32 `[U]`
    /// @param updates `[U, S]`
    static Tensor replace(Tensor x, Tensor positions, Tensor updates) {
        if (x.dtype() == DType.BOOL || x.dtype() == DType.U8) {
            return replace(x.cast(DType.I32), positions, updates.cast(DType.I32))
                    .cast(x.dtype());
        }
        Tensor counts = counts(positions, x);
        Tensor sums = sums(positions, updates, x.dim(0));
        return counts.greater(0).select(sums.div(counts.maximum(1)), x);
    }

    /// How often each row is named, `[R, 1]`.
    private static Tensor counts(Tensor positions, Tensor x) {
        return sums(positions, Tensor.full(Shape.of(positions.dim(0), 1), x.dtype(), 1), x.dim(0));
    }

    private static Tensor sums(Tensor positions, Tensor updates, int rows) {
        return Tensor.of(new Op.ScatterAdd(0, 0, rows), updates, positions);
    }

    static Tensor add(Tensor x, Tensor positions, Tensor updates) {
        return x.add(sums(positions, updates, x.dim(0)));
    }

    /// The table with rows combined by another function. Updates of the same row are applied one after the
    /// other: in rounds, in each of which a row is named once.
    ///
    /// @param positions where each update goes
    static Tensor combine(Tensor x, int[] positions, Tensor updates, BinaryOperator<Tensor> function) {
        int[] round = new int[x.dim(0)];
        List<List<Integer>> rounds = new ArrayList<>();
        for (int u = 0; u < positions.length; u++) {
            int r = round[positions[u]]++;
            if (r == rounds.size()) {
                rounds.add(new ArrayList<>());
            }
            rounds.get(r).add(u);
        }
        Tensor y = x;
        for (List<Integer> members : rounds) {
            int[] from = members.stream().mapToInt(u -> u).toArray();
            int[] to = members.stream().mapToInt(u -> positions[u]).toArray();
            Tensor rows = Tensor.of(to);
            Tensor combined = function.apply(y.take(rows, 0), updates.take(Tensor.of(from), 0));
            y = replace(y, rows, combined);
        }
        return y;
    }
}
