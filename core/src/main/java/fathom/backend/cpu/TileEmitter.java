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
        int rowEnd = 4;
        int segments = 5;
        int from = 6;
        int to = 7;
        int start = 8;
        int length = 9;
        int bo = 11;
        int a = lanes.array(code, 1);
        int b = lanes.array(code, 10);
        Target c = new Target(lanes.array(code, 12), 13, row, 14, 15);
        int[] offsets = new int[rows];
        for (int i = 0; i < rows; i++) {
            offsets[i] = code.allocateLocal(TypeKind.INT);
        }
        int base = code.allocateLocal(TypeKind.INT);
        int index = code.allocateLocal(TypeKind.INT);
        int segment = code.allocateLocal(TypeKind.INT);
        int panelRow = code.allocateLocal(TypeKind.INT);
        whileBelow(code, row, rowEnd, () -> {
            int[] sums = startingValues(code, c);
            code.iload(from).istore(segment);
            code.iload(bo).istore(panelRow);
            whileBelow(code, segment, to, () -> {
                code.aload(segments).iload(segment).iaload().iload(start).iadd().istore(base);
                for (int i = 0; i < rows; i++) {
                    code.aload(aRows).iload(row).loadConstant(i).iadd().iaload();
                    code.iload(base).iadd().istore(offsets[i]);
                }
                KernelClasses.loop(code, length, k -> {
                    code.iload(k)
                            .loadConstant(panel)
                            .imul()
                            .iload(panelRow)
                            .iadd()
                            .istore(index);
                    int[] right = loadPanelRow(code, b, index);
                    for (int i = 0; i < rows; i++) {
                        code.iload(offsets[i]).iload(k).iadd().istore(index);
                        multiplyAdd(code, a, index, 0, right, sums, i);
                    }
                });
                code.iload(length)
                        .loadConstant(panel)
                        .imul()
                        .iload(panelRow)
                        .iadd()
                        .istore(panelRow);
                code.iinc(segment, 1);
            });
            store(code, sums, c);
            code.iinc(row, rows);
        });
    }

    private static void whileBelow(CodeBuilder code, int counter, int limit, Runnable body) {
        Label top = code.newLabel();
        Label end = code.newLabel();
        code.labelBinding(top).iload(counter).iload(limit).if_icmpge(end);
        body.run();
        code.goto_(top).labelBinding(end);
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
        int index = code.allocateLocal(TypeKind.INT);
        code.iconst_0().istore(row);
        whileBelow(code, row, rowEnd, () -> {
            int[] sums = startingValues(code, c);
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
            code.iinc(row, rows);
        });
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
