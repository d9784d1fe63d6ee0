package fathom.backend.cpu;

import static java.lang.constant.ConstantDescs.CD_boolean;
import static java.lang.constant.ConstantDescs.CD_int;
import static java.lang.constant.ConstantDescs.CD_void;

import fathom.backend.cpu.LoopExpansion.Level;
import fathom.tensor.DType;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.stream.IntStream;

/// Spells nodes a vector at a time. All values of a loop have the same number of lanes; a boolean
/// is a mask, which belongs to the lane type it was compared in and is cast where another meets it.
final class LoopVectorWriter extends LoopWriter {
    private static final ClassDesc CALLS = KernelClasses.describe(MathCalls.class);
    private static final ClassDesc FLOATS = ConstantDescs.CD_float.arrayType();

    private final int bits;
    private final int lanes;
    private final int spill;
    private final int[] ramps;

    /// @param bits the vectors' width
    LoopVectorWriter(LoopFrame frame, LoopExpansion loop, int bits) {
        super(frame, loop);
        this.bits = bits;
        int laneBits = laneBits(loop);
        lanes = bits / laneBits;
        boolean guards = loop.nodes().stream().anyMatch(node -> node.code() == LoopCode.GUARD);
        spill = guards ? frame.slot(TypeKind.REFERENCE) : -1;
        ramps = IntStream.range(0, loop.kernel().coordinates())
                .map(_ -> frame.slot(TypeKind.REFERENCE))
                .toArray();
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
        for (int coordinate = 0; coordinate < ramps.length; coordinate++) {
            constant(LoopType.I32, 0);
            frame.pushColumnStride(frame.coordinateCursor(coordinate));
            method(LoopType.I32, "addIndex", CD_int);
            code.astore(ramps[coordinate]);
        }
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
        int immediate = (int) node.immediate();
        if (node.code() != LoopCode.SELECT && node.code() != LoopCode.GUARD) {
            pushOperands(node);
        }
        switch (node.code()) {
            case LOAD -> load(immediate);
            case SCALAR -> {
                var lane = type == LoopType.BOOL ? LoopType.I32 : type;
                species(lane);
                pushScalar(immediate, type);
                broadcast(lane);
                if (type == LoopType.BOOL) {
                    isNotZero();
                }
            }
            case COORDINATE -> {
                code.aload(ramps[immediate]);
                species(LoopType.I32);
                frame.pushIndex(frame.coordinateCursor(immediate), true);
                broadcast(LoopType.I32);
                combine(LoopCode.ADD, LoopType.I32);
            }
            case CONSTANT -> constant(type, node.immediate());
            case ADD, SUBTRACT, MULTIPLY, DIVIDE, MAXIMUM, MINIMUM -> combine(node.code(), type);
            case AND, OR, XOR -> {
                if (type == LoopType.BOOL) {
                    castMask(node.b(), maskType(node.a()));
                    mask(node.code().method(), LoopNames.MASK);
                } else {
                    combine(node.code(), type);
                }
            }
            case FMA -> VectorCalls.fma(code, type.vector);
            case NEGATE, ABS, SQRT -> VectorCalls.unary(code, type.vector, node.code());
            case NOT -> mask("not");
            case SHIFT_LEFT, SHIFT_RIGHT_SIGNED -> {
                operator(node.code().symbol, LoopNames.BINARY);
                if (type == LoopType.I32) {
                    code.loadConstant(immediate);
                } else {
                    code.loadConstant(node.immediate());
                }
                method(type, "lanewise", LoopNames.BINARY, type.primitive);
            }
            case SHIFT_RIGHT -> combine(node.code(), type);
            case LESS, LESS_EQUAL, EQUAL, NOT_EQUAL -> compare(node.code().symbol, type(node.a()));
            case SELECT -> select(node);
            case BITS -> {
                String view = "reinterpretAs" + type.vector.displayName().replace("Vector", "s");
                code.invokevirtual(type(node.a()).vector, view, MethodTypeDesc.of(type.vector));
            }
            case CONVERT -> {
                operator(type == LoopType.F32 ? "I2F" : "F2I", LoopNames.CONVERSION);
                code.iconst_0();
                var signature = MethodTypeDesc.of(LoopNames.VECTOR, LoopNames.CONVERSION, CD_int);
                code.invokevirtual(type(node.a()).vector, "convert", signature).checkcast(type.vector);
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
        castMask(node, lane);
    }

    /// The node's mask → the same of the given lane type.
    private void castMask(int node, LoopType lane) {
        if (maskType(node) != lane) {
            species(lane);
            mask("cast", LoopNames.SPECIES);
        }
    }

    private void select(LoopNode node) {
        if (node.type() == LoopType.BOOL) {
            // (b and c) or (a not c), within the lane type of b.
            var lane = maskType(node.b());
            push(node.b());
            pushMask(node.a(), lane);
            mask("and", LoopNames.MASK);
            pushMask(node.c(), lane);
            pushMask(node.a(), lane);
            mask("andNot", LoopNames.MASK);
            mask("or", LoopNames.MASK);
            return;
        }
        push(node.c());
        push(node.b());
        pushMask(node.a(), node.type());
        blend(node.type());
    }

    @Override
    void combine(LoopCode operation, LoopType type) {
        VectorCalls.binary(code, type.vector, operation);
    }

    /// x → the largest or smallest of its elements
    void reduceLanes(LoopCode operation, LoopType type) {
        operator(operation.symbol, LoopNames.ASSOCIATIVE);
        code.invokevirtual(type.vector, "reduceLanes", MethodTypeDesc.of(type.primitive, LoopNames.ASSOCIATIVE));
    }

    /// x, y → mask
    private void compare(String symbol, LoopType type) {
        operator(symbol, LoopNames.COMPARISON);
        var signature = MethodTypeDesc.of(LoopNames.MASK, LoopNames.COMPARISON, LoopNames.VECTOR);
        code.swap().invokevirtual(type.vector, "compare", signature);
    }

    /// int vector → mask
    private void isNotZero() {
        constant(LoopType.I32, 0);
        compare("NE", LoopType.I32);
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
            fromArray(LoopNames.BYTES, LoopType.array(type));
            operator("ZERO_EXTEND_B2I", LoopNames.CONVERSION);
            species(LoopType.I32);
            convertShape(LoopNames.BYTES, LoopType.I32);
        } else {
            species(lane);
            pushAddress(input);
            fromArray(lane.vector, LoopType.array(type));
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
        convertShape(LoopType.I32.vector, LoopType.I32);
        VectorCalls.ofWidth(code, LoopNames.BYTES, bits / 4);
        pushOutputAddress(output);
        intoArray(LoopNames.BYTES, LoopType.array(type));
    }

    /// vector → stored at the output's current columns.
    void storeElement(int output) {
        var type = loop.outputTypes().get(output);
        ofWidth(LoopType.of(type));
        pushOutputAddress(output);
        intoArray(LoopType.of(type).vector, LoopType.array(type));
    }

    @Override
    void pushOutput(int output) {
        var type = loop.outputTypes().get(output);
        species(LoopType.of(type));
        pushOutputAddress(output);
        fromArray(LoopType.of(type).vector, LoopType.array(type));
    }

    void fromArray(ClassDesc vector, ClassDesc array) {
        code.invokestatic(vector, "fromArray", MethodTypeDesc.of(vector, LoopNames.SPECIES, array, CD_int));
    }

    /// vector → the same, of a class that is known.
    void ofWidth(LoopType type) {
        VectorCalls.ofWidth(code, type.vector, bits);
    }

    void intoArray(ClassDesc vector, ClassDesc array) {
        code.invokevirtual(vector, "intoArray", MethodTypeDesc.of(CD_void, array, CD_int));
    }

    /// vector, conversion, species → converted lane by lane; to ints it is also cast to that class.
    private void convertShape(ClassDesc from, LoopType to) {
        var signature = MethodTypeDesc.of(LoopNames.VECTOR, LoopNames.CONVERSION, LoopNames.SPECIES, CD_int);
        code.iconst_0().invokevirtual(from, "convertShape", signature);
        if (from.equals(LoopNames.BYTES)) {
            code.checkcast(to.vector);
        }
    }

    /// Arguments beyond the polynomial's reach are rare: they are spilled and computed one by one.
    private void guard(LoopNode node) {
        int result = frame.slot(TypeKind.REFERENCE);
        var done = code.newLabel();
        push(node.a());
        code.astore(result);
        push(node.b());
        VectorCalls.unary(code, LoopType.F32.vector, LoopCode.ABS);
        constant(LoopType.F32, Float.floatToRawIntBits(MathTrigonometry.LIMIT));
        compare("GT", LoopType.F32);
        code.invokevirtual(LoopNames.MASK, "anyTrue", MethodTypeDesc.of(CD_boolean))
                .ifeq(done);
        for (int i = 0; i < 2; i++) {
            push(i == 0 ? node.a() : node.b());
            ofWidth(LoopType.F32);
            code.aload(spill).loadConstant(i).aaload().iconst_0();
            intoArray(LoopType.F32.vector, FLOATS);
        }
        code.loadConstant(node.immediate() == LoopCall.SIN_FLOAT.ordinal() ? 1 : 0);
        code.aload(spill).iconst_0().aaload().aload(spill).iconst_1().aaload();
        code.invokestatic(CALLS, "beyondLimit", MethodTypeDesc.of(CD_void, CD_boolean, FLOATS, FLOATS));
        species(LoopType.F32);
        code.aload(spill).iconst_0().aaload().iconst_0();
        fromArray(LoopType.F32.vector, FLOATS);
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
        var signature = MethodTypeDesc.of(type.vector, LoopNames.SPECIES, type.primitive);
        code.invokestatic(type.vector, "broadcast", signature);
    }

    private void blend(LoopType type) {
        method(type, "blend", LoopNames.VECTOR, LoopNames.MASK);
    }

    /// Calls a method of vectors of the type that returns another.
    private void method(LoopType type, String name, ClassDesc... parameters) {
        code.invokevirtual(type.vector, name, MethodTypeDesc.of(type.vector, parameters));
    }

    /// Calls a method of masks that returns another.
    private void mask(String name, ClassDesc... parameters) {
        code.invokevirtual(LoopNames.MASK, name, MethodTypeDesc.of(LoopNames.MASK, parameters));
    }

    void species(LoopType type) {
        code.getstatic(type.vector, "SPECIES_" + bits, LoopNames.SPECIES);
    }

    private void byteSpecies() {
        code.getstatic(LoopNames.BYTES, "SPECIES_" + bits / 4, LoopNames.SPECIES);
    }

    private void operator(String name, ClassDesc type) {
        VectorCalls.operator(code, name, type);
    }
}
