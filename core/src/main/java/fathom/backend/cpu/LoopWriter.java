package fathom.backend.cpu;

import static java.lang.constant.ConstantDescs.CD_Double;
import static java.lang.constant.ConstantDescs.CD_Float;
import static java.lang.constant.ConstantDescs.CD_double;
import static java.lang.constant.ConstantDescs.CD_float;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;

import fathom.backend.cpu.LoopExpansion.Level;
import fathom.backend.cpu.LoopKernel.ColumnStride;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.lang.constant.MethodTypeDesc;
import java.util.Arrays;
import java.util.stream.IntStream;

/// Spells the nodes of a kernel as bytecode, each value in a local variable of its own.
abstract class LoopWriter {
    final LoopFrame frame;
    final CodeBuilder code;
    final LoopExpansion loop;
    private final int[] slots;
    private final int[] lastUses;

    LoopWriter(LoopFrame frame, LoopExpansion loop) {
        this.frame = frame;
        this.code = frame.code;
        this.loop = loop;
        slots = new int[loop.nodes().size()];
        lastUses = lastUses(loop);
    }

    private static int[] lastUses(LoopExpansion loop) {
        var last = new int[loop.nodes().size()];
        Arrays.fill(last, -1);
        for (int i = 0; i < last.length; i++) {
            if (loop.needed()[i]) {
                for (int operand : LoopExpansion.operands(loop.nodes().get(i))) {
                    last[operand] = i;
                }
            }
        }
        for (int value : loop.values()) {
            last[value] = last.length;
        }
        return last;
    }

    /// The elements that one step works on.
    abstract int lanes();

    /// The kind of local variable that holds a value of the type.
    abstract TypeKind kind(LoopType type);

    /// Pushes the node's value.
    abstract void compute(LoopNode node);

    /// Stores the value of an output for the current column.
    abstract void store(int output);

    /// x, y → their combination, by one of ADD, MULTIPLY, MAXIMUM and MINIMUM.
    abstract void combine(LoopCode operation, LoopType type);

    /// Pushes what is in an output's array at the current column, as the type of its value.
    abstract void pushOutput(int output);

    /// Computes the nodes that change at the given level.
    final void write(Level level) {
        for (int i = 0; i < slots.length; i++) {
            if (!loop.needed()[i] || loop.levels()[i] != level) {
                continue;
            }
            var node = loop.nodes().get(i);
            compute(node);
            // An operand that is not used again may share its slot with the result.
            if (level == Level.ELEMENT) {
                int now = i;
                release(Arrays.stream(LoopExpansion.operands(node)).filter(operand -> lastUses[operand] == now));
            }
            slots[i] = frame.slot(kind(i));
            code.storeLocal(kind(i), slots[i]);
        }
    }

    /// Gives the slots of the outputs' values back, at the end of a loop body.
    final void finish() {
        release(loop.values().stream().mapToInt(value -> value));
    }

    private void release(IntStream nodes) {
        nodes.distinct()
                .filter(node -> loop.levels()[node] == Level.ELEMENT)
                .forEach(node -> frame.release(kind(node), slots[node]));
    }

    /// Pushes the values of the operands.
    final void pushOperands(LoopNode node) {
        for (int operand : LoopExpansion.operands(node)) {
            push(operand);
        }
    }

    /// Pushes a value.
    final void push(int node) {
        code.loadLocal(kind(node), slots[node]);
    }

    final LoopType type(int node) {
        return loop.nodes().get(node).type();
    }

    private TypeKind kind(int node) {
        return kind(type(node));
    }

    /// Pushes the array of an input and the index of the current element.
    final void pushAddress(int input) {
        frame.pushArray(input);
        ColumnStride stride = loop.kernel().inputStrides().get(input);
        frame.pushIndex(input, stride == ColumnStride.CONTIGUOUS || stride == ColumnStride.REPEATED);
    }

    /// Pushes the array of an output and the index of the current element.
    final void pushOutputAddress(int output) {
        int cursor = frame.outputCursor(loop, output);
        frame.pushArray(cursor);
        frame.pushIndex(cursor, !(loop.kernel().outputs().get(output) instanceof LoopKernel.ReduceColumns));
    }

    /// Pushes run-time scalar `index` as the type.
    final void pushScalar(long index, LoopType type) {
        code.aload(frame.scalars).loadConstant((int) index).laload();
        if (type.kind.slotSize() == 1) {
            code.l2i();
        }
        if (type.isFloating()) {
            reinterpret(type);
        }
    }

    /// The same bits as another type of the same width.
    final void reinterpret(LoopType to) {
        switch (to) {
            case F32 -> code.invokestatic(CD_Float, "intBitsToFloat", MethodTypeDesc.of(CD_float, CD_int));
            case F64 -> code.invokestatic(CD_Double, "longBitsToDouble", MethodTypeDesc.of(CD_double, CD_long));
            case I32 -> code.invokestatic(CD_Float, "floatToRawIntBits", MethodTypeDesc.of(CD_int, CD_float));
            case I64 -> code.invokestatic(CD_Double, "doubleToRawLongBits", MethodTypeDesc.of(CD_long, CD_double));
            case BOOL -> throw new IllegalStateException("a boolean has no bits");
        }
    }

    /// Pushes a constant given by its raw bits.
    final void pushConstant(LoopType type, long bits) {
        switch (type) {
            case F32 -> code.loadConstant(Float.intBitsToFloat((int) bits));
            case F64 -> code.loadConstant(Double.longBitsToDouble(bits));
            case I32, BOOL -> code.loadConstant((int) bits);
            case I64 -> code.loadConstant(bits);
        }
    }
}
