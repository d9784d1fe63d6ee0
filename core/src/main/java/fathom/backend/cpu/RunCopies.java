package fathom.backend.cpu;

import fathom.ir.Buffer;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/// The kernels that copy short runs of one element type, with vectors of any width up to one, two of them for a run or,
/// of the widest, up to [#MOST_VECTORS]. `System.arraycopy` takes some 8 ns for a run, however short it is.
final class RunCopies {
    private static final int NARROWEST_BITS = 128;
    private static final int MOST_VECTORS = 8;

    // While warming up: what a compiled call takes at most, and when to give up.
    private static final int ROWS = 16;
    private static final long COMPILED_NANOS = 2_000;
    private static final long MOST_NANOS = 5_000_000_000L;

    /// Each under the longest runs that it copies.
    private final TreeMap<Integer, Later<RunKernel>> kernels = new TreeMap<>();

    private final int shortest;

    RunCopies(Lanes widest) {
        shortest = widest.isScalar()
                ? Integer.MAX_VALUE
                : NARROWEST_BITS / (8 * widest.dtype().bytes());
        for (int bits = NARROWEST_BITS; bits <= widest.bits(); bits *= 2) {
            put(new Lanes(widest.dtype(), bits), 2);
        }
        for (int vectors = 4; !widest.isScalar() && vectors <= MOST_VECTORS; vectors *= 2) {
            put(widest, vectors);
        }
    }

    private void put(Lanes lanes, int vectors) {
        int longest = vectors * lanes.count();
        kernels.put(
                longest, new Later<>(() -> RunEmitter.emit(lanes, vectors), kernel -> warmUp(kernel, lanes, longest)));
    }

    /// The shortest run that there are kernels for; more than any if there are none.
    int shortest() {
        return shortest;
    }

    /// The kernel for runs of so many elements; null if there is none, or as long as it is not compiled, which is
    /// begun by the first call.
    @Nullable
    RunKernel kernel(int length) {
        Map.Entry<Integer, Later<RunKernel>> fitting = length < shortest ? null : kernels.ceilingEntry(length);
        return fitting == null ? null : fitting.getValue().get();
    }

    /// Has every kernel used from now on, compiled or not.
    void useAll() {
        kernels.values().forEach(Later::useNow);
    }

    private static void warmUp(RunKernel kernel, Lanes lanes, int length) {
        Object from = Buffer.allocate(lanes.dtype(), 2 * length).array();
        Object to = Buffer.allocate(lanes.dtype(), 2 * length * ROWS).array();
        int[] offsets = new int[ROWS];
        int[] segments = {0, length};
        var call = new WarmUp.Kernel(
                _ -> kernel.copy(from, offsets, ROWS, segments, 0, 2, 0, length, to, 2 * length), COMPILED_NANOS);
        WarmUp.run(List.of(call), MOST_NANOS);
    }
}
