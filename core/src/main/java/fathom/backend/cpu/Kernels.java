package fathom.backend.cpu;

import fathom.ir.Graph;
import fathom.ir.Graph.Entry;
import fathom.ir.Op;
import fathom.ir.Window;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import java.util.List;

/// The steps of operations that have kernels of their own.
final class Kernels {
    private final Gemm floats;
    private final Gemm doubles;
    private final Convolution floatConvolution;
    private final Convolution doubleConvolution;
    private final LoopFactory loops;

    Kernels(WorkerPool pool, LoopCompiler compiler, int bits) {
        loops = new LoopFactory(compiler);
        floatConvolution = new Convolution(pool, Tiles.of(DType.F32, bits));
        doubleConvolution = new Convolution(pool, Tiles.of(DType.F64, bits));
        floats = new Gemm(pool, Tiles.of(DType.F32, bits));
        doubles = new Gemm(pool, Tiles.of(DType.F64, bits));
    }

    /// The steps for an entry whose operands are stored.
    List<Step> steps(Graph graph, Places places, int i) {
        Entry e = graph.entries().get(i);
        Storage out = places.storage(i);
        List<Storage> in = e.inputs().stream().map(places::storage).toList();
        Shape first = graph.entries().get(e.inputs().getFirst()).shape();
        return switch (e.op()) {
            case Op.MaxPool p -> pool(e, p.window(), first, e.shape(), in, out);
            case Op.MaxPoolGather p -> pool(e, p.window(), first, e.shape(), in, out);
            case Op.SumPool p -> pool(e, p.window(), first, e.shape(), in, out);
            case Op.MaxPoolScatter p -> {
                Shape v = graph.entries().get(e.inputs().get(1)).shape();
                yield pool(e, p.window(), e.shape(), v, in, out);
            }
            case Op.SumPoolScatter p -> pool(e, p.window(), e.shape(), first, in, out);
            default -> List.of(step(graph, places, i));
        };
    }

    private List<Step> pool(Entry e, Window window, Shape image, Shape pooled, List<Storage> in, Storage out) {
        boolean scatters = e.op() instanceof Op.MaxPoolScatter || e.op() instanceof Op.SumPoolScatter;
        if (PoolLoops.fits(window) && (!scatters || PoolLoops.isDisjoint(window))) {
            PoolLoops p = new PoolLoops(loops, window, image, pooled, e.dtype());
            Step step = switch (e.op()) {
                case Op.MaxPool o -> p.pool(true, in.get(0), out);
                case Op.SumPool o -> p.pool(false, in.get(0), out);
                case Op.MaxPoolGather o -> p.gather(in.get(0), in.get(1), out);
                case Op.MaxPoolScatter o -> p.scatter(in.get(0), in.get(1), out);
                default -> p.spread(in.get(0), out);
            };
            return scatters && !p.covers() ? List.of(zeros(out), step) : List.of(step);
        }
        PoolKernels k = PoolKernels.of(window, image, pooled);
        int n = image.dim(0);
        Action action = switch (e.op()) {
            case Op.MaxPool o ->
                f -> k.gather(
                        f.pool(), n, f.array(in.get(0)), f.array(in.get(0)), f.array(out), Double.NEGATIVE_INFINITY);
            case Op.SumPool o -> f -> k.sum(f.pool(), n, f.array(in.get(0)), f.array(out));
            case Op.MaxPoolGather o ->
                f -> k.gather(f.pool(), n, f.array(in.get(0)), f.array(in.get(1)), f.array(out), 0);
            case Op.MaxPoolScatter o ->
                f -> k.scatter(f.pool(), n, e.dtype(), f.array(in.get(0)), f.array(in.get(1)), f.array(out));
            default -> f -> k.spread(f.pool(), n, e.dtype(), f.array(in.get(0)), f.array(out));
        };
        return List.of(simple(e.op().title() + " " + image, in, out, action));
    }

    private static Step zeros(Storage out) {
        return simple("zeros", List.of(), out, f -> Zeros.fill(out.dtype, f.array(out), 0, out.size));
    }

    private Step step(Graph graph, Places places, int i) {
        Entry e = graph.entries().get(i);
        List<Storage> in = e.inputs().stream().map(places::storage).toList();
        List<Shape> shapes =
                e.inputs().stream().map(k -> graph.entries().get(k).shape()).toList();
        Storage out = places.storage(i);
        String name = e.op().title() + " " + shapes + " " + e.dtype() + e.shape();
        return switch (e.op()) {
            case Op.MatMul m -> matMul(name, m, e, shapes, in, out);
            case Op.Gather g -> {
                Indexed indexed = Indexed.gather(g, shapes.get(0), shapes.get(1));
                yield simple(
                        name,
                        in,
                        out,
                        f -> indexed.gather(f.pool(), f.array(in.get(0)), f.array(in.get(1)), f.array(out)));
            }
            case Op.ScatterAdd s -> {
                Indexed indexed = Indexed.scatter(s, e.shape(), shapes.get(1));
                yield simple(
                        name,
                        in,
                        out,
                        f -> indexed.scatterAdd(f.pool(), f.array(in.get(0)), f.array(in.get(1)), f.array(out)));
            }
            case Op.CumulativeSum c -> {
                Lines lines = Lines.of(e.shape(), c.axis());
                yield simple(
                        name,
                        in,
                        out,
                        f -> lines.cumulativeSum(f.pool(), c.reverse(), f.array(in.get(0)), f.array(out)));
            }
            case Op.ArgSort a -> {
                Lines lines = Lines.of(e.shape(), a.axis());
                DType dtype = in.getFirst().dtype;
                yield simple(
                        name,
                        in,
                        out,
                        f -> lines.argSort(f.pool(), a.descending(), dtype, f.array(in.get(0)), (int[]) f.array(out)));
            }
            case Op.ArgReduce a -> {
                Lines lines = Lines.of(shapes.getFirst(), a.axis());
                yield simple(
                        name,
                        in,
                        out,
                        f -> lines.argReduce(f.pool(), a.greatest(), f.array(in.get(0)), (int[]) f.array(out)));
            }
            case Op.Convolution c ->
                convolution(name, geometry(shapes.get(0), e.shape().dim(3), c.groups(), c.window()), c, in, out);
            case Op.ConvolutionInputGradient c ->
                convolution(name, geometry(e.shape(), shapes.get(0).dim(3), c.groups(), c.window()), c, in, out);
            case Op.ConvolutionWeightGradient c ->
                convolution(name, geometry(shapes.get(0), e.shape().dim(3), c.groups(), c.window()), c, in, out);
            default -> throw new IllegalStateException("no kernel for " + name);
        };
    }

    private interface Action {
        void run(Frame frame);
    }

    private static Contraction simple(String name, List<Storage> in, Storage out, Action action) {
        return new Contraction(name, in, out, (f, epilogue) -> action.run(f), 0, null);
    }

    private Step matMul(String name, Op.MatMul op, Entry e, List<Shape> shapes, List<Storage> in, Storage out) {
        Shape a = shapes.get(0);
        Shape b = shapes.get(1);
        int m = e.shape().dim(-2);
        int n = e.shape().dim(-1);
        int k = a.dim(op.transposeLeft() ? -2 : -1);
        if (k == 0) {
            return zeros(out);
        }
        int batches = e.shape().size() / (m * n);
        int[] aOffsets = new int[batches];
        int[] bOffsets = new int[batches];
        int[] cOffsets = new int[batches];
        for (int i = 0; i < batches; i++) {
            aOffsets[i] = i * m * k;
            bOffsets[i] = i * k * n;
            cOffsets[i] = i * m * n;
        }
        Gemm.Product product = new Gemm.Product(
                m,
                n,
                k,
                a.dim(-1),
                op.transposeLeft(),
                b.dim(-1),
                op.transposeRight(),
                n,
                false,
                aOffsets,
                bOffsets,
                cOffsets);
        Gemm gemm = e.dtype() == DType.F32 ? floats : doubles;
        return new Contraction(
                name,
                in,
                out,
                (f, epilogue) -> gemm.multiply(product, f.array(in.get(0)), f.array(in.get(1)), f.array(out), epilogue),
                n,
                null);
    }

    private Step convolution(String name, ConvolutionGeometry g, Op op, List<Storage> in, Storage out) {
        if (g.windows() == 0 || g.depth() == 0) {
            return zeros(out);
        }
        Convolution c = out.dtype == DType.F32 ? floatConvolution : doubleConvolution;
        Storage a = in.get(0);
        Storage b = in.get(1);
        Contraction.Kernel kernel = switch (op) {
            case Op.Convolution o -> (f, epilogue) -> c.forward(g, f.array(a), f.array(b), f.array(out), epilogue);
            case Op.ConvolutionInputGradient o ->
                (f, epilogue) -> c.inputGradient(g, f.array(a), f.array(b), f.array(out), epilogue);
            default -> (f, epilogue) -> c.weightGradient(g, f.array(a), f.array(b), f.array(out));
        };
        int columns = switch (op) {
            case Op.Convolution o -> g.filters();
            case Op.ConvolutionInputGradient o -> g.channels();
            default -> 0;
        };
        return new Contraction(name, in, out, kernel, columns, null);
    }

    private static ConvolutionGeometry geometry(Shape image, int filters, int groups, Window window) {
        return new ConvolutionGeometry(image.dim(0), image.dim(1), image.dim(2), image.dim(3), filters, groups, window);
    }
}
