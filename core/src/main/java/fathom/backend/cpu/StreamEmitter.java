package fathom.backend.cpu;

import java.lang.classfile.ClassFile;
import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.lang.classfile.TypeKind;
import java.lang.constant.ConstantDescs;
import java.lang.constant.MethodTypeDesc;

/// Emits [StreamKernel]s.
final class StreamEmitter {
    private static final MethodTypeDesc RUN = MethodTypeDesc.of(
            ConstantDescs.CD_void,
            ConstantDescs.CD_Object,
            ConstantDescs.CD_int,
            ConstantDescs.CD_int,
            ConstantDescs.CD_int,
            ConstantDescs.CD_Object,
            ConstantDescs.CD_int,
            ConstantDescs.CD_int,
            ConstantDescs.CD_Object,
            ConstantDescs.CD_int,
            ConstantDescs.CD_boolean);

    private final Lanes lanes;
    private final int vectors;

    private StreamEmitter(Lanes lanes, int vectors) {
        this.lanes = lanes;
        this.vectors = vectors;
    }

    /// A kernel for `vectors` vectors of columns.
    static StreamKernel emit(Lanes lanes, int vectors) {
        StreamEmitter emitter = new StreamEmitter(lanes, vectors);
        return KernelClasses.instantiate(
                "Stream" + lanes.title() + "By" + vectors,
                StreamKernel.class,
                builder -> builder.withMethodBody("run", RUN, ClassFile.ACC_PUBLIC, emitter::run));
    }

    private void run(CodeBuilder code) {
        int ao = 2;
        int bo = 6;
        int co = 9;
        int accumulate = 10;
        int a = array(code, 1);
        int b = array(code, 5);
        int c = array(code, 8);
        int[] sums = new int[vectors];
        for (int v = 0; v < vectors; v++) {
            sums[v] = lanes.local(code);
            lanes.constant(code, 0);
            lanes.set(code, sums[v]);
        }
        Label fresh = code.newLabel();
        code.iload(accumulate).ifeq(fresh);
        for (int v = 0; v < vectors; v++) {
            lanes.load(code, c, co, v * lanes.count());
            lanes.set(code, sums[v]);
        }
        code.labelBinding(fresh);
        int k = code.allocateLocal(TypeKind.INT);
        int left = lanes.local(code);
        Label top = code.newLabel();
        Label end = code.newLabel();
        code.iconst_0().istore(k);
        code.labelBinding(top).iload(k).iload(4).if_icmpge(end);
        lanes.repeat(code, a, ao, 0);
        lanes.set(code, left);
        for (int v = 0; v < vectors; v++) {
            lanes.get(code, left);
            lanes.load(code, b, bo, v * lanes.count());
            lanes.get(code, sums[v]);
            lanes.fma(code);
            lanes.set(code, sums[v]);
        }
        code.iload(ao).iload(3).iadd().istore(ao);
        code.iload(bo).iload(7).iadd().istore(bo);
        code.iinc(k, 1).goto_(top).labelBinding(end);
        for (int v = 0; v < vectors; v++) {
            lanes.store(code, sums[v], c, co, v * lanes.count());
        }
        code.return_();
    }

    private int array(CodeBuilder code, int parameter) {
        int local = code.allocateLocal(TypeKind.REFERENCE);
        code.aload(parameter).checkcast(lanes.array()).astore(local);
        return local;
    }
}
