package fathom.backend.cpu;

import fathom.backend.cpu.LoopKernel.ReduceColumns;
import fathom.backend.cpu.LoopKernel.ReduceRows;
import fathom.ir.Buffer;
import fathom.ir.ReduceOp;
import org.jspecify.annotations.Nullable;

/// A compiled [LoopKernel]. Safe for use by several threads on regions whose outputs do not meet.
///
/// The result does not depend on the vector width nor on which form happens to run, and for a given
/// region it is always the same. Stores may be split into regions at will; a reduction of columns
/// may be split by rows, a reduction of rows by columns.
final class LoopBody {
    /// Longer rows are reduced in pieces of so many columns, whose results are combined in order:
    /// fewer roundings follow one another.
    static final int CHUNK = 4096;

    /// Points after which a row block moves on, so that what the vectors leave is still in the
    /// cache.
    private static final int BLOCK = 8192;

    /// Columns for which a reduction of rows keeps its results in the nearest cache.
    private static final int COLUMN_BLOCK = 2048;

    /// About how many points of a block in which the inner loop goes down: what it comes by is in the nearest cache
    /// when its neighbours are wanted.
    private static final int DOWN_BLOCK = 4096;

    private final LoopExpansion loop;
    private final LoopNest scalar;
    private final @Nullable LoopNest vector;
    private final int bits;
    private final int lanes;
    private final LoopWarmUp warmUp;
    private final boolean reducesColumns;
    private final boolean reducesRows;
    private final boolean goesDown;
    private volatile @Nullable LoopBody half;

    LoopBody(LoopExpansion loop, int bits) {
        this(loop, bits, new LoopWarmUp(operations(loop)));
    }

    LoopBody(LoopExpansion loop, int bits, LoopWarmUp warmUp) {
        this(loop, bits, warmUp, LoopEmitter.emit(loop, VectorSupport.SCALAR));
    }

    private LoopBody(LoopExpansion loop, int bits, LoopWarmUp warmUp, LoopNest scalar) {
        this.loop = loop;
        this.bits = bits;
        this.warmUp = warmUp;
        this.scalar = scalar;
        reducesColumns = loop.kernel().reducesColumns();
        reducesRows = loop.kernel().reducesRows();
        boolean vectors = LoopEmitter.hasVectorForm(loop, bits);
        goesDown = vectors && loop.kernel().goesDown();
        vector = vectors ? LoopEmitter.emit(loop, bits) : null;
        lanes = vectors ? bits / LoopVectorWriter.laneBits(loop) : 1;
    }

    private static int operations(LoopExpansion loop) {
        return loop.cost()
                + loop.kernel().inputStrides().size()
                + loop.kernel().outputs().size();
    }

    /// The number of elements that are worked on together; 1 if the kernel runs without vectors.
    int lanes() {
        return lanes;
    }

    /// Whether it runs at full speed by now.
    boolean isWarm() {
        return warmUp.isOver();
    }

    /// Computes rows 0 to `rows - 1` and columns 0 to `columns - 1`.
    void run(LoopArguments arguments, int rows, int columns) {
        run(arguments, 0, rows, 0, columns);
    }

    /// Computes a region: its stores, and the reductions of exactly its points. Reductions are
    /// written, not added to what is there; over no points they yield the identity.
    void run(LoopArguments arguments, int rowStart, int rowEnd, int columnStart, int columnEnd) {
        if (reducesRows) {
            writeIdentities(arguments, columnStart, columnEnd);
        }
        if (reducesColumns && columnEnd - columnStart > CHUNK) {
            reduceLongRows(arguments, rowStart, rowEnd, columnStart, columnEnd);
        } else {
            dispatch(arguments, rowStart, rowEnd, columnStart, columnEnd);
        }
    }

    private void writeIdentities(LoopArguments arguments, int columnStart, int columnEnd) {
        var kernel = loop.kernel();
        int inputs = kernel.inputStrides().size();
        for (int i = 0; i < kernel.outputs().size(); i++) {
            if (kernel.outputs().get(i) instanceof ReduceRows(ReduceOp op, int _)) {
                int from = arguments.offsets()[inputs + i] + columnStart;
                var array = arguments.arrays()[inputs + i];
                LoopPartials.fill(op, loop.outputTypes().get(i), array, from, columnEnd - columnStart);
            }
        }
    }

    private void reduceLongRows(LoopArguments arguments, int rowStart, int rowEnd, int columnStart, int columnEnd) {
        var kernel = loop.kernel();
        int inputs = kernel.inputStrides().size();
        int outputs = kernel.outputs().size();
        int chunks = Math.ceilDiv(columnEnd - columnStart, CHUNK);
        var partial = new LoopArguments(
                arguments.arrays().clone(),
                arguments.offsets().clone(),
                arguments.rowStrides().clone(),
                arguments.columnStrides(),
                arguments.scalars());
        var chunkResults = new Buffer[outputs];
        for (int i = 0; i < outputs; i++) {
            if (kernel.outputs().get(i) instanceof ReduceColumns) {
                chunkResults[i] = Buffer.allocate(loop.outputTypes().get(i), chunks);
                partial.arrays()[inputs + i] = chunkResults[i].array();
                partial.rowStrides()[inputs + i] = 0;
            }
        }
        for (int row = rowStart; row < rowEnd; row++) {
            for (int chunk = 0; chunk < chunks; chunk++) {
                for (int i = 0; i < outputs; i++) {
                    if (kernel.outputs().get(i) instanceof ReduceColumns) {
                        partial.offsets()[inputs + i] = chunk;
                    }
                }
                int from = columnStart + chunk * CHUNK;
                dispatch(partial, row, row + 1, from, Math.min(columnEnd, from + CHUNK));
            }
            for (int i = 0; i < outputs; i++) {
                if (kernel.outputs().get(i) instanceof ReduceColumns(ReduceOp op, int _)) {
                    int at = inputs + i;
                    int index = arguments.offsets()[at] + row * arguments.rowStrides()[at];
                    var to = Buffer.wrap(
                            chunkResults[i].dtype(), index + 1, arguments.arrays()[at]);
                    LoopPartials.combine(op, chunkResults[i], chunks, to, index);
                }
            }
        }
    }

    private void dispatch(LoopArguments arguments, int rowStart, int rowEnd, int columnStart, int columnEnd) {
        if (warmUp.isOver()) {
            compiled(arguments, rowStart, rowEnd, columnStart, columnEnd);
        } else if (reducesColumns || vector == null) {
            cold(arguments, rowStart, rowEnd, columnStart, columnEnd);
        } else {
            // What does not fill a vector says nothing about the fast form.
            int middle = columnEnd - (columnEnd - columnStart) % lanes;
            if (middle > columnStart) {
                cold(arguments, rowStart, rowEnd, columnStart, middle);
            }
            rest(arguments, rowStart, rowEnd, middle, columnEnd);
        }
    }

    /// Fewer columns than a vector has elements: by vectors of half the width if they fill one.
    private void rest(LoopArguments arguments, int rowStart, int rowEnd, int columnStart, int columnEnd) {
        int columns = columnEnd - columnStart;
        if (bits == VectorSupport.BITS_WITH_HALF && columns >= lanes / 2) {
            half().dispatch(arguments, rowStart, rowEnd, columnStart, columnEnd);
        } else if (columns > 0) {
            scalar.run(arguments, rowStart, rowEnd, columnStart, columnEnd);
        }
    }

    /// The same for vectors of half the width, with a warm-up of its own.
    private LoopBody half() {
        LoopBody made = half;
        if (made == null) {
            synchronized (scalar) {
                made = half;
                if (made == null) {
                    made = new LoopBody(loop, bits / 2, warmUp.again(), scalar);
                    half = made;
                }
            }
        }
        return made;
    }

    /// Everything through the fast form.
    private void compiled(LoopArguments arguments, int rowStart, int rowEnd, int columnStart, int columnEnd) {
        if (vector == null) {
            scalar.run(arguments, rowStart, rowEnd, columnStart, columnEnd);
            return;
        }
        if (reducesColumns) {
            vector.run(arguments, rowStart, rowEnd, columnStart, columnEnd);
            return;
        }
        int columns = columnEnd - columnStart;
        int rest = columns % lanes;
        int middle = columnEnd - rest;
        if (reducesRows && columns > COLUMN_BLOCK) {
            for (int from = columnStart; from < middle; from += COLUMN_BLOCK) {
                vector.run(arguments, rowStart, rowEnd, from, Math.min(middle, from + COLUMN_BLOCK));
            }
            rest(arguments, rowStart, rowEnd, middle, columnEnd);
        } else if (rest == 0 && !goesDown) {
            vector.run(arguments, rowStart, rowEnd, columnStart, columnEnd);
        } else if (rest == columns) {
            rest(arguments, rowStart, rowEnd, columnStart, columnEnd);
        } else {
            int block = Math.max(1, (goesDown ? DOWN_BLOCK : BLOCK) / Math.max(1, columns));
            for (int row = rowStart; row < rowEnd; row += block) {
                int end = Math.min(rowEnd, row + block);
                vector.run(arguments, row, end, columnStart, middle);
                rest(arguments, row, end, middle, columnEnd);
            }
        }
    }

    /// The same in small pieces, of which some try the fast form.
    private void cold(LoopArguments arguments, int rowStart, int rowEnd, int columnStart, int columnEnd) {
        int columns = columnEnd - columnStart;
        if (vector != null && reducesColumns && columns > LoopWarmUp.ROW && rowEnd > rowStart) {
            coldRows(vector, arguments, rowStart, rowEnd, columnStart, columnEnd);
            return;
        }
        int width = reducesColumns ? columns : Math.min(columns, goesDown ? lanes : LoopWarmUp.PIECE);
        int height = goesDown ? LoopWarmUp.ROWS_DOWN : Math.max(1, LoopWarmUp.PIECE / Math.max(1, width));
        boolean tries = vector != null && (!reducesColumns || width >= lanes);
        long budget = warmUp.budgetNanos();
        int from = columnStart;
        do {
            int to = Math.min(columnEnd, from + width);
            for (int row = rowStart; row < rowEnd; row += height) {
                int end = Math.min(rowEnd, row + height);
                if (warmUp.isOver()) {
                    compiled(arguments, row, rowEnd, from, to);
                    break;
                }
                if (tries && budget > 0) {
                    long start = System.nanoTime();
                    compiled(arguments, row, end, from, to);
                    long nanos = System.nanoTime() - start;
                    budget -= nanos;
                    warmUp.tried(nanos, (end - row) * (to - from));
                } else {
                    scalar.run(arguments, row, end, from, to);
                    warmUp.ran(vector == null);
                }
            }
            from = to;
        } while (from < columnEnd);
    }

    /// The same for long rows that are reduced, which cannot be had in pieces: the fast form is tried
    /// on the beginning of one of them, copied, and the results come from the other form.
    private void coldRows(
            LoopNest fast, LoopArguments arguments, int rowStart, int rowEnd, int columnStart, int columnEnd) {
        LoopArguments sample = arguments.sample(loop.kernel(), rowStart, columnStart, LoopWarmUp.ROW);
        long budget = warmUp.budgetNanos();
        while (budget > 0 && !warmUp.isOver()) {
            long start = System.nanoTime();
            fast.run(sample, 0, 1, 0, LoopWarmUp.ROW);
            long nanos = System.nanoTime() - start;
            budget -= nanos;
            warmUp.tried(nanos, LoopWarmUp.ROW);
        }
        for (int row = rowStart; row < rowEnd; row++) {
            if (warmUp.isOver()) {
                fast.run(arguments, row, rowEnd, columnStart, columnEnd);
                return;
            }
            scalar.run(arguments, row, row + 1, columnStart, columnEnd);
        }
    }
}
