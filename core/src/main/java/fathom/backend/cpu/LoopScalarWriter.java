package fathom.backend.cpu;

import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;
import static java.lang.constant.ConstantDescs.INIT_NAME;

import fathom.backend.cpu.LoopExpansion.Level;
import fathom.tensor.DType;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.OperatorInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.MethodTypeDesc;
import java.util.Collections;

/// Spells nodes one element at a time.
final class LoopScalarWriter extends LoopWriter {
    private static final ClassDesc MATH = ClassDesc.of("java.lang.Math");
    private static final ClassDesc RANDOM = KernelClasses.describe(LoopRandom.class);

    private final int random;

    LoopScalarWriter(LoopFrame frame, LoopExpansion loop) {
        super(frame, loop);
        boolean draws = loop.nodes().stream().anyMatch(node -> node.code() == LoopCode.RANDOM);
        random = draws ? frame.slot(TypeKind.REFERENCE) : -1;
    }

    /// What has to be there before the loops, the values of level [Level#CALL] included.
    void prologue() {
        if (random >= 0) {
            code.new_(RANDOM)
                    .dup()
                    .invokespecial(RANDOM, INIT_NAME, MethodTypeDesc.of(CD_void))
                    .astore(random);
        }
        write(Level.CALL);
    }

    @Override
    int lanes() {
        return 1;
    }

    @Override
    TypeKind kind(LoopType type) {
        return type.kind;
    }

    @Override
    void compute(LoopNode node) {
        var type = node.type();
        int immediate = (int) node.immediate();
        if (node.code() == LoopCode.RANDOM) {
            code.aload(random);
        }
        if (node.code() != LoopCode.SELECT && node.code() != LoopCode.GUARD) {
            pushOperands(node);
        }
        switch (node.code()) {
            case LOAD -> {
                pushAddress(immediate);
                pushElement(loop.kernel().inputTypes().get(immediate));
            }
            case SCALAR -> pushScalar(immediate, type);
            case COORDINATE -> frame.pushIndex(frame.coordinateCursor(immediate), true);
            case CONSTANT -> pushConstant(type, node.immediate());
            case ADD, SUBTRACT, MULTIPLY, DIVIDE, MAXIMUM, MINIMUM, AND, OR, XOR, NEGATE -> combine(node.code(), type);
            case FMA -> math(node.code(), type, 3);
            case ABS -> math(node.code(), type, 1);
            case SQRT -> squareRoot(type);
            case NOT -> code.iconst_1().ixor();
            case SHIFT_LEFT ->
                code.loadConstant(immediate)
                        .with(OperatorInstruction.of(type == LoopType.I32 ? Opcode.ISHL : Opcode.LSHL));
            case SHIFT_RIGHT_SIGNED ->
                code.loadConstant(immediate)
                        .with(OperatorInstruction.of(type == LoopType.I32 ? Opcode.ISHR : Opcode.LSHR));
            case SHIFT_RIGHT -> {
                if (type == LoopType.I64) {
                    code.l2i().lushr();
                } else {
                    code.iushr();
                }
            }
            case LESS, LESS_EQUAL, EQUAL, NOT_EQUAL -> compare(node);
            case SELECT -> {
                push(node.a());
                choose(Opcode.IFNE, () -> push(node.b()), () -> push(node.c()));
            }
            case BITS -> reinterpret(type);
            case CONVERT -> code.conversion(type(node.a()).kind, type.kind);
            case CALL -> LoopCall.values()[immediate].emit(code);
            case GUARD -> {
                push(node.b());
                math(LoopCode.ABS, type, 1);
                code.loadConstant(MathTrigonometry.LIMIT).fcmpl();
                Runnable exact = () -> {
                    push(node.b());
                    LoopCall.values()[immediate].emit(code);
                };
                choose(Opcode.IFGT, exact, () -> push(node.a()));
            }
            case RANDOM -> code.invokevirtual(RANDOM, "word", MethodTypeDesc.of(CD_int, CD_long, CD_long, CD_long));
        }
    }

    @Override
    void store(int output) {
        pushOutputAddress(output);
        push(loop.values().get(output));
        storeElement(output);
    }

    /// array, index, value → stored.
    void storeElement(int output) {
        code.arrayStore(LoopType.elementKind(loop.outputTypes().get(output)));
    }

    @Override
    void pushOutput(int output) {
        pushOutputAddress(output);
        pushElement(loop.outputTypes().get(output));
    }

    @Override
    void combine(LoopCode operation, LoopType type) {
        switch (operation) {
            case MAXIMUM, MINIMUM -> math(operation, type, 2);
            default ->
                code.with(OperatorInstruction.of(Opcode.valueOf(type.kind.name().charAt(0) + operation.symbol)));
        }
    }

    /// array, index → the element as it is computed with.
    private void pushElement(DType type) {
        code.arrayLoad(LoopType.elementKind(type));
        if (type == DType.U8) {
            code.loadConstant(0xFF).iand();
        }
    }

    private void math(LoopCode operation, LoopType type, int operands) {
        var signature = MethodTypeDesc.of(type.primitive, Collections.nCopies(operands, type.primitive));
        code.invokestatic(MATH, operation.method(), signature);
    }

    /// The square root of a float is that of the double, rounded: exact either way.
    private void squareRoot(LoopType type) {
        code.conversion(type.kind, TypeKind.DOUBLE);
        math(LoopCode.SQRT, LoopType.F64, 1);
        code.conversion(TypeKind.DOUBLE, type.kind);
    }

    /// The greater flavour of comparing floats makes NaN count as greater: no comparison but !=
    /// holds.
    private void compare(LoopNode node) {
        var type = type(node.a());
        switch (type) {
            case F32 -> code.fcmpg();
            case F64 -> code.dcmpg();
            case I64 -> code.lcmp();
            case I32, BOOL -> {}
        }
        String branch = type.kind == TypeKind.INT ? "IF_ICMP" : "IF";
        choose(Opcode.valueOf(branch + node.code().symbol), code::iconst_1, code::iconst_0);
    }

    /// What one of the two pushes, by the condition on the stack.
    private void choose(Opcode condition, Runnable whenTrue, Runnable whenFalse) {
        var yes = code.newLabel();
        var end = code.newLabel();
        code.branch(condition, yes);
        whenFalse.run();
        code.goto_(end).labelBinding(yes);
        whenTrue.run();
        code.labelBinding(end);
    }
}
