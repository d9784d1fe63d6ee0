package fathom.backend.cpu;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.function.Consumer;

/// Turns emitted bytecode into an instance of a hidden class of this package.
final class KernelClasses {
    private KernelClasses() {}

    /// Defines a class with the given methods and a constructor without arguments, and creates its
    /// instance.
    ///
    /// @param name the simple name, seen in stack traces and profiles
    /// @param type the interface of this package that the class implements
    static <T> T instantiate(String name, Class<T> type, Consumer<ClassBuilder> methods) {
        ClassDesc self = ClassDesc.of(KernelClasses.class.getPackageName(), name);
        byte[] bytes = ClassFile.of().build(self, builder -> {
            builder.withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SYNTHETIC);
            builder.withInterfaceSymbols(ClassDesc.ofDescriptor(type.descriptorString()));
            builder.withMethodBody(
                    ConstantDescs.INIT_NAME,
                    ConstantDescs.MTD_void,
                    0,
                    code -> code.aload(0)
                            .invokespecial(ConstantDescs.CD_Object, ConstantDescs.INIT_NAME, ConstantDescs.MTD_void)
                            .return_());
            methods.accept(builder);
        });
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup().defineHiddenClass(bytes, true);
            return type.cast(lookup.findConstructor(lookup.lookupClass(), MethodType.methodType(void.class))
                    .invoke());
        } catch (Throwable e) {
            throw new IllegalStateException("kernel class " + name + " could not be defined", e);
        }
    }
}
