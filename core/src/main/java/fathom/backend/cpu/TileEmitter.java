package fathom.backend.cpu;

import fathom.tensor.DType;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.util.Map;

/// Emits [TileKernel]s.
///
/// The accumulators are local variables, so their number is fixed in the code, and nothing but the
/// vector operations themselves ever sees a vector. Every index in the inner loop is a constant
/// multiple of the loop's counter plus something that does not change: that is what lets the JIT
/// move the bounds checks out of it.
record TileEmitter(Lanes lanes, TileShape shape, int vectors) {
    // Parameters of both methods.
    private static final int AO = 2;
    private static final int LENGTH = 3;
    private static final int BO = 5;
    private static final int ROW_END = 8;
    private static final int NEXT = 11;
    private static final int NEXT_END = 12;

    /// The most sums that are added to in one turn of the loop over k.
    private static final int MOST_SUMS = 48;

    /// A kernel for tiles of the shape's rows and of `vectors` vectors of columns, no more than the
    /// shape has, over panels that are as wide as the shape.
    static TileKernel emit(Lanes lanes, TileShape shape, int vectors) {
        String name = "Tile" + lanes.title() + "Of" + shape.rows() + "By" + vectors;
        TileEmitter emitter = new TileEmitter(lanes, shape, vectors);
        return KernelClasses.instantiate(
                name, TileKernel.class, Map.of("rows", emitter::overRows, "columns", emitter::overColumns));
    }

    private void overRows(CodeBuilder code) {
        tiles(code, 1, shape.rowStep(), () -> code.loadConstant(shape.rows() * shape.rowStep()));
    }

    private void overColumns(CodeBuilder code) {
        tiles(
                code,
                shape.rows(),
                1,
                () -> code.iload(LENGTH).loadConstant(shape.rows()).imul());
    }

    /// @param perStep elements of A from one k to the next
    /// @param perRow elements of A from one row to the next
    /// @param nextTile pushes the number of elements of A from one tile to the next
    private void tiles(CodeBuilder code, int perStep, int perRow, Runnable nextTile) {
        int rows = shape.rows();
        int panel = shape.vectors() * lanes.count();
        int a = lanes.array(code, 1);
        int b = lanes.array(code, 4);
        int row = code.allocateLocal(TypeKind.INT);
        Target c = new Target(lanes.array(code, 6), 7, row, 9, 10);
        int index = code.allocateLocal(TypeKind.INT);
        int seen = code.allocateLocal(TypeKind.FLOAT);
        code.fconst_0().fstore(seen);
        stayWithinNext(code);
        code.iconst_0().istore(row);
        KernelClasses.loopBelow(code, row, ROW_END, () -> {
            int[] sums = startingValues(code, c);
            int steps = Math.clamp(MOST_SUMS / sums.length, 1, shape.steps());
            KernelClasses.loop(code, LENGTH, steps, (k, ahead) -> {
                code.iload(k).loadConstant(panel).imul().iload(BO).iadd().istore(index);
                int[] right = loadPanelRow(code, b, index, ahead * panel);
                code.iload(k).loadConstant(perStep).imul().iload(AO).iadd().istore(index);
                for (int i = 0; i < rows; i++) {
                    // With one vector of columns there are registers enough, and between fences the JIT would not
                    // repeat an element as it reads it, but afterwards, for which there is one unit: 0.36 and not
                    // 0.23 ns for a row and a step of k.
                    if (vectors > 1) {
                        KernelClasses.keepOrder(code);
                    }
                    multiplyAdd(code, a, index, ahead * perStep + i * perRow, right, sums, i);
                }
                KernelClasses.keepOrder(code);
                lookAhead(code, b, k, ahead, seen);
            });
            store(code, sums, c);
            nextTile.run();
            code.iload(AO).iadd().istore(AO);
            code.iload(LENGTH)
                    .loadConstant(shape.ahead())
                    .imul()
                    .iload(NEXT)
                    .iadd()
                    .istore(NEXT);
            stayWithinNext(code);
            code.iinc(row, rows);
        });
        code.fload(seen).freturn();
    }

    /// `next = Math.min(next, nextEnd - ahead * length)`
    private void stayWithinNext(CodeBuilder code) {
        code.iload(NEXT)
                .iload(NEXT_END)
                .iload(LENGTH)
                .loadConstant(shape.ahead())
                .imul()
                .isub();
        KernelClasses.min(code);
        code.istore(NEXT);
    }

    /// `seen += b[next + (k + ahead) * shape.ahead]`
    private void lookAhead(CodeBuilder code, int b, int k, int ahead, int seen) {
        if (shape.ahead() == 0) {
            return;
        }
        code.aload(b).iload(k).loadConstant(shape.ahead()).imul().iload(NEXT).iadd();
        code.loadConstant(ahead * shape.ahead()).iadd();
        if (lanes.dtype() == DType.F32) {
            code.faload();
        } else {
            code.daload().d2f();
        }
        code.fload(seen).fadd().fstore(seen);
    }

    /// The local variables that say where the tile's rows go.
    private record Target(int array, int rows, int row, int column, int accumulate) {}

    /// Accumulators, loaded from C or from zeros: a choice between arrays, because a choice between
    /// vectors would have to merge them.
    private int[] startingValues(CodeBuilder code, Target c) {
        int initial = code.allocateLocal(TypeKind.REFERENCE);
        int mask = code.allocateLocal(TypeKind.INT);
        code.iload(c.accumulate()).ineg().istore(mask);
        code.iload(c.accumulate());
        code.ifThenElse(
                yes -> yes.aload(c.array()).astore(initial), no -> zeros(no).astore(initial));
        int index = code.allocateLocal(TypeKind.INT);
        int[] sums = new int[shape.rows() * vectors];
        for (int i = 0; i < shape.rows(); i++) {
            pushRow(code, c, i);
            code.iload(mask).iand().istore(index);
            for (int v = 0; v < vectors; v++) {
                lanes.load(code, initial, index, v * lanes.count());
                sums[i * vectors + v] = lanes.local(code);
                lanes.set(code, sums[i * vectors + v]);
            }
        }
        return sums;
    }

    private CodeBuilder zeros(CodeBuilder code) {
        return code.getstatic(
                KernelClasses.describe(Zeros.class), lanes.dtype() == DType.F32 ? "FLOATS" : "DOUBLES", lanes.arrays());
    }

    private void store(CodeBuilder code, int[] sums, Target c) {
        int index = code.allocateLocal(TypeKind.INT);
        for (int i = 0; i < shape.rows(); i++) {
            pushRow(code, c, i);
            code.istore(index);
            for (int v = 0; v < vectors; v++) {
                lanes.store(code, sums[i * vectors + v], c.array(), index, v * lanes.count());
            }
        }
    }

    private static void pushRow(CodeBuilder code, Target c, int i) {
        code.aload(c.rows()).iload(c.row()).loadConstant(i).iadd().iaload();
        code.iload(c.column()).iadd();
    }

    private int[] loadPanelRow(CodeBuilder code, int b, int index, int constant) {
        int[] right = new int[vectors];
        for (int v = 0; v < vectors; v++) {
            lanes.load(code, b, index, constant + v * lanes.count());
            right[v] = lanes.local(code);
            lanes.set(code, right[v]);
        }
        return right;
    }

    /// Multiplies the row of B into row `i` of the sums, by A's element at `index + constant`.
    private void multiplyAdd(CodeBuilder code, int a, int index, int constant, int[] right, int[] sums, int i) {
        lanes.repeat(code, a, index, constant);
        int left = lanes.local(code);
        lanes.set(code, left);
        for (int v = 0; v < vectors; v++) {
            int sum = sums[i * vectors + v];
            lanes.get(code, left);
            lanes.get(code, right[v]);
            lanes.get(code, sum);
            lanes.fma(code);
            lanes.set(code, sum);
        }
    }
}
