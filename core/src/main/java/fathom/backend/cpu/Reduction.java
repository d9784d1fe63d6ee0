package fathom.backend.cpu;

import fathom.backend.cpu.LoopBuilder.Operand;
import fathom.backend.cpu.LoopGeometry.Axes;
import fathom.backend.cpu.LoopGeometry.Axis;
import fathom.ir.ReduceOp;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/// Turns a reduction over any axes into loops that each reduce one axis.
///
/// A long axis is cut into pieces of a size that depends on the shape alone; each piece has its own
/// partial result, and these are reduced in their order. So all threads have work, rounding errors
/// stay small, and the result does not depend on the number of threads.
record Reduction(LoopCompiler compiler, Places places, ReduceOp how, DType dtype) {
    /// The longest piece along a contiguous axis.
    private static final int COLUMN_PIECE = 16 * 1024;

    /// About how many points a piece has that is made of rows.
    private static final int ROW_PIECE_POINTS = 16 * 1024;

    /// The loops for a reduction.
    ///
    /// @param axes the space, with the addresses of the inputs, the output and the coordinates
    /// @param loop what is computed at each point
    /// @param value which instruction's value is reduced
    /// @param output the place of the result, then those of values that the loop also stores
    /// @param stores which instructions' values it also stores
    List<Step> steps(Axes axes, LoopBuilder loop, int value, List<Storage> output, List<LoopKernel.Output> stores) {
        int n = axes.rank();
        int axis = n - 1;
        while (axis >= 0 && !axes.list().get(axis).reduced()) {
            axis--;
        }
        List<LoopKernel.Output> all = new ArrayList<>(stores);
        if (axis < 0) {
            all.addFirst(new LoopKernel.Store(value, LoopKernel.ColumnStride.CONTIGUOUS));
            return List.of(LoopStep.of(compiler, "copy", loop, all, output, LoopGeometry.map(axes)));
        }
        boolean rows = axis < n - 1;
        Axes space = rows ? axes.moved(axis, n - 2) : axes;
        int at = rows ? n - 2 : n - 1;
        Axis columns = space.list().getLast();
        int length = space.list().get(at).size();
        int piece = rows ? rowPiece(length, columns.size()) : Math.min(length, COLUMN_PIECE);
        int pieces = Math.ceilDiv(length, piece);
        List<Integer> others = new ArrayList<>();
        for (int d = 0; d < n; d++) {
            if (d != at && space.list().get(d).reduced()) {
                others.add(d);
            }
        }
        all.addFirst(rows ? new LoopKernel.ReduceRows(how, value) : new LoopKernel.ReduceColumns(how, value));
        int o = loop.inputs().size();
        int[] pieceStrides = new int[space.starts().length];
        if (pieces == 1 && others.isEmpty() && (!rows || columns.strides()[o] == 1)) {
            LoopGeometry whole = LoopGeometry.reduction(space, piece, pieceStrides, rows);
            return List.of(LoopStep.of(compiler, "reduce", loop, all, output, whole));
        }
        // First into partial results [outer axes, pieces, columns if rows are reduced].
        int[] sizes = space.list().stream().mapToInt(Axis::size).toArray();
        sizes[at] = pieces;
        Shape partials = Shape.of(sizes);
        int[] dense = partials.strides();
        Storage partial = places.temporary(dtype, partials);
        pieceStrides[o] = dense[at];
        int[] end = new int[n];
        List<Axis> list = new ArrayList<>();
        for (int d = 0; d < n; d++) {
            Axis a = space.list().get(d);
            int[] strides = a.strides().clone();
            end[d] = d == at ? 0 : strides[o];
            strides[o] = d == at ? 0 : dense[d];
            list.add(new Axis(a.size(), a.reduced(), strides));
        }
        int[] starts = space.starts().clone();
        starts[o] = 0;
        LoopGeometry first = LoopGeometry.reduction(new Axes(list, starts), piece, pieceStrides, rows);
        List<Storage> written = new ArrayList<>(output);
        Storage result = written.set(0, partial);
        List<Step> steps = new ArrayList<>();
        steps.add(LoopStep.of(compiler, "reduce", loop, all, written, first));
        // Then what is left of it.
        LoopBuilder rest = new LoopBuilder(places, partials);
        int load = rest.load(new Operand(partial, 0, dense));
        others.add(at);
        var addresses = rest.addresses(List.of(new Operand(result, space.starts()[o], end)));
        steps.addAll(steps(Axes.of(partials, others, addresses), rest, load, List.of(result), List.of()));
        return steps;
    }

    private static int rowPiece(int rows, int columns) {
        int piece = Math.max(32, ROW_PIECE_POINTS / columns);
        return rows <= 2 * piece ? rows : piece;
    }
}
