package fathom.backend.cpu;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.Map;
import java.util.function.Consumer;

/// Emits [PanelKernel]s.
record PanelEmitter(Lanes lanes, int rows, int panel) {
    private static final ClassDesc MATH = ClassDesc.of("java.lang.Math");
    private static final MethodTypeDesc INT_PAIR_TO_INT =
            MethodTypeDesc.of(ConstantDescs.CD_int, ConstantDescs.CD_int, ConstantDescs.CD_int);

    /// A kernel for tiles of `rows` rows and for panels with rows of `panel` elements, a multiple
    /// of the vectors' length.
    static PanelKernel emit(Lanes lanes, int rows, int panel) {
        PanelEmitter emitter = new PanelEmitter(lanes, rows, panel);
        return KernelClasses.instantiate("Panel" + lanes.title(), PanelKernel.class, emitter.bodies());
    }

    private Map<String, Consumer<CodeBuilder>> bodies() {
        return Map.of(
                "pack", this::pack,
                "packTransposed", this::packTransposed,
                "packLeft", code -> packLeft(code, 1),
                "packLeftTiles", code -> packLeft(code, PanelKernel.TOGETHER),
                "packLeftRuns", this::packLeftRuns,
                "gather", this::gather,
                "copy", this::copy,
                "addScattered", this::addScattered,
                "add", this::add,
                "overhang", code -> code.loadConstant(covering() - rows).ireturn());
    }

    private void pack(CodeBuilder code) {
        int start = 2;
        int stride = 3;
        int at = 6;
        int from = lanes.array(code, 1);
        int to = lanes.array(code, 5);
        int index = code.allocateLocal(TypeKind.INT);
        KernelClasses.loop(code, 4, i -> {
            code.iload(i).loadConstant(panel).imul().iload(at).iadd().istore(index);
            for (int j = 0; j < panel; j += lanes.count()) {
                move(code, lanes, from, start, j, to, index, j);
            }
            code.iload(start).iload(stride).iadd().istore(start);
        });
    }

    private void packTransposed(CodeBuilder code) {
        Lanes one = lanes.scalar();
        int stride = 3;
        int at = 6;
        int from = lanes.array(code, 1);
        int to = lanes.array(code, 5);
        // A few source rows at a time: their offsets stay in registers.
        int together = Math.min(4, panel);
        int[] offsets = new int[together];
        for (int j = 0; j < together; j++) {
            offsets[j] = code.allocateLocal(TypeKind.INT);
        }
        int source = code.allocateLocal(TypeKind.INT);
        int index = code.allocateLocal(TypeKind.INT);
        for (int first = 0; first < panel; first += together) {
            for (int j = 0; j < together; j++) {
                code.iload(2).iload(stride).loadConstant(first + j).imul().iadd();
                code.istore(offsets[j]);
            }
            int column = first;
            KernelClasses.loop(code, 4, i -> {
                code.iload(i).loadConstant(panel).imul().iload(at).iadd().istore(index);
                for (int j = 0; j < together; j++) {
                    code.iload(offsets[j]).iload(i).iadd().istore(source);
                    move(code, one, from, source, 0, to, index, column + j);
                }
            });
        }
    }

    /// A tile's rows in whole vectors.
    private int covering() {
        return Math.ceilDiv(rows, lanes.count()) * lanes.count();
    }

    /// Whole vectors are copied, each row's surplus being overwritten by the next rows; only the
    /// last rows of a tile are copied one by one, because the next tile follows.
    private void packLeft(CodeBuilder code, int tiles) {
        int first = 3;
        int count = 4;
        int at = 7;
        int from = lanes.array(code, 1);
        int to = lanes.array(code, 6);
        int source = code.allocateLocal(TypeKind.INT);
        int target = code.allocateLocal(TypeKind.INT);
        int[] tile = new int[tiles];
        for (int t = 0; t < tiles; t++) {
            tile[t] = code.allocateLocal(TypeKind.INT);
            code.iload(count).loadConstant(t * rows).imul().iload(at).iadd().istore(tile[t]);
        }
        int rest = code.allocateLocal(TypeKind.INT);
        code.iload(count).loadConstant(Math.ceilDiv(covering() - rows, rows));
        code.invokestatic(MATH, "min", INT_PAIR_TO_INT).istore(rest);
        code.iload(count).iload(rest).isub().istore(count);
        for (boolean whole : new boolean[] {true, false}) {
            Lanes width = whole ? lanes : lanes.scalar();
            KernelClasses.loop(code, whole ? count : rest, k -> {
                code.aload(2).iload(first).iload(k).iadd().iaload();
                code.iload(5).iadd().istore(source);
                for (int t = 0; t < tiles; t++) {
                    code.iload(k).loadConstant(rows).imul();
                    code.iload(tile[t]).iadd().istore(target);
                    for (int i = 0; i < rows; i += width.count()) {
                        move(code, width, from, source, t * rows + i, to, target, i);
                    }
                }
            });
            // The loop over the rest goes on where the first one ends.
            code.iload(first).iload(count).iadd().istore(first);
            for (int t = 0; t < tiles; t++) {
                code.iload(count).loadConstant(rows).imul();
                code.iload(tile[t]).iadd().istore(tile[t]);
            }
        }
    }

    /// For each row of the tile's elements the first run and then the second, over what stood out of the first.
    private void packLeftRuns(CodeBuilder code) {
        int first = 3;
        int start = 5;
        int second = 6;
        int split = 7;
        int at = 9;
        int from = lanes.array(code, 1);
        int to = lanes.array(code, 8);
        int offset = code.allocateLocal(TypeKind.INT);
        int source = code.allocateLocal(TypeKind.INT);
        int target = code.allocateLocal(TypeKind.INT);
        KernelClasses.loop(code, 4, k -> {
            code.aload(2).iload(first).iload(k).iadd().iaload().istore(offset);
            code.iload(k).loadConstant(rows).imul().iload(at).iadd().istore(target);
            for (int run : new int[] {start, second}) {
                code.iload(offset).iload(run).iadd().istore(source);
                for (int i = 0; i < rows; i += lanes.count()) {
                    move(code, lanes, from, source, i, to, target, i);
                }
                code.iload(target).iload(split).iadd().istore(target);
            }
        });
    }

    private void gather(CodeBuilder code) {
        int first = 3;
        int at = 7;
        int toStep = 8;
        int from = lanes.array(code, 1);
        int to = lanes.array(code, 6);
        int source = code.allocateLocal(TypeKind.INT);
        KernelClasses.loop(code, 4, k -> {
            code.aload(2).iload(first).iload(k).iadd().iaload();
            code.iload(5).iadd().istore(source);
            move(code, lanes.scalar(), from, source, 0, to, at, 0);
            code.iload(at).iload(toStep).iadd().istore(at);
        });
    }

    private void copy(CodeBuilder code) {
        int start = 2;
        int fromStep = 3;
        int at = 6;
        int toStep = 7;
        int from = lanes.array(code, 1);
        int to = lanes.array(code, 5);
        KernelClasses.loop(code, 4, _ -> {
            move(code, lanes.scalar(), from, start, 0, to, at, 0);
            code.iload(start).iload(fromStep).iadd().istore(start);
            code.iload(at).iload(toStep).iadd().istore(at);
        });
    }

    private void addScattered(CodeBuilder code) {
        int from = lanes.array(code, 1);
        int to = lanes.array(code, 5);
        int source = code.allocateLocal(TypeKind.INT);
        int target = code.allocateLocal(TypeKind.INT);
        KernelClasses.loop(code, 4, i -> {
            code.aload(2).iload(i).iaload().iload(3).iadd().istore(source);
            code.aload(6).iload(i).iaload().iload(7).iadd().istore(target);
            sum(code, lanes.scalar(), from, source, to, target);
        });
    }

    private void add(CodeBuilder code) {
        int start = 2;
        int count = 3;
        int at = 5;
        int from = lanes.array(code, 1);
        int to = lanes.array(code, 4);
        int whole = code.allocateLocal(TypeKind.INT);
        code.iload(count).loadConstant(lanes.count()).idiv().istore(whole);
        addLoop(code, lanes, from, start, whole, to, at);
        code.iload(whole).loadConstant(lanes.count()).imul().istore(whole);
        code.iload(start).iload(whole).iadd().istore(start);
        code.iload(at).iload(whole).iadd().istore(at);
        code.iload(count).iload(whole).isub().istore(count);
        addLoop(code, lanes.scalar(), from, start, count, to, at);
    }

    private static void addLoop(CodeBuilder code, Lanes width, int from, int start, int count, int to, int at) {
        int source = code.allocateLocal(TypeKind.INT);
        int index = code.allocateLocal(TypeKind.INT);
        KernelClasses.loop(code, count, i -> {
            code.iload(i).loadConstant(width.count()).imul().istore(index);
            code.iload(index).iload(start).iadd().istore(source);
            code.iload(index).iload(at).iadd().istore(index);
            sum(code, width, from, source, to, index);
        });
    }

    private static void sum(CodeBuilder code, Lanes width, int from, int source, int to, int index) {
        width.load(code, from, source, 0);
        width.load(code, to, index, 0);
        width.add(code);
        int sum = width.local(code);
        width.set(code, sum);
        width.store(code, sum, to, index, 0);
    }

    private static void move(
            CodeBuilder code, Lanes width, int from, int source, int sourceConstant, int to, int index, int constant) {
        width.load(code, from, source, sourceConstant);
        int value = width.local(code);
        width.set(code, value);
        width.store(code, value, to, index, constant);
    }
}
