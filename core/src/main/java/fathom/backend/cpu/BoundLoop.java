package fathom.backend.cpu;

import java.util.Arrays;

/// A [LoopStep] in a program: what it needs to run, kept from one run to the next so that a run
/// allocates nothing.
///
/// The arrays are there from [#load] to [#unload] only, so that a program which is not running keeps
/// none of its callers' data in memory.
final class BoundLoop implements Runnable, WorkerPool.Body, Epilogue {
    /// Points of the iteration space that are worth handing to another thread.
    private static final int GRAIN = 16 * 1024;

    /// Ints in a cache line: each worker writes its offsets to lines of its own.
    private static final int LINE = 16;

    private final LoopStep step;
    private final LoopGeometry geometry;
    private final Frame frame;
    private final Object[] arrays;
    private final long[] scalars;
    private final LoopArguments[] ofWorker;
    private final int points;
    private final int units;
    private final int unitsOfTask;

    BoundLoop(LoopStep step, Frame frame) {
        this.step = step;
        this.geometry = step.geometry();
        this.frame = frame;
        arrays = new Object[step.places().size()];
        scalars = new long[step.scalars().size()];
        ofWorker = new LoopArguments[frame.pool().threads()];
        for (int i = 0; i < ofWorker.length; i++) {
            int[] offsets = new int[geometry.addresses() + LINE];
            ofWorker[i] = new LoopArguments(arrays, offsets, geometry.rowStrides(), geometry.columnStrides(), scalars);
        }
        points = geometry.points();
        units = geometry.units();
        unitsOfTask = Math.max(1, GRAIN / Math.max(1, geometry.unitSize()));
    }

    /// Takes over the arrays and scalars of the present run.
    void load() {
        for (int i = 0; i < arrays.length; i++) {
            arrays[i] = frame.array(step.places().get(i));
        }
        for (int i = 0; i < scalars.length; i++) {
            scalars[i] = step.scalars().get(i).encoded(frame.scalars());
        }
    }

    void unload() {
        Arrays.fill(arrays, null);
    }

    /// The whole loop, by itself.
    @Override
    public void run() {
        load();
        frame.pool().parallel(Math.ceilDiv(units, unitsOfTask), this);
        unload();
    }

    @Override
    public void run(int task, int worker) {
        LoopArguments arguments = ofWorker[worker];
        int end = Math.min(units, (task + 1) * unitsOfTask);
        for (int u = task * unitsOfTask; u < end; u++) {
            geometry.locateUnit(u, arguments.offsets());
            step.body().run(arguments, geometry.rows(u), geometry.columns(u));
        }
    }

    /// The loop over a block of its matrix, as the epilogue of a contraction.
    @Override
    public void apply(int worker, int rowFrom, int rowTo, int columnFrom, int columnTo) {
        LoopArguments arguments = ofWorker[worker];
        geometry.locate(rowFrom, columnFrom, arguments.offsets());
        step.body().run(arguments, rowTo - rowFrom, columnTo - columnFrom);
    }

    /// Runs the loop over some rows of one block of a space made of [LoopGeometry#blocks].
    void runBlock(int worker, int block, int from, int to) {
        LoopArguments arguments = ofWorker[worker];
        geometry.locateRow(block, from, arguments.offsets());
        step.body().run(arguments, to - from, geometry.columnCount());
    }

    /// Runs the loop over some of `rows` rows into which it can be cut; see [LoopStep#goesByRows].
    ///
    /// @param shift how many rows further on, or back, an array is used than its row would be
    /// @param shifted by how much a row shifts each array
    void runRows(int worker, int from, int to, int rows, int shift, int[] shifted) {
        LoopArguments arguments = ofWorker[worker];
        int columns = points / rows;
        boolean isMatrix = geometry.rowCount() == rows;
        geometry.locate(isMatrix ? from : 0, isMatrix ? 0 : from * columns, arguments.offsets());
        for (int k = 0; k < shifted.length; k++) {
            arguments.offsets()[k] += shift * shifted[k];
        }
        step.body().run(arguments, isMatrix ? to - from : 1, isMatrix ? columns : (to - from) * columns);
    }

    /// Runs the loop over some of the layers into which it is cut.
    ///
    /// @param shift how many layers further on, or back, an array is used than its layer would be
    /// @param shifted by how much a layer shifts each array
    void runLayers(int worker, LayerCut cut, int from, int to, int shift, int[] shifted) {
        LoopArguments arguments = ofWorker[worker];
        int together;
        for (int layer = from; layer < to; layer += together) {
            together = cut.together(layer, to);
            cut.locate(layer, arguments.offsets());
            for (int k = 0; k < shifted.length; k++) {
                arguments.offsets()[k] += shift * shifted[k];
            }
            step.body().run(arguments, cut.rowsOf(together), cut.columnsOf(together));
        }
    }
}
