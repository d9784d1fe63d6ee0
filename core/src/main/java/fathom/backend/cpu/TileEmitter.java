package fathom.backend.cpu;

import fathom.tensor.DType;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.util.Map;

/// Emits [TileKernel]s.
///
/// The accumulators are local variables, so their number is fixed in the code, and nothing but the
/// vector operations themselves ever sees a vector. Every index in the inner loop is a constant
/// multiple of the loop's counter plus something that does not change: that is what lets the JIT
/// move the bounds checks out of it.
record TileEmitter(Lanes lanes, int rows, int vectors, int panel) {
    /// A kernel for tiles of `rows` rows, `packedRows` where A is packed, and `vectors` vectors of
    /// columns, over packed panels with rows of `panel` elements.
    static TileKernel emit(Lanes lanes, int rows, int packedRows, int vectors, int panel) {
        String name = "Tile" + lanes.title() + "Of" + rows + "By" + vectors;
        TileEmitter direct = new TileEmitter(lanes, rows, vectors, panel);
        TileEmitter packed = new TileEmitter(lanes, packedRows, vectors, panel);
        return KernelClasses.instantiate(
                name, TileKernel.class, Map.of("rows", direct::overRows, "packed", packed::overPacked));
    }

    private void overRows(CodeBuilder code) {
        int aRows = 2;
        int row = 3;
        int segments = 4;
        int from = 5;
        int to = 6;
        int start = 7;
        int length = 8;
        int bo = 10;
        int a = lanes.array(code, 1);
        int b = lanes.array(code, 9);
        Target c = new Target(lanes.array(code, 11), 12, row, 13, 14);
        int[] sums = startingValues(code, c);

        int[] offsets = new int[rows];
        for (int i = 0; i < rows; i++) {
            offsets[i] = code.allocateLocal(TypeKind.INT);
        }
        int base = code.allocateLocal(TypeKind.INT);
        Label nextSegment = code.newLabel();
        Label noSegment = code.newLabel();
        code.labelBinding(nextSegment).iload(from).iload(to).if_icmpge(noSegment);
        code.aload(segments).iload(from).iaload().iload(start).iadd().istore(base);
        for (int i = 0; i < rows; i++) {
            code.aload(aRows).iload(row).loadConstant(i).iadd().iaload();
            code.iload(base).iadd().istore(offsets[i]);
        }
        int index = code.allocateLocal(TypeKind.INT);
        KernelClasses.loop(code, length, k -> {
            code.iload(k).loadConstant(panel).imul().iload(bo).iadd().istore(index);
            int[] right = loadPanelRow(code, b, index);
            for (int i = 0; i < rows; i++) {
                code.iload(offsets[i]).iload(k).iadd().istore(index);
                multiplyAdd(code, a, index, 0, right, sums, i);
            }
        });
        code.iload(length).loadConstant(panel).imul().iload(bo).iadd().istore(bo);
        code.iinc(from, 1).goto_(nextSegment).labelBinding(noSegment);
        store(code, sums, c);
    }

    private void overPacked(CodeBuilder code) {
        int ao = 2;
        int length = 3;
        int bo = 5;
        int rowEnd = 8;
        int a = lanes.array(code, 1);
        int b = lanes.array(code, 4);
        int row = code.allocateLocal(TypeKind.INT);
        Target c = new Target(lanes.array(code, 6), 7, row, 9, 10);
        Label nextTile = code.newLabel();
        Label noTile = code.newLabel();
        code.iconst_0().istore(row);
        code.labelBinding(nextTile).iload(row).iload(rowEnd).if_icmpge(noTile);
        int[] sums = startingValues(code, c);
        int index = code.allocateLocal(TypeKind.INT);
        KernelClasses.loop(code, length, k -> {
            code.iload(k).loadConstant(panel).imul().iload(bo).iadd().istore(index);
            int[] right = loadPanelRow(code, b, index);
            code.iload(k).loadConstant(rows).imul().iload(ao).iadd().istore(index);
            for (int i = 0; i < rows; i++) {
                multiplyAdd(code, a, index, i, right, sums, i);
            }
        });
        store(code, sums, c);
        code.iload(length).loadConstant(rows).imul().iload(ao).iadd().istore(ao);
        code.iinc(row, rows).goto_(nextTile).labelBinding(noTile);
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
        int[] sums = new int[rows * vectors];
        for (int i = 0; i < rows; i++) {
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
        for (int i = 0; i < rows; i++) {
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

    private int[] loadPanelRow(CodeBuilder code, int b, int index) {
        int[] right = new int[vectors];
        for (int v = 0; v < vectors; v++) {
            lanes.load(code, b, index, v * lanes.count());
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
