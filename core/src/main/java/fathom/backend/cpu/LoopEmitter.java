package fathom.backend.cpu;

import fathom.backend.cpu.LoopExpansion.Level;
import fathom.backend.cpu.LoopKernel.ColumnStride;
import fathom.backend.cpu.LoopKernel.ReduceColumns;
import fathom.backend.cpu.LoopKernel.ReduceRows;
import fathom.backend.cpu.LoopKernel.Store;
import fathom.ir.ReduceOp;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Emits the loop nest of an expanded kernel as a hidden class: rows outside and columns inside or, in the vector
/// form of a kernel that [goes down][LoopKernel#goesDown], the other way round.
///
/// A column reduction spreads a row over [#VIRTUAL_LANES] partial results, element `j` to number `j
/// % 32`, and combines them by halving. Vectors of any width do exactly that with a few
/// accumulators, which take turns: the one that was just used goes to the back of the queue.
final class LoopEmitter {
    /// Partial results of a column reduction.
    static final int VIRTUAL_LANES = 32;

    private final CodeBuilder code;
    private final LoopExpansion loop;
    private final LoopFrame frame;
    private final @Nullable LoopVectorWriter vector;
    private final LoopScalarWriter scalar;

    private LoopEmitter(CodeBuilder code, LoopExpansion expansion, int bits) {
        this.code = code;
        boolean goesDown = bits != VectorSupport.SCALAR && expansion.kernel().goesDown();
        loop = goesDown ? expansion.down() : expansion;
        frame = new LoopFrame(code, loop);
        vector = bits == VectorSupport.SCALAR ? null : new LoopVectorWriter(frame, loop, bits);
        scalar = new LoopScalarWriter(frame, loop);
    }

    /// The loop nest for vectors of the given width, or for scalars.
    ///
    /// @param bits 128, 256 or 512, or [VectorSupport#SCALAR]
    static LoopNest emit(LoopExpansion loop, int bits) {
        String name = bits == VectorSupport.SCALAR ? "ScalarLoop" : "VectorLoop" + bits;
        return KernelClasses.instantiate(
                name, LoopNest.class, Map.of("run", code -> new LoopEmitter(code, loop, bits).write()));
    }

    /// Whether the kernel has a form with vectors of the given width: all lanes equally wide, all
    /// columns contiguous, every operation one that processors have for vectors.
    static boolean hasVectorForm(LoopExpansion loop, int bits) {
        if (bits == VectorSupport.SCALAR || loop.kernel().inputStrides().contains(ColumnStride.STRIDED)) {
            return false;
        }
        int lane = LoopVectorWriter.laneBits(loop);
        boolean bytes = lane == 32 && bits >= 256;
        var kernel = loop.kernel();
        for (int i = 0; i < kernel.outputs().size(); i++) {
            boolean byteArray = loop.outputTypes().get(i).bytes() == 1;
            boolean half = loop.outputTypes().get(i).isHalf();
            boolean fits = switch (kernel.outputs().get(i)) {
                case Store(int _, ColumnStride stride) ->
                    stride == ColumnStride.CONTIGUOUS && !half && (bytes || !byteArray);
                case ReduceRows _, ReduceColumns _ -> !byteArray;
            };
            if (!fits) {
                return false;
            }
        }
        for (int i = 0; i < loop.nodes().size(); i++) {
            if (loop.needed()[i] && !hasVectorForm(loop, loop.nodes().get(i), lane, bytes)) {
                return false;
            }
        }
        return true;
    }

    private static boolean hasVectorForm(LoopExpansion loop, LoopNode node, int lane, boolean bytes) {
        if (node.type().width != 0 && node.type().width != lane) {
            return false;
        }
        return switch (node.code()) {
            case CALL, RANDOM -> false;
            case LOAD -> {
                var type = loop.kernel().inputTypes().get((int) node.immediate());
                yield switch (type) {
                    case F32, F64, I32 -> true;
                    case U8, BOOL -> bytes;
                    case I64, F16, BF16 -> false;
                };
            }
            case SCALAR -> node.type() != LoopType.I64 && !(node.type() == LoopType.BOOL && lane == 64);
            case CONVERT -> lane == 32;
            default -> true;
        };
    }

    private void write() {
        if (vector != null && loop.kernel().goesDown()) {
            writeDown(vector);
            return;
        }
        if (needsScalar()) {
            scalar.prologue();
        }
        if (vector != null) {
            vector.prologue();
        }
        var reductions = reductions();
        int spill = reductions.isEmpty() ? -1 : spill(reductions);
        code.iload(LoopFrame.ROW_START).istore(frame.row);
        loop(frame.row, LoopFrame.ROW_END, () -> {
            if (needsScalar()) {
                scalar.write(Level.OUTER);
            }
            if (vector != null) {
                vector.write(Level.OUTER);
            }
            frame.startRow();
            code.iload(LoopFrame.COLUMN_START).istore(frame.column);
            if (reductions.isEmpty()) {
                columns(vector == null ? scalar : vector);
            } else {
                reduceRow(reductions, spill);
            }
            frame.advanceRow();
        });
    }

    /// A vector of columns after the other, each down all rows.
    private void writeDown(LoopVectorWriter vector) {
        vector.prologue();
        code.iload(LoopFrame.COLUMN_START).istore(frame.column);
        loop(frame.column, LoopFrame.COLUMN_END, () -> {
            vector.write(Level.OUTER);
            frame.startColumn();
            loop(frame.row, LoopFrame.ROW_END, () -> {
                vector.write(Level.ELEMENT);
                outputs(vector);
                vector.finish();
                frame.advanceRow();
            });
            frame.advanceColumns(vector.lanes());
        });
    }

    /// A body of vectors leaves the columns that do not fill one to the scalar body, except where
    /// it reduces them: the remainder has to meet the same partial results.
    private boolean needsScalar() {
        return vector == null || loop.kernel().reducesColumns();
    }

    private void columns(LoopWriter writer) {
        loop(frame.column, LoopFrame.COLUMN_END, () -> {
            writer.write(Level.ELEMENT);
            outputs(writer);
            writer.finish();
            frame.advanceColumns(writer.lanes());
        });
    }

    /// Stores, and reductions of rows, which accumulate where their output lies.
    private void outputs(LoopWriter writer) {
        var outputs = loop.kernel().outputs();
        for (int i = 0; i < outputs.size(); i++) {
            switch (outputs.get(i)) {
                case Store _ -> writer.store(i);
                case ReduceRows(ReduceOp op, int _) -> {
                    var type = writer.type(loop.values().get(i));
                    if (writer == scalar) {
                        scalar.pushOutputAddress(i);
                    }
                    writer.pushOutput(i);
                    writer.push(loop.values().get(i));
                    writer.combine(LoopExpansion.combination(op), type);
                    if (writer instanceof LoopVectorWriter vectors) {
                        vectors.storeElement(i);
                    } else {
                        scalar.storeElement(i);
                    }
                }
                case ReduceColumns _ -> {}
            }
        }
    }

    /// A reduction of the current row.
    ///
    /// @param output its number among the outputs
    /// @param accumulators locals of vectors
    /// @param type the type of the partial results
    private record Reduction(
            int output, LoopCode operation, ReduceOp op, LoopType type, int lanes, int[] accumulators) {}

    private List<Reduction> reductions() {
        var reductions = new ArrayList<Reduction>();
        var outputs = loop.kernel().outputs();
        for (int i = 0; i < outputs.size(); i++) {
            if (outputs.get(i) instanceof ReduceColumns(ReduceOp op, int _)) {
                var accumulators = new int[vector == null ? 0 : VIRTUAL_LANES / vector.lanes()];
                for (int k = 0; k < accumulators.length; k++) {
                    accumulators[k] = frame.slot(TypeKind.REFERENCE);
                }
                var type = loop.nodes().get(loop.values().get(i)).type();
                int lanes = frame.slot(TypeKind.REFERENCE);
                reductions.add(new Reduction(i, LoopExpansion.combination(op), op, type, lanes, accumulators));
            }
        }
        return reductions;
    }

    /// Makes the arrays of partial results; returns a local for counting.
    private int spill(List<Reduction> reductions) {
        for (var reduction : reductions) {
            code.loadConstant(VIRTUAL_LANES).newarray(reduction.type.kind).astore(reduction.lanes);
        }
        return frame.slot(TypeKind.INT);
    }

    private void reduceRow(List<Reduction> reductions, int count) {
        if (vector == null) {
            for (var reduction : reductions) {
                code.aload(reduction.lanes);
                scalar.pushConstant(reduction.type, identity(reduction));
                code.invokestatic(
                        ClassDesc.of("java.util.Arrays"),
                        "fill",
                        MethodTypeDesc.of(
                                ConstantDescs.CD_void, reduction.type.primitive.arrayType(), reduction.type.primitive));
            }
        } else {
            vectorPart(vector, reductions, count);
        }
        loop(frame.column, LoopFrame.COLUMN_END, () -> {
            scalar.write(Level.ELEMENT);
            outputs(scalar);
            for (var reduction : reductions) {
                code.aload(reduction.lanes);
                code.iload(frame.column).iload(LoopFrame.COLUMN_START).isub();
                code.loadConstant(VIRTUAL_LANES - 1).iand();
                code.dup2().arrayLoad(reduction.type.kind);
                scalar.push(loop.values().get(reduction.output));
                scalar.combine(reduction.operation, reduction.type);
                code.arrayStore(reduction.type.kind);
            }
            scalar.finish();
            frame.advanceColumns(1);
        });
        for (var reduction : reductions) {
            combine(reduction);
        }
    }

    /// Full vectors of columns; leaves the partial results in the arrays.
    private void vectorPart(LoopVectorWriter vector, List<Reduction> reductions, int end) {
        for (var reduction : reductions) {
            for (int accumulator : reduction.accumulators) {
                vector.constant(reduction.type, identity(reduction));
                code.astore(accumulator);
            }
        }
        int width = vector.lanes();
        code.iload(LoopFrame.COLUMN_END).iload(LoopFrame.COLUMN_START).isub();
        code.loadConstant(-width).iand().iload(LoopFrame.COLUMN_START).iadd().istore(end);
        loop(frame.column, end, () -> {
            vector.write(Level.ELEMENT);
            outputs(vector);
            for (var reduction : reductions) {
                var queue = reduction.accumulators;
                code.aload(queue[0]);
                vector.push(loop.values().get(reduction.output));
                vector.combine(reduction.operation, reduction.type);
                for (int i = 0; i < queue.length - 1; i++) {
                    code.aload(queue[i + 1]).astore(queue[i]);
                }
                code.astore(queue[queue.length - 1]);
            }
            vector.finish();
            frame.advanceColumns(width);
        });
        // After m vectors the queue starts at number m.
        code.iload(end).iload(LoopFrame.COLUMN_START).isub().istore(end);
        for (var reduction : reductions) {
            for (int i = 0; i < reduction.accumulators.length; i++) {
                code.aload(reduction.accumulators[i]);
                vector.ofWidth(reduction.type);
                code.aload(reduction.lanes);
                code.iload(end).loadConstant(i * width).iadd();
                code.loadConstant(VIRTUAL_LANES - 1).iand();
                vector.intoArray(reduction.type.vector, reduction.type.primitive.arrayType());
            }
        }
    }

    /// Combines partial result `i` with `i + 16`, then `i + 8`, and so on; stores what is left.
    private void combine(Reduction reduction) {
        int half = VIRTUAL_LANES / 2;
        if (vector != null) {
            int width = vector.lanes();
            var queue = reduction.accumulators;
            for (int i = 0; i < queue.length; i++) {
                vector.species(reduction.type);
                code.aload(reduction.lanes).loadConstant(i * width);
                vector.fromArray(reduction.type.vector, reduction.type.primitive.arrayType());
                code.astore(queue[i]);
            }
            for (; half >= width; half /= 2) {
                for (int i = 0; i < half / width; i++) {
                    code.aload(queue[i]).aload(queue[i + half / width]);
                    vector.combine(reduction.operation, reduction.type);
                    code.astore(queue[i]);
                }
            }
            if (reduction.op == ReduceOp.MAX || reduction.op == ReduceOp.MIN) {
                // The same in any order; in scalars it takes six instructions each.
                scalar.pushOutputAddress(reduction.output);
                code.aload(queue[0]);
                vector.reduceLanes(reduction.operation, reduction.type);
                scalar.storeElement(reduction.output);
                return;
            }
            code.aload(queue[0]);
            vector.ofWidth(reduction.type);
            code.aload(reduction.lanes).iconst_0();
            vector.intoArray(reduction.type.vector, reduction.type.primitive.arrayType());
        }
        // From here on in local variables: through the array each step would wait for the one before.
        var kind = reduction.type.kind;
        int[] partial = new int[half];
        for (int i = 0; i < half; i++) {
            code.aload(reduction.lanes).loadConstant(i).arrayLoad(kind);
            code.aload(reduction.lanes).loadConstant(i + half).arrayLoad(kind);
            scalar.combine(reduction.operation, reduction.type);
            partial[i] = frame.slot(kind);
            code.storeLocal(kind, partial[i]);
        }
        for (half /= 2; half >= 1; half /= 2) {
            for (int i = 0; i < half; i++) {
                code.loadLocal(kind, partial[i]).loadLocal(kind, partial[i + half]);
                scalar.combine(reduction.operation, reduction.type);
                code.storeLocal(kind, partial[i]);
            }
        }
        scalar.pushOutputAddress(reduction.output);
        code.loadLocal(kind, partial[0]);
        scalar.storeElement(reduction.output);
    }

    private long identity(Reduction reduction) {
        return LoopIdentity.bits(reduction.op, loop.outputTypes().get(reduction.output), reduction.type);
    }

    /// `while (counter < end) body`
    private void loop(int counter, int end, Runnable body) {
        var top = code.newLabel();
        var exit = code.newLabel();
        code.labelBinding(top).iload(counter).iload(end).branch(Opcode.IF_ICMPGE, exit);
        body.run();
        code.goto_w(top);
        code.labelBinding(exit);
    }
}
