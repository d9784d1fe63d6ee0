package fathom.backend.cpu;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.util.Map;

/// Emits [DepthwiseKernel]s.
record DepthwiseEmitter(Lanes lanes, int vectors) {
    /// A kernel for `vectors` vectors of columns.
    static DepthwiseKernel emit(Lanes lanes, int vectors) {
        String name = "Depthwise" + lanes.title() + "By" + vectors;
        DepthwiseEmitter emitter = new DepthwiseEmitter(lanes, vectors);
        return KernelClasses.instantiate(name, DepthwiseKernel.class, Map.of("run", emitter::run));
    }

    private void run(CodeBuilder code) {
        int count = 7;
        int co = 9;
        int accumulate = 10;
        int a = lanes.array(code, 1);
        int b = lanes.array(code, 4);
        int c = lanes.array(code, 8);
        int ai = code.allocateLocal(TypeKind.INT);
        int bi = code.allocateLocal(TypeKind.INT);
        SumsEmitter emitter = new SumsEmitter(lanes, vectors);
        emitter.emit(
                code,
                c,
                co,
                accumulate,
                sums -> KernelClasses.loop(code, count, t -> {
                    code.aload(2).iload(t).iaload().iload(3).iadd().istore(ai);
                    code.aload(5).iload(t).iaload().iload(6).iadd().istore(bi);
                    emitter.addProducts(code, sums, v -> {
                        lanes.load(code, a, ai, v * lanes.count());
                        lanes.load(code, b, bi, v * lanes.count());
                    });
                }));
    }
}
