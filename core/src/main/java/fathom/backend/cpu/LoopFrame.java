package fathom.backend.cpu;

import fathom.backend.cpu.LoopKernel.ColumnStride;
import fathom.tensor.DType;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/// The local variables of an emitted loop nest: the method's parameters, the addresses of its
/// arrays and a supply of slots for values.
final class LoopFrame {
    static final ClassDesc ARGUMENTS = KernelClasses.describe(LoopArguments.class);
    static final int ROW_START = 2;
    static final int ROW_END = 3;
    static final int COLUMN_START = 4;
    static final int COLUMN_END = 5;

    private static final int ARGUMENTS_SLOT = 1;
    private static final ClassDesc INTS = ConstantDescs.CD_int.arrayType();

    final CodeBuilder code;

    /// The current row and column.
    final int row;

    final int column;

    /// The run-time scalars.
    final int scalars;

    private final List<Cursor> cursors = new ArrayList<>();
    private final int arrays;
    private final Deque<Integer> freeSingles = new ArrayDeque<>();
    private final Deque<Integer> freeDoubles = new ArrayDeque<>();
    private int next = 6;

    /// Where an array or coordinate stands.
    ///
    /// @param array local of the array, -1 for a coordinate
    /// @param base local of the index of the current row's column 0
    /// @param first local of what that is in the first row, -1 if the rows do not move it
    /// @param rowStride local, -1 if the rows do not move it
    /// @param columnStride local, -1 if fixed
    /// @param index local of the current element's index, -1 if it follows from base and column
    private record Cursor(int array, int base, int first, int rowStride, int columnStride, int index) {}

    LoopFrame(CodeBuilder code, LoopExpansion loop) {
        this.code = code;
        row = slot(TypeKind.INT);
        column = slot(TypeKind.INT);
        scalars = field("scalars", ConstantDescs.CD_long.arrayType());
        int objects = field("arrays", ConstantDescs.CD_Object.arrayType());
        int offsets = field("offsets", INTS);
        int rowStrides = field("rowStrides", INTS);
        int columnStrides = field("columnStrides", INTS);
        var kernel = loop.kernel();
        var types = new ArrayList<DType>(kernel.inputTypes());
        types.addAll(loop.outputTypes());
        arrays = types.size();
        for (int k = 0; k < arrays + kernel.coordinates(); k++) {
            int array = -1;
            if (k < arrays) {
                array = slot(TypeKind.REFERENCE);
                code.aload(objects).loadConstant(k).aaload();
                code.checkcast(LoopType.array(types.get(k))).astore(array);
            }
            var stride = stride(kernel, k);
            boolean strided = stride == ColumnStride.STRIDED;
            int inputs = kernel.inputStrides().size();
            boolean still = stride == ColumnStride.REPEATED
                    || k >= inputs && k < arrays && kernel.outputs().get(k - inputs) instanceof LoopKernel.ReduceRows;
            var cursor = new Cursor(
                    array,
                    slot(TypeKind.INT),
                    still ? -1 : slot(TypeKind.INT),
                    still ? -1 : slot(TypeKind.INT),
                    strided ? slot(TypeKind.INT) : -1,
                    strided ? slot(TypeKind.INT) : -1);
            code.aload(offsets).loadConstant(k).iaload();
            if (!still) {
                code.aload(rowStrides).loadConstant(k).iaload().dup().istore(cursor.rowStride);
                code.iload(ROW_START).imul().iadd().dup().istore(cursor.first);
            }
            code.istore(cursor.base);
            if (strided) {
                code.aload(columnStrides).loadConstant(k).iaload().istore(cursor.columnStride);
            }
            cursors.add(cursor);
        }
    }

    private static ColumnStride stride(LoopKernel kernel, int k) {
        int inputs = kernel.inputStrides().size();
        if (k < inputs) {
            return kernel.inputStrides().get(k);
        }
        if (k >= inputs + kernel.outputs().size()) {
            return ColumnStride.STRIDED;
        }
        return switch (kernel.outputs().get(k - inputs)) {
            case LoopKernel.Store store -> store.stride();
            case LoopKernel.ReduceColumns _ -> ColumnStride.BROADCAST;
            case LoopKernel.ReduceRows _ -> ColumnStride.CONTIGUOUS;
        };
    }

    /// A slot with one of the arrays of the arguments.
    private int field(String name, ClassDesc type) {
        int slot = slot(TypeKind.REFERENCE);
        code.aload(ARGUMENTS_SLOT).invokevirtual(ARGUMENTS, name, MethodTypeDesc.of(type));
        code.astore(slot);
        return slot;
    }

    /// A slot that is in use until it is given back.
    int slot(TypeKind kind) {
        var free = kind.slotSize() == 1 ? freeSingles : freeDoubles;
        if (!free.isEmpty()) {
            return free.pop();
        }
        int slot = next;
        next += kind.slotSize();
        return slot;
    }

    /// Gives a slot back.
    void release(TypeKind kind, int slot) {
        (kind.slotSize() == 1 ? freeSingles : freeDoubles).push(slot);
    }

    /// The cursor number of an output.
    int outputCursor(LoopExpansion loop, int output) {
        return loop.kernel().inputStrides().size() + output;
    }

    /// The cursor number of a coordinate.
    int coordinateCursor(int coordinate) {
        return arrays + coordinate;
    }

    /// Pushes the array.
    void pushArray(int cursor) {
        code.aload(cursors.get(cursor).array);
    }

    /// Pushes the index of the current element. `contiguous` says whether the column counts.
    void pushIndex(int cursor, boolean contiguous) {
        var at = cursors.get(cursor);
        if (at.index >= 0) {
            code.iload(at.index);
        } else {
            code.iload(at.base);
            if (contiguous) {
                code.iload(column).iadd();
            }
        }
    }

    /// Pushes the column stride of a strided array or a coordinate.
    void pushColumnStride(int cursor) {
        code.iload(cursors.get(cursor).columnStride);
    }

    /// Moves the strided indices to the row's first column.
    void startRow() {
        for (var at : cursors) {
            if (at.index >= 0) {
                code.iload(at.base).iload(COLUMN_START).iload(at.columnStride);
                code.imul().iadd().istore(at.index);
            }
        }
    }

    /// Moves the strided indices on by some columns.
    void advanceColumns(int count) {
        for (var at : cursors) {
            if (at.index >= 0) {
                code.iload(at.index).iload(at.columnStride);
                if (count != 1) {
                    code.loadConstant(count).imul();
                }
                code.iadd().istore(at.index);
            }
        }
        code.iinc(column, count);
    }

    /// Moves everything back to the first row.
    void startColumn() {
        for (var at : cursors) {
            if (at.rowStride >= 0) {
                code.iload(at.first).istore(at.base);
            }
        }
        code.iload(ROW_START).istore(row);
    }

    /// Moves everything to the next row.
    void advanceRow() {
        for (var at : cursors) {
            if (at.rowStride >= 0) {
                code.iload(at.base).iload(at.rowStride).iadd().istore(at.base);
            }
        }
        code.iinc(row, 1);
    }
}
