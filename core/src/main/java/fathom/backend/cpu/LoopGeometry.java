package fathom.backend.cpu;

import fathom.backend.cpu.LoopBuilder.Affine;
import fathom.tensor.Shape;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// The iteration space of a loop with as few axes as its arrays allow, cut into units of work.
///
/// Addresses are those of the operands, then of the coordinates. The last axis is the columns, the
/// one before it the rows.
///
/// @param axes at least two
/// @param starts the addresses of the first point
/// @param rowPiece rows of a unit
/// @param columnPiece columns of a unit
/// @param pieceStrides how far each address is moved for every piece that is reduced on its own
/// @param piecesAreRows whether those pieces are pieces of rows
record LoopGeometry(
        List<Axis> axes, int[] starts, int rowPiece, int columnPiece, int[] pieceStrides, boolean piecesAreRows) {
    /// About how many points a unit has.
    private static final int UNIT = 16 * 1024;

    /// Columns of longer rows are read again for each row, from the nearest cache.
    private static final int MOST_REPEATED = 256;

    /// An axis of the space.
    ///
    /// @param reduced whether it is reduced
    /// @param strides how far each address moves along it
    record Axis(int size, boolean reduced, int[] strides) {
        private static Axis ofSizeOne(int addresses) {
            return new Axis(1, false, new int[addresses]);
        }

        /// Whether this axis and the next are one, as far as all addresses are concerned.
        private boolean continuesIn(Axis next) {
            boolean continues = reduced == next.reduced;
            for (int k = 0; continues && k < strides.length; k++) {
                continues = strides[k] == next.strides[k] * next.size;
            }
            return continues;
        }
    }

    /// The axes of an iteration space that are left once axes of size 1 are dropped and neighbours
    /// merged wherever every address allows it.
    ///
    /// @param list outermost first
    /// @param starts the addresses of the first point
    record Axes(List<Axis> list, int[] starts) {
        static Axes of(Shape iteration, Collection<Integer> reduced, List<Affine> addresses) {
            List<Axis> axes = new ArrayList<>();
            for (int d = 0; d < iteration.rank(); d++) {
                int size = iteration.dim(d);
                int at = d;
                int[] strides =
                        addresses.stream().mapToInt(a -> a.strides().get(at)).toArray();
                Axis axis = new Axis(size, reduced.contains(d), strides);
                if (size == 1) {
                    continue;
                }
                if (!axes.isEmpty() && axes.getLast().continuesIn(axis)) {
                    axis = new Axis(axes.removeLast().size * size, axis.reduced, strides);
                }
                axes.add(axis);
            }
            return new Axes(axes, addresses.stream().mapToInt(Affine::offset).toArray());
        }

        /// The same space with one axis moved to another place.
        Axes moved(int from, int to) {
            List<Axis> moved = new ArrayList<>(list);
            moved.add(to, moved.remove(from));
            return new Axes(moved, starts);
        }

        int rank() {
            return list.size();
        }
    }

    /// A loop that stores every point.
    static LoopGeometry map(Axes axes) {
        int columns = axes.rank() == 0 ? 1 : axes.list.getLast().size;
        int columnPiece = Math.min(columns, UNIT);
        return of(axes, UNIT / Math.max(1, columnPiece), columnPiece, new int[axes.starts.length], false);
    }

    /// A loop that reduces its rows or its columns, in pieces if `pieceStrides` is not zero: piece
    /// `p` writes its own partial result, `pieceStrides` further on.
    static LoopGeometry reduction(Axes axes, int piece, int[] pieceStrides, boolean rows) {
        return rows
                ? of(axes, piece, Math.min(axes.list.getLast().size, UNIT), pieceStrides, true)
                : of(axes, UNIT / Math.max(1, piece), piece, pieceStrides, false);
    }

    private static LoopGeometry of(Axes axes, int rowPiece, int columnPiece, int[] pieceStrides, boolean rows) {
        List<Axis> all = new ArrayList<>(axes.list);
        while (all.size() < 2) {
            all.addFirst(Axis.ofSizeOne(axes.starts.length));
        }
        int most = all.get(all.size() - 2).size;
        return new LoopGeometry(
                all, axes.starts, Math.max(1, Math.min(rowPiece, most)), Math.max(1, columnPiece), pieceStrides, rows);
    }

    /// The whole space as one matrix, whose columns are the last axis of the shape; null if some
    /// array cannot be addressed like that.
    static @Nullable LoopGeometry matrix(Shape shape, List<Affine> addresses) {
        Axes axes = Axes.of(shape, List.of(shape.rank() - 1), addresses);
        long rows = axes.list.stream().filter(a -> !a.reduced).count();
        if (rows > 1) {
            return null;
        }
        if (rows == 1 && axes.rank() == 1) {
            axes.list.add(Axis.ofSizeOne(addresses.size()));
        }
        return map(axes);
    }

    /// A space whose axes stay as they are: blocks of the last two, one after the other.
    static LoopGeometry blocks(Shape iteration, List<Affine> addresses) {
        List<Axis> axes = new ArrayList<>();
        for (int d = 0; d < iteration.rank(); d++) {
            int at = d;
            axes.add(new Axis(
                    iteration.dim(d),
                    false,
                    addresses.stream().mapToInt(a -> a.strides().get(at)).toArray()));
        }
        return map(new Axes(axes, addresses.stream().mapToInt(Affine::offset).toArray()));
    }

    int units() {
        int units = rowPieces() * columnPieces();
        for (int d = 0; d < axes.size() - 2; d++) {
            units *= axes.get(d).size;
        }
        return units;
    }

    int unitSize() {
        return Math.min(rowPiece, row().size) * Math.min(columnPiece, column().size);
    }

    int rows(int unit) {
        int piece = unit / columnPieces() % rowPieces();
        return Math.min(rowPiece, row().size - piece * rowPiece);
    }

    int columns(int unit) {
        int piece = unit % columnPieces();
        return Math.min(columnPiece, column().size - piece * columnPiece);
    }

    /// Writes the addresses of a unit's first point.
    void locateUnit(int unit, int[] out) {
        int column = unit % columnPieces();
        int rest = unit / columnPieces();
        int row = rest % rowPieces();
        rest /= rowPieces();
        locate(row * rowPiece, column * columnPiece, out);
        move(out, piecesAreRows ? row : column, pieceStrides);
        moveAround(rest, out);
    }

    /// Moves addresses to a point of the axes around the innermost two, which are counted through in their order.
    void moveAround(int point, int[] out) {
        int rest = point;
        for (int d = axes.size() - 3; d >= 0; d--) {
            Axis axis = axes.get(d);
            move(out, rest % axis.size, axis.strides);
            rest /= axis.size;
        }
    }

    /// Writes the addresses of a point in the innermost two axes.
    void locate(int row, int column, int[] out) {
        System.arraycopy(starts, 0, out, 0, starts.length);
        move(out, row, rowStrides());
        move(out, column, columnStrides());
    }

    /// How many addresses there are.
    int addresses() {
        return starts.length;
    }

    /// Writes the addresses of a row of one of the blocks.
    void locateRow(int block, int row, int[] out) {
        locate(row, 0, out);
        move(out, block, axes.getFirst().strides);
    }

    private static void move(int[] addresses, int steps, int[] strides) {
        for (int k = 0; k < strides.length; k++) {
            addresses[k] += steps * strides[k];
        }
    }

    private Axis row() {
        return axes.get(axes.size() - 2);
    }

    private Axis column() {
        return axes.getLast();
    }

    private int rowPieces() {
        return Math.ceilDiv(row().size, rowPiece);
    }

    private int columnPieces() {
        return Math.ceilDiv(column().size, columnPiece);
    }

    /// Rows of the matrix if there are no axes around it, else 0.
    int rowCount() {
        return axes.size() == 2 ? row().size : 0;
    }

    /// Points of the whole space.
    int points() {
        return axes.stream().mapToInt(Axis::size).reduce(1, Math::multiplyExact);
    }

    /// How many elements an address comes by, if it comes by each once along the axes it moves on,
    /// with a partial result for each piece.
    long elements(int address) {
        long elements = 1;
        for (Axis axis : axes) {
            elements *= axis.strides[address] == 0 ? 1 : axis.size;
        }
        return elements * (pieceStrides[address] == 0 ? 1 : piecesAreRows ? rowPieces() : columnPieces());
    }

    /// Whether the space can be cut into so many rows, each in one piece.
    boolean goesByRows(int rows) {
        boolean inPieces = column().reduced && columnPieces() > 1;
        boolean cut = rowCount() == rows || rowCount() == 1 && !column().reduced && column().size % rows == 0;
        return cut && !inPieces && !row().reduced;
    }

    /// Whether no axis but the columns is reduced, and that in one piece.
    boolean reducesWholeRowsAtMost() {
        return axes.stream().limit(axes.size() - 1).noneMatch(Axis::reduced)
                && !(column().reduced && columnPieces() > 1);
    }

    /// The same space with the axes before the last in the order in which an address moves on them, furthest
    /// first: for loops that only store, which may come by their points in any order.
    LoopGeometry inOrderOf(int address) {
        List<Axis> sorted = new ArrayList<>(axes.subList(0, axes.size() - 1));
        sorted.sort(Comparator.comparingInt((Axis a) -> a.strides[address]).reversed());
        sorted.add(column());
        return map(new Axes(sorted, starts));
    }

    /// The rows of an address if the space is cut into so many.
    LoopStep.Row row(int address, int rows) {
        boolean isMatrix = row().size == rows;
        int columns = points() / rows;
        int stride = column().strides[address];
        int step = isMatrix ? row().strides[address] : stride * columns;
        return new LoopStep.Row(starts[address], step, stride * (columns - 1) + 1);
    }

    /// From the first to the last element that an address comes by.
    LoopStep.Row extent(int address) {
        int start = starts[address];
        int length = 1;
        for (Axis axis : axes) {
            int along = (axis.size - 1) * axis.strides[address];
            start += Math.min(0, along);
            length += Math.abs(along);
        }
        return new LoopStep.Row(start, 0, length);
    }

    int columnCount() {
        return column().size;
    }

    int[] rowStrides() {
        return row().strides;
    }

    int[] columnStrides() {
        return column().strides;
    }

    /// Whether a loop that comes by the rows one after the other meets the same elements of an array in each, and so
    /// few that it pays to keep a vector of them and go down the rows instead.
    boolean repeats(int address) {
        return row().size > 1
                && row().strides[address] == 0
                && column().strides[address] == 1
                && column().size <= MOST_REPEATED;
    }

    /// Whether two arrays are at the same index at every point.
    boolean sameAddresses(int a, int b) {
        return starts[a] == starts[b] && axes.stream().allMatch(axis -> axis.strides[a] == axis.strides[b]);
    }

    @Override
    public String toString() {
        return axes.stream().map(Axis::size).toList().toString();
    }
}
