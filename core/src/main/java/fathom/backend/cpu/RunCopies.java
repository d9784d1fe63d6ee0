package fathom.backend.cpu;

import fathom.ir.Buffer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The kernels that copy short runs of one element type, with vectors of any width up to one. `System.arraycopy`
/// takes some 8 ns for a run, however short it is.
final class RunCopies {
    private static final int NARROWEST_BITS = 128;

    // While warming up: what a compiled call takes at most, and when to give up.
    private static final int ROWS = 16;
    private static final long COMPILED_NANOS = 2_000;
    private static final long MOST_NANOS = 5_000_000_000L;

    private final TreeMap<Integer, Later<RunKernel>> kernels = new TreeMap<>();

    RunCopies(Lanes widest) {
        for (int bits = NARROWEST_BITS; bits <= widest.bits(); bits *= 2) {
            Lanes lanes = new Lanes(widest.dtype(), bits);
            kernels.put(lanes.count(), new Later<>(() -> RunEmitter.emit(lanes), kernel -> warmUp(kernel, lanes)));
        }
    }

    /// The shortest run that there are kernels for; more than any if there are none.
    int shortest() {
        return kernels.isEmpty() ? Integer.MAX_VALUE : kernels.firstKey();
    }

    /// The kernel for runs of so many elements; null if there is none, or as long as it is not compiled, which is
    /// begun by the first call.
    @Nullable
    RunKernel kernel(int length) {
        Map.Entry<Integer, Later<RunKernel>> widest = kernels.floorEntry(length);
        return widest == null || length > 2 * widest.getKey()
                ? null
                : widest.getValue().get();
    }

    /// Has every kernel used from now on, compiled or not.
    void useAll() {
        kernels.values().forEach(Later::useNow);
    }

    private static void warmUp(RunKernel kernel, Lanes lanes) {
        int length = 2 * lanes.count();
        Object from = Buffer.allocate(lanes.dtype(), 2 * length).array();
        Object to = Buffer.allocate(lanes.dtype(), 2 * length * ROWS).array();
        int[] offsets = new int[ROWS];
        int[] segments = {0, length};
        var call = new WarmUp.Kernel(
                _ -> kernel.copy(from, offsets, ROWS, segments, 0, 2, 0, length, to, 2 * length), COMPILED_NANOS);
        WarmUp.run(List.of(call), MOST_NANOS);
    }
}
