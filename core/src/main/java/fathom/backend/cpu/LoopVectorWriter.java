package fathom.backend.cpu;

import static java.lang.constant.ConstantDescs.CD_boolean;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_long;
import static java.lang.constant.ConstantDescs.CD_void;

import fathom.backend.cpu.LoopExpansion.Level;
import fathom.tensor.DType;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;

/// Spells nodes a vector at a time. All values of a loop have the same number of lanes; a boolean
/// is a mask, which belongs to the lane type it was compared in and is cast where another meets it.
final class LoopVectorWriter extends LoopWriter {
    private static final ClassDesc CALLS = ClassDesc.ofDescriptor(MathCalls.class.descriptorString());
    private static final ClassDesc FLOATS = ConstantDescs.CD_float.arrayType();

    private final int bits;
    private final int lanes;
    private final int spill;
    private final Map<Integer, Integer> ramps = new HashMap<>();

    /// @param bits the vectors' width
    LoopVectorWriter(LoopFrame frame, LoopExpansion loop, int bits) {
        super(frame, loop);
        this.bits = bits;
        int laneBits = laneBits(loop);
        lanes = bits / laneBits;
        boolean guards = loop.nodes().stream().anyMatch(node -> node.code() == LoopCode.GUARD);
        spill = guards ? frame.slot(TypeKind.REFERENCE) : -1;
        for (int i = 0; i < loop.kernel().coordinates(); i++) {
            ramps.put(i, frame.slot(TypeKind.REFERENCE));
        }
    }

    /// The width of a loop's lanes: 64 if there is any F64, else 32.
    static int laneBits(LoopExpansion loop) {
        return loop.nodes().stream().anyMatch(node -> node.type() == LoopType.F64) ? 64 : 32;
    }

    /// What has to be there before the loops, the values of level [Level#CALL] included.
    void prologue() {
        if (spill >= 0) {
            code.iconst_2().anewarray(FLOATS).astore(spill);
            for (int i = 0; i < 2; i++) {
                code.aload(spill).loadConstant(i).loadConstant(lanes);
                code.newarray(TypeKind.FLOAT).aastore();
            }
        }
        ramps.forEach((coordinate, slot) -> {
            constant(LoopType.I32, 0);
            frame.pushColumnStride(frame.coordinateCursor(coordinate));
            code.invokevirtual(
                    LoopNames.vector(LoopType.I32),
                    "addIndex",
                    MethodTypeDesc.of(LoopNames.vector(LoopType.I32), CD_int));
            code.astore(slot);
        });
        write(Level.CALL);
    }

    @Override
    int lanes() {
        return lanes;
    }

    @Override
    TypeKind kind(LoopType type) {
        return TypeKind.REFERENCE;
    }

    @Override
    void compute(LoopNode node) {
        var type = node.type();
        switch (node.code()) {
            case LOAD -> load((int) node.immediate());
            case SCALAR -> {
                species(type == LoopType.BOOL ? LoopType.I32 : type);
                pushScalar(node.immediate(), type);
                broadcast(type == LoopType.BOOL ? LoopType.I32 : type);
                if (type == LoopType.BOOL) {
                    isNotZero();
                }
            }
            case COORDINATE -> {
                Integer ramp = ramps.get((int) node.immediate());
                if (ramp == null) {
                    throw new IllegalStateException("no ramp for coordinate " + node.immediate());
                }
                code.aload(ramp);
                species(LoopType.I32);
                frame.pushIndex(frame.coordinateCursor((int) node.immediate()), true);
                broadcast(LoopType.I32);
                method(LoopType.I32, "add");
            }
            case CONSTANT -> constant(type, node.immediate());
            case ADD, SUBTRACT, MULTIPLY, DIVIDE, MAXIMUM, MINIMUM -> {
                push(node.a());
                push(node.b());
                combine(node.code(), type);
            }
            case AND, OR, XOR -> logical(node);
            case FMA -> {
                push(node.a());
                push(node.b());
                push(node.c());
                var vector = LoopNames.vector(type);
                code.invokevirtual(vector, "fma", MethodTypeDesc.of(vector, LoopNames.VECTOR, LoopNames.VECTOR));
            }
            case NEGATE -> unary(node, "neg");
            case ABS -> unary(node, "abs");
            case SQRT -> unary(node, "sqrt");
            case NOT -> {
                push(node.a());
                code.invokevirtual(LoopNames.MASK, "not", MethodTypeDesc.of(LoopNames.MASK));
            }
            case SHIFT_LEFT -> shift(node, "LSHL");
            case SHIFT_RIGHT_SIGNED -> shift(node, "ASHR");
            case SHIFT_RIGHT -> {
                push(node.a());
                operator("LSHR", LoopNames.BINARY);
                push(node.b());
                lanewise(type, LoopNames.VECTOR);
            }
            case LESS -> compare(node, "LT");
            case LESS_EQUAL -> compare(node, "LE");
            case EQUAL -> compare(node, "EQ");
            case NOT_EQUAL -> compare(node, "NE");
            case SELECT -> select(node);
            case BITS -> {
                push(node.a());
                String view = switch (type) {
                    case F32 -> "reinterpretAsFloats";
                    case F64 -> "reinterpretAsDoubles";
                    case I32 -> "reinterpretAsInts";
                    case I64 -> "reinterpretAsLongs";
                    case BOOL -> throw new IllegalStateException("a boolean has no bits");
                };
                code.invokevirtual(LoopNames.vector(type(node.a())), view, MethodTypeDesc.of(LoopNames.vector(type)));
            }
            case CONVERT -> {
                push(node.a());
                operator(type == LoopType.F32 ? "I2F" : "F2I", LoopNames.CONVERSION);
                code.iconst_0();
                code.invokevirtual(
                        LoopNames.vector(type(node.a())),
                        "convert",
                        MethodTypeDesc.of(LoopNames.VECTOR, LoopNames.CONVERSION, CD_int));
                code.checkcast(LoopNames.vector(type));
            }
            case GUARD -> guard(node);
            case CALL, RANDOM -> throw new IllegalStateException(node.code() + " has no vector form");
        }
    }

    /// The lane type that a boolean's mask belongs to.
    private LoopType maskType(int node) {
        var of = loop.nodes().get(node);
        return switch (of.code()) {
            case LOAD, SCALAR -> LoopType.I32;
            case LESS, LESS_EQUAL, EQUAL, NOT_EQUAL -> type(of.a());
            case NOT, AND, OR, XOR -> maskType(of.a());
            case SELECT -> maskType(of.b());
            default -> throw new IllegalStateException(of.code() + " is not boolean");
        };
    }

    /// Pushes a mask as one of the given lane type.
    private void pushMask(int node, LoopType lane) {
        push(node);
        if (maskType(node) != lane) {
            species(lane);
            code.invokevirtual(LoopNames.MASK, "cast", MethodTypeDesc.of(LoopNames.MASK, LoopNames.SPECIES));
        }
    }

    private void select(LoopNode node) {
        if (node.type() == LoopType.BOOL) {
            // (b and c) or (a not c), within the lane type of b.
            var lane = maskType(node.b());
            var signature = MethodTypeDesc.of(LoopNames.MASK, LoopNames.MASK);
            push(node.b());
            pushMask(node.a(), lane);
            code.invokevirtual(LoopNames.MASK, "and", signature);
            pushMask(node.c(), lane);
            pushMask(node.a(), lane);
            code.invokevirtual(LoopNames.MASK, "andNot", signature);
            code.invokevirtual(LoopNames.MASK, "or", signature);
            return;
        }
        push(node.c());
        push(node.b());
        pushMask(node.a(), node.type());
        blend(node.type());
    }

    private void logical(LoopNode node) {
        if (node.type() == LoopType.BOOL) {
            push(node.a());
            pushMask(node.b(), maskType(node.a()));
            code.invokevirtual(
                    LoopNames.MASK,
                    node.code().name().toLowerCase(Locale.ROOT),
                    MethodTypeDesc.of(LoopNames.MASK, LoopNames.MASK));
            return;
        }
        push(node.a());
        operator(node.code().name(), LoopNames.ASSOCIATIVE);
        push(node.b());
        lanewise(node.type(), LoopNames.VECTOR);
    }

    @Override
    void combine(LoopCode operation, LoopType type) {
        method(
                type,
                switch (operation) {
                    case ADD -> "add";
                    case SUBTRACT -> "sub";
                    case MULTIPLY -> "mul";
                    case DIVIDE -> "div";
                    case MAXIMUM -> "max";
                    case MINIMUM -> "min";
                    default -> throw new IllegalArgumentException("" + operation);
                });
    }

    private void unary(LoopNode node, String name) {
        push(node.a());
        var vector = LoopNames.vector(node.type());
        code.invokevirtual(vector, name, MethodTypeDesc.of(vector));
    }

    private void shift(LoopNode node, String name) {
        push(node.a());
        operator(name, LoopNames.BINARY);
        boolean narrow = node.type() == LoopType.I32;
        if (narrow) {
            code.loadConstant((int) node.immediate());
        } else {
            code.loadConstant(node.immediate());
        }
        lanewise(node.type(), narrow ? CD_int : CD_long);
    }

    private void compare(LoopNode node, String name) {
        push(node.a());
        operator(name, LoopNames.COMPARISON);
        push(node.b());
        compare(type(node.a()));
    }

    private void compare(LoopType type) {
        code.invokevirtual(
                LoopNames.vector(type),
                "compare",
                MethodTypeDesc.of(LoopNames.MASK, LoopNames.COMPARISON, LoopNames.VECTOR));
    }

    /// int vector → mask
    private void isNotZero() {
        operator("NE", LoopNames.COMPARISON);
        constant(LoopType.I32, 0);
        compare(LoopType.I32);
    }

    private void load(int input) {
        var type = loop.kernel().inputTypes().get(input);
        var lane = LoopType.of(type) == LoopType.BOOL ? LoopType.I32 : LoopType.of(type);
        boolean bytes = type == DType.U8 || type == DType.BOOL;
        if (loop.kernel().inputStrides().get(input) == LoopKernel.ColumnStride.BROADCAST) {
            species(lane);
            pushAddress(input);
            code.arrayLoad(LoopType.elementKind(type));
            if (bytes) {
                code.loadConstant(0xFF).iand();
            }
            broadcast(lane);
        } else if (bytes) {
            byteSpecies();
            pushAddress(input);
            fromArray(LoopNames.BYTES, type);
            operator("ZERO_EXTEND_B2I", LoopNames.CONVERSION);
            species(LoopType.I32);
            convertShape(LoopNames.BYTES, LoopType.I32);
        } else {
            species(lane);
            pushAddress(input);
            fromArray(LoopNames.vector(lane), type);
        }
        if (type == DType.BOOL) {
            isNotZero();
        }
    }

    @Override
    void store(int output) {
        int value = loop.values().get(output);
        var type = loop.outputTypes().get(output);
        if (type != DType.U8 && type != DType.BOOL) {
            push(value);
            storeElement(output);
            return;
        }
        if (type == DType.BOOL) {
            constant(LoopType.I32, 0);
            constant(LoopType.I32, 1);
            pushMask(value, LoopType.I32);
            blend(LoopType.I32);
        } else {
            push(value);
        }
        operator("I2B", LoopNames.CONVERSION);
        byteSpecies();
        convertShape(LoopNames.vector(LoopType.I32), LoopType.I32);
        code.checkcast(LoopNames.BYTES);
        pushOutputAddress(output);
        intoArray(LoopNames.BYTES, type);
    }

    /// vector → stored at the output's current columns.
    void storeElement(int output) {
        pushOutputAddress(output);
        var type = loop.outputTypes().get(output);
        intoArray(LoopNames.vector(LoopType.of(type)), type);
    }

    @Override
    void pushOutput(int output) {
        var type = loop.outputTypes().get(output);
        species(LoopType.of(type));
        pushOutputAddress(output);
        fromArray(LoopNames.vector(LoopType.of(type)), type);
    }

    void fromArray(ClassDesc vector, DType type) {
        code.invokestatic(
                vector, "fromArray", MethodTypeDesc.of(vector, LoopNames.SPECIES, LoopType.array(type), CD_int));
    }

    void intoArray(ClassDesc vector, DType type) {
        code.invokevirtual(vector, "intoArray", MethodTypeDesc.of(CD_void, LoopType.array(type), CD_int));
    }

    /// vector, conversion, species → converted lane by lane; to ints it is also cast to that class.
    private void convertShape(ClassDesc from, LoopType to) {
        code.iconst_0()
                .invokevirtual(
                        from,
                        "convertShape",
                        MethodTypeDesc.of(LoopNames.VECTOR, LoopNames.CONVERSION, LoopNames.SPECIES, CD_int));
        if (from.equals(LoopNames.BYTES)) {
            code.checkcast(LoopNames.vector(to));
        }
    }

    /// Arguments beyond the polynomial's reach are rare: they are spilled and computed one by one.
    private void guard(LoopNode node) {
        int result = frame.slot(TypeKind.REFERENCE);
        var done = code.newLabel();
        push(node.a());
        code.astore(result);
        push(node.b());
        var vector = LoopNames.vector(LoopType.F32);
        code.invokevirtual(vector, "abs", MethodTypeDesc.of(vector));
        operator("GT", LoopNames.COMPARISON);
        constant(LoopType.F32, Float.floatToRawIntBits(MathTrigonometry.LIMIT));
        compare(LoopType.F32);
        code.invokevirtual(LoopNames.MASK, "anyTrue", MethodTypeDesc.of(CD_boolean))
                .ifeq(done);
        for (int i = 0; i < 2; i++) {
            push(i == 0 ? node.a() : node.b());
            code.aload(spill).loadConstant(i).aaload().iconst_0();
            intoArray(vector, DType.F32);
        }
        code.aload(spill).iconst_0().aaload().aload(spill).iconst_1().aaload();
        code.invokestatic(
                CALLS,
                node.immediate() == LoopCall.SIN_FLOAT.ordinal() ? "sinLanes" : "cosLanes",
                MethodTypeDesc.of(CD_void, FLOATS, FLOATS));
        species(LoopType.F32);
        code.aload(spill).iconst_0().aaload().iconst_0();
        fromArray(vector, DType.F32);
        code.astore(result).labelBinding(done).aload(result);
        frame.release(TypeKind.REFERENCE, result);
    }

    /// Pushes the constant with the given raw bits in every lane.
    void constant(LoopType type, long raw) {
        species(type);
        pushConstant(type, raw);
        broadcast(type);
    }

    private void broadcast(LoopType type) {
        var vector = LoopNames.vector(type);
        code.invokestatic(vector, "broadcast", MethodTypeDesc.of(vector, LoopNames.SPECIES, type.primitive));
    }

    private void blend(LoopType type) {
        var vector = LoopNames.vector(type);
        code.invokevirtual(vector, "blend", MethodTypeDesc.of(vector, LoopNames.VECTOR, LoopNames.MASK));
    }

    private void method(LoopType type, String name) {
        var vector = LoopNames.vector(type);
        code.invokevirtual(vector, name, MethodTypeDesc.of(vector, LoopNames.VECTOR));
    }

    private void lanewise(LoopType type, ClassDesc operand) {
        var vector = LoopNames.vector(type);
        code.invokevirtual(vector, "lanewise", MethodTypeDesc.of(vector, LoopNames.BINARY, operand));
    }

    void species(LoopType type) {
        code.getstatic(LoopNames.vector(type), "SPECIES_" + bits, LoopNames.SPECIES);
    }

    private void byteSpecies() {
        code.getstatic(LoopNames.BYTES, "SPECIES_" + bits / 4, LoopNames.SPECIES);
    }

    private void operator(String name, ClassDesc type) {
        code.getstatic(LoopNames.OPERATORS, name, type);
    }
}
