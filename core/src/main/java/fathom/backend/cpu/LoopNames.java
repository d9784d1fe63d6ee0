package fathom.backend.cpu;

import java.lang.constant.ClassDesc;

/// Names of the Vector API, for emitted code.
final class LoopNames {
    static final ClassDesc VECTOR = inPackage("Vector");
    static final ClassDesc SPECIES = inPackage("VectorSpecies");
    static final ClassDesc MASK = inPackage("VectorMask");
    static final ClassDesc BYTES = inPackage("ByteVector");
    static final ClassDesc OPERATORS = inPackage("VectorOperators");
    static final ClassDesc ASSOCIATIVE = OPERATORS.nested("Associative");
    static final ClassDesc UNARY = OPERATORS.nested("Unary");
    static final ClassDesc BINARY = OPERATORS.nested("Binary");
    static final ClassDesc TERNARY = OPERATORS.nested("Ternary");
    static final ClassDesc COMPARISON = OPERATORS.nested("Comparison");
    static final ClassDesc CONVERSION = OPERATORS.nested("Conversion");

    private LoopNames() {}

    static ClassDesc inPackage(String name) {
        return ClassDesc.of("jdk.incubator.vector", name);
    }
}
