package fathom.backend.cpu;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.Label;
import java.util.Map;

/// Emits [StreamKernel]s.
record StreamEmitter(Lanes lanes, int vectors) {
    /// A kernel for `vectors` vectors of columns.
    static StreamKernel emit(Lanes lanes, int vectors) {
        String name = "Stream" + lanes.title() + "By" + vectors;
        StreamEmitter emitter = new StreamEmitter(lanes, vectors);
        return KernelClasses.instantiate(name, StreamKernel.class, Map.of("run", emitter::run));
    }

    private void run(CodeBuilder code) {
        int ao = 2;
        int bo = 6;
        int co = 9;
        int accumulate = 10;
        int a = lanes.array(code, 1);
        int b = lanes.array(code, 5);
        int c = lanes.array(code, 8);
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
        int left = lanes.local(code);
        KernelClasses.loop(code, 4, _ -> {
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
        });
        for (int v = 0; v < vectors; v++) {
            lanes.store(code, sums[v], c, co, v * lanes.count());
        }
    }
}
