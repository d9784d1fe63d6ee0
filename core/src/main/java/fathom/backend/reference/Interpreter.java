package fathom.backend.reference;

import fathom.compile.KernelInfo;
import fathom.compile.KernelInfo.Place;
import fathom.compile.Memory;
import fathom.compile.Profile;
import fathom.compile.Program;
import fathom.ir.Buffer;
import fathom.ir.Flops;
import fathom.ir.Graph;
import fathom.ir.Op;
import fathom.ir.Philox;
import fathom.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// Runs a graph entry by entry.
///
/// @param graph what is run
record Interpreter(Graph graph) implements Program {

    @Override
    public List<Buffer> run(List<Buffer> leaves, double[] scalars, List<@Nullable Buffer> targets) {
        Profile.Recorder recorder = Profile.recorder(this, leaves, targets);
        Array[] values = new Array[graph.entries().size()];
        for (int i = 0; i < values.length; i++) {
            Graph.Entry entry = graph.entries().get(i);
            if (entry.isLeaf()) {
                values[i] = new Array(leaves.get(entry.argument()), entry.shape());
            } else {
                values[i] = Array.allocate(entry.dtype(), entry.shape());
                Array[] in =
                        entry.inputs().stream().map(number -> values[number]).toArray(Array[]::new);
                double scalar = entry.isScalarArgument() ? scalars[entry.argument()] : Double.NaN;
                compute(entry, values[i], in, scalar);
                if (recorder != null) {
                    recorder.done();
                }
            }
        }
        List<Buffer> results = new ArrayList<>();
        for (int r = 0; r < targets.size(); r++) {
            // Always a copy: no result shares its elements with a leaf or with another result.
            Buffer from = values[graph.roots().get(r)].buffer();
            Buffer target = targets.get(r);
            Buffer to = target != null ? target : Buffer.allocate(from.dtype(), from.size());
            System.arraycopy(from.array(), 0, to.array(), 0, from.size());
            results.add(to);
        }
        return results;
    }

    private static void compute(Graph.Entry entry, Array out, Array[] in, double scalar) {
        switch (entry.op()) {
            case Op.Data d -> throw new IllegalStateException("a leaf has its elements already");
            case Op.Full f -> out.fill(entry.isScalarArgument() ? scalar : f.value());
            case Op.Iota i -> iota(i, out);
            case Op.RandomBits r -> randomBits(out, in[0]);
            case Op.Unary u -> Elementwise.unary(u.function(), out, in[0]);
            case Op.Binary b -> Elementwise.binary(b.function(), out, in[0], in[1]);
            case Op.Select s -> Elementwise.select(out, in[0], in[1], in[2]);
            case Op.Cast c -> Elementwise.cast(out, in[0]);
            case Op.BitCast b -> Elementwise.bitCast(out, in[0]);
            case Op.StopGradient s -> Movement.copy(out, in[0]);
            case Op.After a -> Movement.copy(out, in[0]);
            case Op.Checkpoint c -> throw new IllegalStateException("expanded when the graph was made");
            case Op.Reduce r -> Reductions.reduce(r, out, in[0]);
            case Op.ArgReduce a -> Reductions.argReduce(a, out, in[0]);
            case Op.CumulativeSum c -> Reductions.cumulativeSum(c, out, in[0]);
            case Op.ArgSort a -> Reductions.argSort(a, out, in[0]);
            case Op.Reshape r -> Movement.copy(out, in[0]);
            case Op.Permute p -> Movement.permute(p, out, in[0]);
            case Op.Broadcast b -> Movement.broadcast(out, in[0]);
            case Op.Slice s -> Movement.slice(s, out, in[0]);
            case Op.Pad p -> Movement.pad(p, out, in[0]);
            case Op.Concat c -> Movement.concat(c, out, in);
            case Op.Gather g -> Indexing.gather(g, out, in[0], in[1]);
            case Op.ScatterAdd s -> Indexing.scatterAdd(s, out, in[0], in[1]);
            case Op.MatMul m -> Contractions.matMul(m, out, in[0], in[1]);
            case Op.Convolution c -> Contractions.convolution(c.window(), c.groups(), in[0], in[1], out);
            case Op.ConvolutionInputGradient c -> Contractions.inputGradient(c.window(), c.groups(), out, in[1], in[0]);
            case Op.ConvolutionWeightGradient c ->
                Contractions.weightGradient(c.window(), c.groups(), in[0], out, in[1]);
            case Op.Recurrence r -> Recurrences.run(r, out, in);
            case Op.MaxPool p -> Pooling.maxPool(p.window(), in[0], out);
            case Op.MaxPoolScatter p -> Pooling.maxPoolScatter(p.window(), in[0], in[1], out);
            case Op.MaxPoolGather p -> Pooling.maxPoolGather(p.window(), in[0], in[1], out);
            case Op.SumPool p -> Pooling.sumPool(p.window(), in[0], out);
            case Op.SumPoolScatter p -> Pooling.sumPoolScatter(p.window(), in[0], out);
        }
    }

    private static void iota(Op.Iota iota, Array out) {
        Shape shape = out.shape();
        for (int i = 0; i < out.size(); i++) {
            out.set(i, Movement.coordinates(i, shape)[iota.axis()]);
        }
    }

    private static void randomBits(Array out, Array stream) {
        long key = stream.getLong(0);
        long offset = stream.getLong(1);
        for (int i = 0; i < out.size(); i++) {
            out.setLong(i, Philox.word(key, offset + i / 4, i % 4));
        }
    }

    /// One for each operation.
    @Override
    public List<KernelInfo> kernels() {
        List<KernelInfo> kernels = new ArrayList<>();
        for (int i = 0; i < graph.entries().size(); i++) {
            Graph.Entry e = graph.entries().get(i);
            if (e.isLeaf()) {
                continue;
            }
            List<Graph.Entry> in = e.inputs().stream().map(graph.entries()::get).toList();
            List<Shape> shapes = in.stream().map(Graph.Entry::shape).toList();
            List<Place> reads = e.inputs().stream().distinct().map(this::place).toList();
            Place written = place(i);
            kernels.add(new KernelInfo(
                    kernels.size(),
                    e.op().title(),
                    shapes + " -> " + e.dtype() + e.shape(),
                    reads,
                    List.of(written),
                    Flops.of(e.op(), shapes, e.shape()),
                    reads.stream().mapToLong(Place::bytes).sum() + written.bytes(),
                    "",
                    List.of(i)));
        }
        return kernels;
    }

    private Place place(int entry) {
        Graph.Entry e = graph.entries().get(entry);
        return e.isLeaf()
                ? new Place(entry, KernelInfo.Kind.ARGUMENT, e.argument(), e.dtype(), e.shape())
                : new Place(entry, KernelInfo.Kind.TEMPORARY, entry, e.dtype(), e.shape());
    }

    @Override
    public Memory memory() {
        long arguments = 0;
        long temporaries = 0;
        for (int i = 0; i < graph.entries().size(); i++) {
            long bytes = place(i).bytes();
            if (graph.entries().get(i).isLeaf()) {
                arguments += bytes;
            } else {
                temporaries += bytes;
            }
        }
        long results = graph.roots().stream().mapToLong(r -> place(r).bytes()).sum();
        return new Memory(arguments, results, temporaries);
    }
}
