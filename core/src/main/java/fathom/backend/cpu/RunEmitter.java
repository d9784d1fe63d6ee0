package fathom.backend.cpu;

import java.lang.classfile.CodeBuilder;
import java.lang.classfile.TypeKind;
import java.util.Map;

/// Emits [RunKernel]s. A run is copied as two vectors, its first elements and its last, which overlap: so neither
/// what is read nor what is written goes beyond it.
record RunEmitter(Lanes lanes) {
    static RunKernel emit(Lanes lanes) {
        RunEmitter emitter = new RunEmitter(lanes);
        return KernelClasses.instantiate("Runs" + lanes.title(), RunKernel.class, Map.of("copy", emitter::copy));
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

    /// `last = at + length - lanes`
    private void moveToEnd(CodeBuilder code, int at, int length, int last) {
        code.iload(at).iload(length).iadd();
        code.loadConstant(lanes.count()).isub().istore(last);
    }

    private void move(CodeBuilder code, int from, int source, int to, int target) {
        int value = lanes.local(code);
        lanes.load(code, from, source, 0);
        lanes.set(code, value);
        lanes.store(code, value, to, target, 0);
    }
}
