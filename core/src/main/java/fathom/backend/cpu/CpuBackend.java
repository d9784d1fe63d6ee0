package fathom.backend.cpu;

import fathom.compile.Backend;
import fathom.compile.Program;
import fathom.compile.simplify.Simplify;
import fathom.ir.Graph;
import fathom.tensor.DType;

/// The CPU: kernels in plain Java, emitted as bytecode over the Vector API where that is present.
public final class CpuBackend implements Backend {
    private final WorkerPool pool;
    private final LoopCompiler compiler;
    private final Kernels kernels;
    private final ArrayPool arrays;
    private final KeptForms kept;

    /// A backend of its own threads.
    ///
    /// @param threads how many threads work on a kernel, the caller's included
    /// @param minimalFiltering whether convolutions may go by minimal filtering where that pays
    public CpuBackend(int threads, boolean minimalFiltering) {
        int bits = VectorSupport.preferredBits();
        if (!VectorSupport.available()) {
            System.getLogger("fathom")
                    .log(
                            System.Logger.Level.WARNING,
                            "the kernels run without vectors, many times slower: start Java with"
                                    + " --add-modules jdk.incubator.vector, or put fathom on the"
                                    + " module path");
        }
        pool = new WorkerPool(threads);
        compiler = new LoopCompiler(bits);
        kernels = new Kernels(pool, compiler, bits, minimalFiltering);
        // While the caller is still reading data and building graphs.
        Thread.ofPlatform().daemon().name("fathom-warm-up").start(() -> {
            Tiles tiles = Tiles.of(DType.F32, bits);
            tiles.warmUp();
            if (minimalFiltering) {
                tiles.transforms().warmUp();
            }
        });
        long memory = Runtime.getRuntime().maxMemory();
        arrays = new ArrayPool(memory / 4);
        kept = new KeptForms(memory / 4);
    }

    @Override
    public String name() {
        return "cpu";
    }

    @Override
    public Program compile(Graph graph) {
        return new Lowering(Simplify.graph(graph), compiler, kernels).program(arrays, pool, kept);
    }

    @Override
    public void close() {
        arrays.clear();
        kept.clear();
        pool.close();
    }
}
