package fathom.backend.cpu;

import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;

/// Spells calls of vectors so that the JIT knows of what class each is, although vectors of several widths are in use.
///
/// The JVM counts the classes it has seen by the place of a call. In `add`, which calls `lanewise` for everybody,
/// it sees those of all widths, and of a sum that a loop adds to it then takes two into account, so that
/// the sum is an object, made anew in each turn. A kernel's own calls of `lanewise` see one class. `intoArray`
/// has nothing behind it that could be called instead.
final class VectorCalls {
    private VectorCalls() {}

    /// x → operation x
    static void unary(CodeBuilder code, ClassDesc vector, LoopCode operation) {
        operator(code, operation.symbol, LoopNames.UNARY);
        code.invokevirtual(vector, "lanewise", MethodTypeDesc.of(vector, LoopNames.UNARY));
    }

    /// x, y → x operation y
    static void binary(CodeBuilder code, ClassDesc vector, LoopCode operation) {
        operator(code, operation.symbol, isAssociative(operation) ? LoopNames.ASSOCIATIVE : LoopNames.BINARY);
        code.swap();
        code.invokevirtual(vector, "lanewise", MethodTypeDesc.of(vector, LoopNames.BINARY, LoopNames.VECTOR));
    }

    /// x, y, z → x · y + z, rounded once
    static void fma(CodeBuilder code, ClassDesc vector) {
        operator(code, LoopCode.FMA.symbol, LoopNames.TERNARY);
        code.dup_x2().pop();
        code.invokevirtual(
                vector, "lanewise", MethodTypeDesc.of(vector, LoopNames.TERNARY, LoopNames.VECTOR, LoopNames.VECTOR));
    }

    /// x → x, of which it is now known that it has so many bits. Takes no time once it is compiled.
    static void ofWidth(CodeBuilder code, ClassDesc vector, int bits) {
        code.getstatic(vector, "SPECIES_" + bits, LoopNames.SPECIES);
        code.invokeinterface(LoopNames.SPECIES, "vectorType", MethodTypeDesc.of(ConstantDescs.CD_Class));
        code.swap();
        code.invokevirtual(
                ConstantDescs.CD_Class, "cast", MethodTypeDesc.of(ConstantDescs.CD_Object, ConstantDescs.CD_Object));
        code.checkcast(vector);
    }

    /// Pushes an operator of the JDK's vectors.
    static void operator(CodeBuilder code, String name, ClassDesc kind) {
        code.getstatic(LoopNames.OPERATORS, name, kind);
    }

    private static boolean isAssociative(LoopCode operation) {
        return switch (operation) {
            case ADD, MULTIPLY, MINIMUM, MAXIMUM, AND, OR, XOR -> true;
            default -> false;
        };
    }
}
