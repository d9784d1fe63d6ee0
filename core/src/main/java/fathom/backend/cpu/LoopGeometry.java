package fathom.backend.cpu;

import fathom.backend.cpu.LoopBuilder.Affine;
import fathom.backend.cpu.LoopBuilder.Operand;
import fathom.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The iteration space of a loop with as few axes as its arrays allow, cut into units of work.
///
/// Addresses are those of the operands, then of the coordinates. The last axis is the columns, the
/// one before it the rows.
final class LoopGeometry {
    /// About how many points a unit has.
    private static final int UNIT = 16 * 1024;

    private final int[] sizes;
    private final int[] starts;
    private final int[][] strides;
    private final int rowPiece;
    private final int columnPiece;
    private final int rowPieces;
    private final int columnPieces;
    private final int outer;
    private final int[] rowStrides;
    private final int[] columnStrides;
    private final int[] pieceStrides;
    private final boolean piecesAreRows;

    private LoopGeometry(
            int[] sizes,
            int[] starts,
            int[][] strides,
            int rowPiece,
            int columnPiece,
            int[] pieceStrides,
            boolean piecesAreRows) {
        this.sizes = sizes;
        this.starts = starts;
        this.strides = strides;
        this.rowPiece = rowPiece;
        this.columnPiece = columnPiece;
        this.pieceStrides = pieceStrides;
        this.piecesAreRows = piecesAreRows;
        int n = sizes.length;
        rowPieces = Math.ceilDiv(sizes[n - 2], rowPiece);
        columnPieces = Math.ceilDiv(sizes[n - 1], columnPiece);
        int o = 1;
        for (int i = 0; i < n - 2; i++) {
            o *= sizes[i];
        }
        outer = o;
        rowStrides = new int[starts.length];
        columnStrides = new int[starts.length];
        for (int k = 0; k < starts.length; k++) {
            rowStrides[k] = strides[k][n - 2];
            columnStrides[k] = strides[k][n - 1];
        }
    }

    /// The axes of an iteration space that are left once axes of size 1 are dropped and neighbours
    /// merged wherever every address allows it.
    ///
    /// @param sizes the sizes, outermost first
    /// @param reduced whether each is reduced
    /// @param starts the first address of each array and coordinate
    /// @param strides for each of these its strides along the axes
    record Axes(int[] sizes, boolean[] reduced, int[] starts, int[][] strides) {
        static Axes of(Shape iteration, boolean[] reduced, List<Operand> operands, List<Affine> coordinates) {
            int count = operands.size() + coordinates.size();
            int[] starts = new int[count];
            int[][] strides = new int[count][];
            for (int k = 0; k < count; k++) {
                if (k < operands.size()) {
                    starts[k] = operands.get(k).offset();
                    strides[k] = unboxed(operands.get(k).strides());
                } else {
                    Affine a = coordinates.get(k - operands.size());
                    starts[k] = a.offset();
                    strides[k] = unboxed(a.strides());
                }
            }
            return new Axes(iteration.dims(), reduced, starts, strides).merged();
        }

        private static int[] unboxed(List<Integer> values) {
            return values.stream().mapToInt(Integer::intValue).toArray();
        }

        /// The same space with as few axes as possible.
        Axes merged() {
            int rank = sizes.length;
            int[] s = new int[rank];
            boolean[] r = new boolean[rank];
            int[][] t = new int[strides.length][rank];
            int n = 0;
            for (int d = 0; d < rank; d++) {
                if (sizes[d] == 1) {
                    continue;
                }
                boolean merge = n > 0 && r[n - 1] == reduced[d];
                for (int k = 0; merge && k < t.length; k++) {
                    merge = t[k][n - 1] == strides[k][d] * sizes[d];
                }
                int at = merge ? n - 1 : n++;
                s[at] = merge ? s[at] * sizes[d] : sizes[d];
                r[at] = reduced[d];
                for (int k = 0; k < t.length; k++) {
                    t[k][at] = strides[k][d];
                }
            }
            int[][] cut = new int[t.length][];
            for (int k = 0; k < t.length; k++) {
                cut[k] = Arrays.copyOf(t[k], n);
            }
            return new Axes(Arrays.copyOf(s, n), Arrays.copyOf(r, n), starts, cut);
        }

        /// The same space with one axis moved to another place.
        Axes moved(int from, int to) {
            int[] order = new int[sizes.length];
            List<Integer> list = new ArrayList<>();
            for (int i = 0; i < order.length; i++) {
                list.add(i);
            }
            list.add(to, list.remove(from));
            int[] s = new int[order.length];
            boolean[] r = new boolean[order.length];
            int[][] t = new int[strides.length][order.length];
            for (int i = 0; i < order.length; i++) {
                s[i] = sizes[list.get(i)];
                r[i] = reduced[list.get(i)];
                for (int k = 0; k < t.length; k++) {
                    t[k][i] = strides[k][list.get(i)];
                }
            }
            return new Axes(s, r, starts, t);
        }

        int rank() {
            return sizes.length;
        }
    }

    /// A loop that stores every point.
    static LoopGeometry map(Axes axes) {
        return of(axes, 0, new int[axes.starts().length], false);
    }

    /// A loop that reduces its rows or its columns, in pieces if `pieceStrides` is not zero: piece
    /// `p` writes its own partial result, `pieceStrides` further on.
    static LoopGeometry reduction(Axes axes, int piece, int[] pieceStrides, boolean rows) {
        return of(axes, piece, pieceStrides, rows);
    }

    private static LoopGeometry of(Axes axes, int piece, int[] pieceStrides, boolean rows) {
        int add = Math.max(0, 2 - axes.rank());
        int n = axes.rank() + add;
        int[] sizes = new int[n];
        Arrays.fill(sizes, 1);
        System.arraycopy(axes.sizes(), 0, sizes, add, axes.rank());
        int[][] strides = new int[axes.starts().length][n];
        for (int k = 0; k < strides.length; k++) {
            System.arraycopy(axes.strides()[k], 0, strides[k], add, axes.rank());
        }
        boolean reduces = piece > 0;
        int columnPiece = Math.min(sizes[n - 1], UNIT);
        int rowPiece = Math.max(1, UNIT / Math.max(1, columnPiece));
        if (reduces) {
            columnPiece = rows ? columnPiece : piece;
            rowPiece = rows ? piece : Math.max(1, UNIT / Math.max(1, piece));
        }
        return new LoopGeometry(
                sizes,
                axes.starts(),
                strides,
                Math.max(1, Math.min(rowPiece, sizes[n - 2])),
                Math.max(1, columnPiece),
                pieceStrides,
                rows);
    }

    /// The whole space as one matrix, whose columns are the last axis of the shape; null if some
    /// array cannot be addressed like that.
    static @Nullable LoopGeometry matrix(Shape shape, List<Operand> operands, List<Affine> coordinates) {
        boolean[] last = new boolean[shape.rank()];
        last[shape.rank() - 1] = true;
        Axes axes = Axes.of(shape, last, operands, coordinates);
        int n = axes.rank();
        int rows = 0;
        for (boolean column : axes.reduced()) {
            rows += column ? 0 : 1;
        }
        if (rows > 1) {
            return null;
        }
        if (n == 2) {
            return map(axes);
        }
        // One of the two axes has size 1 (or both).
        int[] sizes = new int[2];
        int[][] strides = new int[axes.starts().length][2];
        sizes[0] = rows == 1 ? axes.sizes()[0] : 1;
        sizes[1] = n == 1 && rows == 0 ? axes.sizes()[0] : 1;
        for (int k = 0; k < strides.length; k++) {
            strides[k][0] = rows == 1 ? axes.strides()[k][0] : 0;
            strides[k][1] = n == 1 && rows == 0 ? axes.strides()[k][0] : k < operands.size() ? 1 : 0;
        }
        return map(new Axes(sizes, new boolean[2], axes.starts(), strides));
    }

    int units() {
        return outer * rowPieces * columnPieces;
    }

    int unitSize() {
        int n = sizes.length;
        return Math.min(rowPiece, sizes[n - 2]) * Math.min(columnPiece, sizes[n - 1]);
    }

    /// Pieces along the rows or columns that are reduced.
    int pieces() {
        return piecesAreRows ? rowPieces : columnPieces;
    }

    int rows(int unit) {
        int piece = unit / columnPieces % rowPieces;
        return Math.min(rowPiece, sizes[sizes.length - 2] - piece * rowPiece);
    }

    int columns(int unit) {
        int piece = unit % columnPieces;
        return Math.min(columnPiece, sizes[sizes.length - 1] - piece * columnPiece);
    }

    /// The addresses of a unit's first point.
    int[] offsets(int unit) {
        int n = sizes.length;
        int column = unit % columnPieces;
        int rest = unit / columnPieces;
        int row = rest % rowPieces;
        rest /= rowPieces;
        int[] out = blockOffsets(row * rowPiece, column * columnPiece);
        int piece = piecesAreRows ? row : column;
        for (int d = n - 3; d >= 0; d--) {
            int i = rest % sizes[d];
            rest /= sizes[d];
            for (int k = 0; k < out.length; k++) {
                out[k] += i * strides[k][d];
            }
        }
        for (int k = 0; k < out.length; k++) {
            out[k] += piece * pieceStrides[k];
        }
        return out;
    }

    /// The addresses of a point in the innermost two axes.
    int[] blockOffsets(int row, int column) {
        int[] out = starts.clone();
        for (int k = 0; k < out.length; k++) {
            out[k] += row * rowStrides[k] + column * columnStrides[k];
        }
        return out;
    }

    int columnCount() {
        return sizes[sizes.length - 1];
    }

    int[] rowStrides() {
        return rowStrides;
    }

    int[] columnStrides() {
        return columnStrides;
    }

    /// Whether two arrays are at the same index at every point.
    boolean sameAddresses(int a, int b) {
        return starts[a] == starts[b] && Arrays.equals(strides[a], strides[b]);
    }

    @Override
    public String toString() {
        return Arrays.toString(sizes);
    }
}
