package fathom.backend.cpu;

import static java.lang.constant.ConstantDescs.CD_void;
import static java.lang.constant.ConstantDescs.INIT_NAME;

import fathom.backend.cpu.LoopExpansion.Level;
import fathom.tensor.DType;
import java.lang.classfile.Opcode;
import java.lang.classfile.TypeKind;
import java.lang.classfile.instruction.OperatorInstruction;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.Collections;

/// Spells nodes one element at a time.
final class LoopScalarWriter extends LoopWriter {
    private static final ClassDesc CALLS = ClassDesc.ofDescriptor(MathCalls.class.descriptorString());
    private static final ClassDesc RANDOM = ClassDesc.ofDescriptor(LoopRandom.class.descriptorString());

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
        switch (node.code()) {
            case LOAD -> {
                pushAddress((int) node.immediate());
                pushElement(loop.kernel().inputTypes().get((int) node.immediate()));
            }
            case SCALAR -> pushScalar(node.immediate(), type);
            case COORDINATE -> frame.pushIndex(frame.coordinateCursor((int) node.immediate()), true);
            case CONSTANT -> pushConstant(type, node.immediate());
            case ADD, SUBTRACT, MULTIPLY, DIVIDE, AND, OR, XOR -> {
                push(node.a());
                push(node.b());
                code.with(OperatorInstruction.of(operator(node.code(), type)));
            }
            case MAXIMUM, MINIMUM -> {
                push(node.a());
                push(node.b());
                combine(node.code(), type);
            }
            case FMA -> {
                push(node.a());
                push(node.b());
                push(node.c());
                math("fma", type, 3);
            }
            case NEGATE -> {
                push(node.a());
                code.with(OperatorInstruction.of(operator(node.code(), type)));
            }
            case ABS -> {
                push(node.a());
                math("abs", type, 1);
            }
            case SQRT -> squareRoot(node);
            case NOT -> {
                push(node.a());
                code.iconst_1().ixor();
            }
            case SHIFT_LEFT -> {
                push(node.a());
                code.loadConstant((int) node.immediate());
                code.with(OperatorInstruction.of(type == LoopType.I32 ? Opcode.ISHL : Opcode.LSHL));
            }
            case SHIFT_RIGHT_SIGNED -> {
                push(node.a());
                code.loadConstant((int) node.immediate());
                code.with(OperatorInstruction.of(type == LoopType.I32 ? Opcode.ISHR : Opcode.LSHR));
            }
            case SHIFT_RIGHT -> {
                push(node.a());
                push(node.b());
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
            case BITS -> bits(node);
            case CONVERT -> {
                push(node.a());
                code.conversion(type(node.a()).kind, type.kind);
            }
            case CALL -> {
                for (int operand : LoopExpansion.operands(node)) {
                    push(operand);
                }
                call(node);
            }
            case GUARD -> {
                push(node.b());
                math("abs", type, 1);
                code.loadConstant(MathTrigonometry.LIMIT).fcmpl();
                choose(
                        Opcode.IFGT,
                        () -> {
                            push(node.b());
                            call(node);
                        },
                        () -> push(node.a()));
            }
            case RANDOM -> {
                code.aload(random);
                push(node.a());
                push(node.b());
                push(node.c());
                var wide = ConstantDescs.CD_long;
                code.invokevirtual(RANDOM, "word", MethodTypeDesc.of(ConstantDescs.CD_int, wide, wide, wide));
            }
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
            case MAXIMUM -> math("max", type, 2);
            case MINIMUM -> math("min", type, 2);
            default -> code.with(OperatorInstruction.of(operator(operation, type)));
        }
    }

    /// array, index → the element as it is computed with.
    private void pushElement(DType type) {
        code.arrayLoad(LoopType.elementKind(type));
        if (type == DType.U8) {
            code.loadConstant(0xFF).iand();
        }
    }

    private void call(LoopNode node) {
        var call = LoopCall.values()[(int) node.immediate()];
        code.invokestatic(CALLS, call.method, call.signature);
    }

    private void math(String name, LoopType type, int operands) {
        var primitive = type.primitive;
        code.invokestatic(LoopNames.MATH, name, MethodTypeDesc.of(primitive, Collections.nCopies(operands, primitive)));
    }

    /// The square root of a float is that of the double, rounded: exact either way.
    private void squareRoot(LoopNode node) {
        push(node.a());
        boolean narrow = node.type() == LoopType.F32;
        if (narrow) {
            code.f2d();
        }
        code.invokestatic(LoopNames.MATH, "sqrt", LoopNames.D_TO_D);
        if (narrow) {
            code.d2f();
        }
    }

    private void bits(LoopNode node) {
        push(node.a());
        switch (node.type()) {
            case F32 -> code.invokestatic(LoopNames.FLOAT, "intBitsToFloat", LoopNames.I_TO_F);
            case F64 -> code.invokestatic(LoopNames.DOUBLE, "longBitsToDouble", LoopNames.L_TO_D);
            case I32 -> code.invokestatic(LoopNames.FLOAT, "floatToRawIntBits", LoopNames.F_TO_I);
            case I64 -> code.invokestatic(LoopNames.DOUBLE, "doubleToRawLongBits", LoopNames.D_TO_L);
            case BOOL -> throw new IllegalStateException("a boolean has no bits");
        }
    }

    private void compare(LoopNode node) {
        push(node.a());
        push(node.b());
        var branch = switch (node.code()) {
            case LESS -> Opcode.IFLT;
            case LESS_EQUAL -> Opcode.IFLE;
            case EQUAL -> Opcode.IFEQ;
            default -> Opcode.IFNE;
        };
        // The greater flavour makes NaN count as greater: no comparison but != holds.
        switch (type(node.a())) {
            case F32 -> code.fcmpg();
            case F64 -> code.dcmpg();
            case I64 -> code.lcmp();
            case I32, BOOL ->
                branch = switch (branch) {
                    case IFLT -> Opcode.IF_ICMPLT;
                    case IFLE -> Opcode.IF_ICMPLE;
                    case IFEQ -> Opcode.IF_ICMPEQ;
                    default -> Opcode.IF_ICMPNE;
                };
        }
        choose(branch, code::iconst_1, code::iconst_0);
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

    private static Opcode operator(LoopCode operation, LoopType type) {
        return Opcode.valueOf(switch (type) {
                    case F32 -> "F";
                    case F64 -> "D";
                    case I32, BOOL -> "I";
                    case I64 -> "L";
                }
                + switch (operation) {
                    case ADD -> "ADD";
                    case SUBTRACT -> "SUB";
                    case MULTIPLY -> "MUL";
                    case DIVIDE -> "DIV";
                    case NEGATE -> "NEG";
                    case AND -> "AND";
                    case OR -> "OR";
                    case XOR -> "XOR";
                    default -> throw new IllegalArgumentException("" + operation);
                });
    }
}
