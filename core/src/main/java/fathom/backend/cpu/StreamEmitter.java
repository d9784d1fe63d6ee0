package fathom.backend.cpu;

import java.lang.classfile.CodeBuilder;
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
        int left = lanes.local(code);
        SumsEmitter emitter = new SumsEmitter(lanes, vectors);
        emitter.emit(
                code,
                c,
                co,
                accumulate,
                sums -> KernelClasses.loop(code, 4, _ -> {
                    lanes.repeat(code, a, ao, 0);
                    lanes.set(code, left);
                    emitter.addProducts(code, sums, v -> {
                        lanes.get(code, left);
                        lanes.load(code, b, bo, v * lanes.count());
                    });
                    code.iload(ao).iload(3).iadd().istore(ao);
                    code.iload(bo).iload(7).iadd().istore(bo);
                }));
    }
}
