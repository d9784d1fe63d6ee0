package fathom.backend.cpu;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.util.Map;

/// Emits [RunKernel]s. A run is copied as an even number of vectors, half of them from its first element on and half of
/// them up to its last, which overlap: so neither what is read nor what is written goes beyond it.
record RunEmitter(Lanes lanes, int vectors) {
    /// A kernel for runs of half as many vectors to as many.
    static RunKernel emit(Lanes lanes, int vectors) {
        RunEmitter emitter = new RunEmitter(lanes, vectors);
        String name = "Runs" + lanes.title() + "Of" + vectors;
        return KernelClasses.instantiate(name, RunKernel.class, Map.of("copy", emitter::copy));
    }

    private void copy(CodeBuilder code) {
        int offsets = 2;
        int rows = 3;
        int segments = 4;
        int segment = 5;
        int segmentEnd = 6;
        int start = 7;
        int length = 8;
        int rowStep = 10;
        int from = lanes.array(code, 1);
        int to = lanes.array(code, 9);
        int count = code.allocateLocal(TypeKind.INT);
        int shift = code.allocateLocal(TypeKind.INT);
        int at = code.allocateLocal(TypeKind.INT);
        int source = code.allocateLocal(TypeKind.INT);
        int target = code.allocateLocal(TypeKind.INT);
        int lastSource = code.allocateLocal(TypeKind.INT);
        int lastTarget = code.allocateLocal(TypeKind.INT);
        code.iload(segmentEnd).iload(segment).isub().istore(count);
        // Rows inside: there are many of them and often but one segment.
        KernelClasses.loop(code, count, s -> {
            code.aload(segments).iload(segment).iload(s).iadd().iaload();
            code.iload(start).iadd().istore(shift);
            code.iload(s).iload(length).imul().istore(at);
            KernelClasses.loop(code, rows, i -> {
                code.aload(offsets).iload(i).iaload().iload(shift).iadd().istore(source);
                code.iload(i).iload(rowStep).imul().iload(at).iadd().istore(target);
                moveToEnd(code, source, length, lastSource);
                moveToEnd(code, target, length, lastTarget);
                move(code, from, source, to, target);
                move(code, from, lastSource, to, lastTarget);
            });
        });
    }

    /// `last = at + length - half of the vectors`
    private void moveToEnd(CodeBuilder code, int at, int length, int last) {
        code.iload(at).iload(length).iadd();
        code.loadConstant(vectors / 2 * lanes.count()).isub().istore(last);
    }

    private void move(CodeBuilder code, int from, int source, int to, int target) {
        for (int v = 0; v < vectors / 2; v++) {
            int value = lanes.local(code);
            lanes.load(code, from, source, v * lanes.count());
            lanes.set(code, value);
            lanes.store(code, value, to, target, v * lanes.count());
        }
    }
}
