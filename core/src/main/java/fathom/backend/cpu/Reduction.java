package fathom.backend.cpu;

import fathom.backend.cpu.LoopBuilder.ScalarSource;
import fathom.backend.cpu.LoopGeometry.Axes;
import fathom.backend.cpu.LoopKernel.Instruction;
import fathom.ir.ReduceOp;
import fathom.tensor.DType;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Turns a reduction over any axes into loops that each reduce one axis.
///
/// A long axis is cut into pieces of a size that depends on the shape alone; each piece has its own
/// partial result, and these are reduced in their order. So all threads have work, rounding errors
/// stay small, and the result does not depend on the number of threads.
final class Reduction {
    /// The longest piece along a contiguous axis.
    private static final int COLUMN_PIECE = 16 * 1024;

    /// About how many points a piece has that is made of rows.
    private static final int ROW_PIECE_POINTS = 16 * 1024;

    private final LoopFactory loops;
    private final Places places;
    private final ReduceOp how;
    private final DType dtype;

    Reduction(LoopFactory loops, Places places, ReduceOp how, DType dtype) {
        this.loops = loops;
        this.places = places;
        this.how = how;
        this.dtype = dtype;
    }

    /// The loops for a reduction.
    ///
    /// @param axes the space, with the addresses of the inputs, the output and the coordinates
    /// @param instructions what is computed at each point
    /// @param value which instruction's value is reduced
    /// @param inputs the places of the inputs
    /// @param output the place of the result, then those of values that the loop also stores
    /// @param stores which instructions' values it also stores
    List<Step> steps(
            Axes axes,
            List<Instruction> instructions,
            int value,
            List<Storage> inputs,
            List<ScalarSource> scalars,
            List<Storage> output,
            List<LoopKernel.Output> stores) {
        int n = axes.rank();
        int axis = n - 1;
        while (axis >= 0 && !axes.reduced()[axis]) {
            axis--;
        }
        if (axis < 0) {
            LoopKernel.Output store = new LoopKernel.Store(value, LoopKernel.ColumnStride.CONTIGUOUS);
            return List.of(loops.step(
                    "copy", instructions, all(store, stores), LoopGeometry.map(axes), inputs, output, scalars));
        }
        boolean rows = axis < n - 1;
        Axes space = rows ? axes.moved(axis, n - 2) : axes;
        int at = rows ? n - 2 : n - 1;
        int length = space.sizes()[at];
        int piece = rows ? rowPiece(length, space.sizes()[n - 1]) : Math.min(length, COLUMN_PIECE);
        int pieces = Math.ceilDiv(length, piece);
        boolean last = true;
        for (int d = 0; d < n; d++) {
            last &= d == at || !space.reduced()[d];
        }
        LoopKernel.Output reduce =
                rows ? new LoopKernel.ReduceRows(how, value) : new LoopKernel.ReduceColumns(how, value);
        int o = inputs.size();
        int[] pieceStrides = new int[space.starts().length];
        if (pieces == 1 && last && (!rows || space.strides()[o][n - 1] == 1)) {
            return List.of(loops.step(
                    "reduce",
                    instructions,
                    all(reduce, stores),
                    LoopGeometry.reduction(space, piece, pieceStrides, rows),
                    inputs,
                    output,
                    scalars));
        }
        // First into partial results [outer axes, pieces, columns if rows are reduced].
        int[] sizes = space.sizes().clone();
        sizes[at] = pieces;
        boolean[] reduced = space.reduced().clone();
        int[] dense = new int[n];
        int total = 1;
        for (int d = n - 1; d >= 0; d--) {
            dense[d] = total;
            total = Math.multiplyExact(total, sizes[d]);
        }
        Storage partial = places.temporary(dtype, total);
        int[][] strides = deepCopy(space.strides());
        int[] starts = space.starts().clone();
        int[] original = strides[o];
        int originalStart = starts[o];
        strides[o] = dense.clone();
        strides[o][at] = 0;
        starts[o] = 0;
        pieceStrides[o] = dense[at];
        Axes first = new Axes(space.sizes(), space.reduced(), starts, strides);
        List<Step> steps = new ArrayList<>();
        List<Storage> written = new ArrayList<>(output);
        written.set(0, partial);
        steps.add(loops.step(
                "reduce",
                instructions,
                all(reduce, stores),
                LoopGeometry.reduction(first, piece, pieceStrides, rows),
                inputs,
                written,
                scalars));
        // Then what is left of it.
        int[] end = original.clone();
        end[at] = 0;
        Axes second = new Axes(sizes, reduced, new int[] {0, originalStart}, new int[][] {dense, end}).merged();
        List<Instruction> load = List.of(new LoopKernel.Load(0, dtype));
        List<Storage> result = List.of(output.getFirst());
        steps.addAll(steps(second, load, 0, List.of(partial), List.of(), result, List.of()));
        return steps;
    }

    private static List<LoopKernel.Output> all(LoopKernel.Output first, List<LoopKernel.Output> others) {
        List<LoopKernel.Output> all = new ArrayList<>();
        all.add(first);
        all.addAll(others);
        return all;
    }

    private static int rowPiece(int rows, int columns) {
        int piece = Math.max(32, ROW_PIECE_POINTS / columns);
        return rows <= 2 * piece ? rows : piece;
    }

    private static int[][] deepCopy(int[][] a) {
        return Arrays.stream(a).map(int[]::clone).toArray(int[][]::new);
    }
}
