package fathom.backend.cpu;

import java.lang.classfile.ClassBuilder;
import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ClassDesc;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.reflect.Method;
import java.util.Arrays;
import java.util.Map;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.ObjIntConsumer;
import org.jspecify.annotations.Nullable;

/// Turns emitted bytecode into an instance of a hidden class of this package.
final class KernelClasses {
    private KernelClasses() {}

    /// Defines a class with the given methods and a constructor without arguments, and creates its
    /// instance.
    ///
    /// @param name the simple name, seen in stack traces and profiles
    /// @param type the interface of this package that the class implements
    /// @param bodies the code of each method by its name; what returns nothing ends by itself
    static <T> T instantiate(String name, Class<T> type, Map<String, Consumer<CodeBuilder>> bodies) {
        ClassDesc self = ClassDesc.of(KernelClasses.class.getPackageName(), name);
        byte[] bytes = ClassFile.of().build(self, builder -> {
            builder.withFlags(ClassFile.ACC_FINAL | ClassFile.ACC_SYNTHETIC);
            builder.withInterfaceSymbols(describe(type));
            builder.withMethodBody(
                    ConstantDescs.INIT_NAME,
                    ConstantDescs.MTD_void,
                    0,
                    code -> code.aload(0)
                            .invokespecial(ConstantDescs.CD_Object, ConstantDescs.INIT_NAME, ConstantDescs.MTD_void)
                            .return_());
            for (Method method : type.getDeclaredMethods()) {
                define(builder, method, bodies.get(method.getName()));
            }
        });
        try {
            MethodHandles.Lookup lookup = MethodHandles.lookup().defineHiddenClass(bytes, true);
            return type.cast(lookup.findConstructor(lookup.lookupClass(), MethodType.methodType(void.class))
                    .invoke());
        } catch (Throwable e) {
            throw new IllegalStateException("kernel class " + name + " could not be defined", e);
        }
    }

    private static void define(ClassBuilder builder, Method method, @Nullable Consumer<CodeBuilder> body) {
        ClassDesc[] parameters = Arrays.stream(method.getParameterTypes())
                .map(KernelClasses::describe)
                .toArray(ClassDesc[]::new);
        MethodTypeDesc signature = MethodTypeDesc.of(describe(method.getReturnType()), parameters);
        builder.withMethodBody(method.getName(), signature, ClassFile.ACC_PUBLIC, code -> {
            Objects.requireNonNull(body, method.getName()).accept(code);
            if (method.getReturnType() == void.class) {
                code.return_();
            }
        });
    }

    /// The name of a type in emitted code.
    static ClassDesc describe(Class<?> type) {
        return ClassDesc.ofDescriptor(type.descriptorString());
    }

    /// `for (counter = 0; counter < limit; counter++) body`
    ///
    /// @param limit a local variable
    /// @param body is given the counter's
    static void loop(CodeBuilder code, int limit, IntConsumer body) {
        int counter = code.allocateLocal(TypeKind.INT);
        Label top = code.newLabel();
        Label end = code.newLabel();
        code.iconst_0().istore(counter);
        code.labelBinding(top).iload(counter).iload(limit).if_icmpge(end);
        body.accept(counter);
        code.iinc(counter, 1).goto_(top).labelBinding(end);
    }

    /// The same with the body written out so many times for each turn of the loop. What that leaves over
    /// comes first, in a loop of its own: what the JIT makes of the main loop is faster so than with
    /// another one behind it.
    ///
    /// @param body is given the counter's local variable and what is to be added to it
    static void loop(CodeBuilder code, int limit, int times, ObjIntConsumer<Integer> body) {
        if (times == 1) {
            loop(code, limit, counter -> body.accept(counter, 0));
            return;
        }
        int counter = code.allocateLocal(TypeKind.INT);
        int left = code.allocateLocal(TypeKind.INT);
        code.iconst_0().istore(counter);
        code.iload(limit).loadConstant(times).irem().istore(left);
        for (int step : new int[] {1, times}) {
            Label top = code.newLabel();
            Label end = code.newLabel();
            code.labelBinding(top)
                    .iload(counter)
                    .iload(step == 1 ? left : limit)
                    .if_icmpge(end);
            for (int ahead = 0; ahead < step; ahead++) {
                body.accept(counter, ahead);
            }
            code.iinc(counter, step).goto_(top).labelBinding(end);
        }
    }

    /// `while (counter < limit) body`
    ///
    /// @param counter a local variable, which the body moves on
    /// @param limit a local variable
    static void loopBelow(CodeBuilder code, int counter, int limit, Runnable body) {
        Label top = code.newLabel();
        Label end = code.newLabel();
        code.labelBinding(top).iload(counter).iload(limit).if_icmpge(end);
        body.run();
        code.goto_(top).labelBinding(end);
    }

    /// a, b → the smaller of the two ints
    static void min(CodeBuilder code) {
        code.invokestatic(
                ClassDesc.of("java.lang.Math"),
                "min",
                MethodTypeDesc.of(ConstantDescs.CD_int, ConstantDescs.CD_int, ConstantDescs.CD_int));
    }

    /// Has the JIT read what follows after what went before, which takes no instruction. It would move many reads
    /// to the front, for which there are not enough registers: half the speed.
    static void keepOrder(CodeBuilder code) {
        code.invokestatic(ClassDesc.of("java.lang.invoke.VarHandle"), "loadLoadFence", ConstantDescs.MTD_void);
    }
}
