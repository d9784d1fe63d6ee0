package fathom.backend.cpu;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.util.LinkedHashMap;
import java.util.Map;

/// The vector constants of an emitted class, as static fields: the JIT takes what is in those for
/// granted, where it would have to go through the Vector API's code for each vector that is made at
/// run time.
final class VectorConstants {
    private final ClassDesc owner;
    private final int bits;
    private final Map<Constant, String> names = new LinkedHashMap<>();

    /// @param raw the bits of every lane
    private record Constant(LoopType type, long raw) {}

    /// @param owner the class that they are for
    /// @param bits the vectors' width
    VectorConstants(ClassDesc owner, int bits) {
        this.owner = owner;
        this.bits = bits;
    }

    /// Pushes the vector with the given raw bits in every lane.
    void push(CodeBuilder code, LoopType type, long raw) {
        String name = names.computeIfAbsent(new Constant(type, raw), _ -> "constant" + names.size());
        code.getstatic(owner, name, type.vector);
    }

    /// Adds the fields of all that have been pushed, and the code that fills them.
    void define(ClassBuilder builder) {
        names.forEach((constant, name) ->
                builder.withField(name, constant.type.vector, ClassFile.ACC_STATIC | ClassFile.ACC_FINAL));
        builder.withMethodBody(ConstantDescs.CLASS_INIT_NAME, ConstantDescs.MTD_void, ClassFile.ACC_STATIC, code -> {
            names.forEach((constant, name) -> {
                LoopType type = constant.type;
                code.getstatic(type.vector, "SPECIES_" + bits, LoopNames.SPECIES);
                LoopWriter.pushConstant(code, type, constant.raw);
                MethodTypeDesc signature = MethodTypeDesc.of(type.vector, LoopNames.SPECIES, type.primitive);
                code.invokestatic(type.vector, "broadcast", signature).putstatic(owner, name, type.vector);
            });
            code.return_();
        });
    }
}
