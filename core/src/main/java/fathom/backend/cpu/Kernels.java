package fathom.backend.cpu;

import fathom.ir.Flops;
import fathom.ir.Graph.Entry;
import fathom.ir.Op;
import fathom.ir.Window;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import java.util.List;
import java.util.stream.Collectors;

/// The steps of operations that have kernels of their own.
record Kernels(WorkerPool pool, LoopCompiler compiler, int bits, boolean minimalFiltering) {
    private static final String MINIMAL_FILTERING =
            "by minimal filtering, with about a quarter of the multiplications of the direct way that is counted here";

    /// The steps for an entry whose operands are stored.
    List<Step> steps(Places places, int i) {
        Entry e = places.entry(i);
        List<Shape> shapes =
                e.inputs().stream().map(k -> places.entry(k).shape()).toList();
        if (e.op() instanceof Op.Recurrence r) {
            Tiles tiles = Tiles.of(e.dtype(), bits);
            return List.of(new RecurrenceLowering(places, i, r, compiler).step(tiles));
        }
        List<Storage> in = e.inputs().stream().map(places::storage).toList();
        Call call = new Call(e, shapes, in, places.storage(i));
        Shape first = shapes.getFirst();
        return switch (e.op()) {
            case Op.MaxPool p -> pool(places, call, p.window(), first, e.shape());
            case Op.MaxPoolGather p -> pool(places, call, p.window(), first, e.shape());
            case Op.SumPool p -> pool(places, call, p.window(), first, e.shape());
            case Op.MaxPoolScatter p -> pool(places, call, p.window(), e.shape(), shapes.get(1));
            case Op.SumPoolScatter p -> pool(places, call, p.window(), e.shape(), first);
            case Op.MatMul m -> List.of(matMul(places, call, m, first));
            default -> List.of(step(call));
        };
    }

    /// An operation with the places of its operands and its result.
    private record Call(Entry entry, List<Shape> shapes, List<Storage> in, Storage out) {
        /// A step of a kernel that takes the arrays of the first and the last operand.
        Step step(Action action) {
            Storage a = in.getFirst();
            Storage b = in.getLast();
            return new Contraction(
                    entry.op().title(),
                    in,
                    out,
                    (f, _) -> action.run(f.pool(), f.array(a), f.array(b), f.array(out)),
                    work(""));
        }

        Step zeros() {
            var work = Contraction.Work.movement(entry.dtype() + entry.shape().toString());
            return new Contraction("zeros", List.of(), out, (f, _) -> Zeros.fill(f.array(out), 0, out.size), work);
        }

        /// Of what a gather picks from it reads no more than it picks.
        Contraction.Work work(String note) {
            String described = shapes.stream().map(Shape::toString).collect(Collectors.joining(" ")) + " -> "
                    + entry.dtype() + entry.shape();
            long most = entry.op() instanceof Op.Gather ? out.size : Long.MAX_VALUE;
            return new Contraction.Work(described, Flops.of(entry.op(), shapes, entry.shape()), most, note);
        }
    }

    private interface Action {
        void run(WorkerPool pool, Object a, Object b, Object result);
    }

    private List<Step> pool(Places places, Call call, Window window, Shape image, Shape pooled) {
        Op op = call.entry.op();
        List<Storage> in = call.in;
        boolean scatters = op instanceof Op.MaxPoolScatter || op instanceof Op.SumPoolScatter;
        if (PoolLoops.fits(window) && (!scatters || PoolLoops.isDisjoint(window))) {
            PoolLoops p = new PoolLoops(compiler, places, window, image, pooled);
            Step step = switch (op) {
                case Op.MaxPoolGather _ -> p.gather(in.get(0), in.get(1), call.out);
                case Op.MaxPoolScatter _ -> p.scatter(in.get(0), in.get(1), call.out);
                default -> p.spread(in.get(0), call.out);
            };
            return scatters && !p.covers() ? List.of(call.zeros(), step) : List.of(step);
        }
        PoolKernels k = PoolKernels.of(window, image, pooled);
        return List.of(call.step(
                switch (op) {
                    case Op.MaxPool _ -> (p, x, _, y) -> k.gather(p, x, x, y, Double.NEGATIVE_INFINITY);
                    case Op.SumPool _ -> (p, x, _, y) -> k.sum(p, x, y);
                    case Op.MaxPoolGather _ -> (p, x, v, y) -> k.gather(p, x, v, y, 0);
                    case Op.MaxPoolScatter _ -> k::scatter;
                    default -> (p, v, _, dx) -> k.spread(p, v, dx);
                }));
    }

    private Step step(Call call) {
        Entry e = call.entry;
        Shape first = call.shapes.getFirst();
        Shape last = call.shapes.getLast();
        return switch (e.op()) {
            case Op.Gather g -> call.step(Indexed.of(g.title(), g.axis(), g.batch(), first, last)::gather);
            case Op.ScatterAdd s -> call.step(Indexed.of(s.title(), s.axis(), s.batch(), e.shape(), last)::scatterAdd);
            case Op.CumulativeSum c -> {
                Lines lines = Lines.of(e.shape(), c.axis());
                yield call.step((p, x, _, y) -> lines.cumulativeSum(p, c.reverse(), x, y));
            }
            case Op.ArgSort a -> {
                Lines lines = Lines.of(e.shape(), a.axis());
                DType dtype = call.in.getFirst().dtype;
                yield call.step((p, x, _, y) -> lines.argSort(p, a.descending(), dtype, x, (int[]) y));
            }
            case Op.ArgReduce a -> {
                Lines lines = Lines.of(first, a.axis());
                yield call.step((p, x, _, y) -> lines.argReduce(p, a.greatest(), x, (int[]) y));
            }
            case Op.Convolution c -> convolution(call, first, e.shape().dim(3), c.groups(), c.window());
            case Op.ConvolutionInputGradient c -> convolution(call, e.shape(), first.dim(3), c.groups(), c.window());
            case Op.ConvolutionWeightGradient c ->
                convolution(call, first, e.shape().dim(3), c.groups(), c.window());
            default -> throw new IllegalStateException("no kernel for " + call.entry);
        };
    }

    /// Its operands may be views: matrices of which parts of others lie between the rows.
    private Step matMul(Places places, Call call, Op.MatMul op, Shape a) {
        Shape c = call.entry.shape();
        int m = c.dim(-2);
        int n = c.dim(-1);
        int k = a.dim(op.transposeLeft() ? -2 : -1);
        if (k == 0) {
            return call.zeros();
        }
        Gemm.Side left = places.side(call.entry.inputs().get(0), op.transposeLeft());
        Gemm.Side right = places.side(call.entry.inputs().get(1), op.transposeRight());
        var product = new Gemm.Product(c.size() / (m * n), m, n, k, left, right);
        Gemm gemm = new Gemm(pool, Tiles.of(call.out.dtype, bits));
        Storage x = call.in.get(0);
        Storage y = call.in.get(1);
        var kernel = new StackedProduct(gemm, product, x, y, call.out);
        return new Contraction(op.title(), call.in, call.out, kernel, call.work(""), n, null);
    }

    private Step convolution(Call call, Shape image, int filters, int groups, Window window) {
        int[] d = image.dims();
        var g = new ConvolutionGeometry(d[0], d[1], d[2], d[3], filters, groups, window);
        if (g.windows() == 0 || g.depth() == 0) {
            return call.zeros();
        }
        Convolution c = new Convolution(pool, Tiles.of(call.out.dtype, bits), minimalFiltering);
        Storage a = call.in.get(0);
        Storage b = call.in.get(1);
        Storage out = call.out;
        Op op = call.entry.op();
        Contraction.Kernel kernel = switch (op) {
            case Op.Convolution _ -> new StackedConvolution(c, g, a, b, out);
            case Op.ConvolutionInputGradient _ ->
                (f, epilogue) -> c.inputGradient(g, f.array(a), f.operand(b), f.array(out), epilogue);
            default -> (f, _) -> c.weightGradient(g, f.array(a), f.array(b), f.array(out));
        };
        int columns = switch (op) {
            case Op.Convolution _ -> g.filters();
            case Op.ConvolutionInputGradient _ -> g.channels();
            default -> 0;
        };
        boolean minimal =
                op instanceof Op.ConvolutionWeightGradient ? c.filtersMinimallyForWeights(g) : c.filtersMinimally(g);
        return new Contraction(
                op.title(), call.in, out, kernel, call.work(minimal ? MINIMAL_FILTERING : ""), columns, null);
    }
}
