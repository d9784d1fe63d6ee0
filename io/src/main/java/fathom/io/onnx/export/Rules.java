package fathom.io.onnx.export;

import fathom.ir.Op;
import fathom.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/// What becomes of each operation.
final class Rules {
    private final Emitter e;
    private final ElementwiseNodes elementwise;
    private final MovementNodes movement;
    private final ReductionNodes reductions;
    private final IndexingNodes indexing;
    private final ContractionNodes contractions;
    private final WindowNodes windows;
    private final RecurrenceNodes recurrences;

    Rules(Emitter e) {
        this.e = e;
        this.elementwise = new ElementwiseNodes(e.builder());
        this.movement = new MovementNodes(e);
        this.reductions = new ReductionNodes(e);
        this.indexing = new IndexingNodes(e, movement);
        this.contractions = new ContractionNodes(e);
        this.windows = new WindowNodes(e, indexing, movement);
        this.recurrences = new RecurrenceNodes(e);
    }

    ReductionNodes reductions() {
        return reductions;
    }

    ContractionNodes contractions() {
        return contractions;
    }

    WindowNodes windows() {
        return windows;
    }

    RecurrenceNodes recurrences() {
        return recurrences;
    }

    /// Why there is no form for an operation in ONNX, if that is so.
    static Optional<String> refusal(Term t) {
        return switch (t.op()) {
            case Op.RandomBits _ -> Optional.of("random numbers, which ONNX has no generator of the same numbers for");
            case Op.BitCast _ ->
                Optional.of("bits as another type, which operator sets before 26 have no operator for");
            case Op.ConvolutionWeightGradient g
            when g.groups() > 1 -> Optional.of("the gradient of the weights of a convolution in groups");
            default -> Optional.empty();
        };
    }

    /// @throws Refusal if there is no form for it
    Value apply(Term t) {
        return switch (t.op()) {
            case Op.Data _ -> throw new IllegalStateException("leaves have their values before");
            case Op.RandomBits _, Op.BitCast _ -> throw new Refusal(refusal(t).orElseThrow());
            case Op.Full f -> full(t, f);
            case Op.Iota i -> iota(t, i.axis());
            case Op.Unary u ->
                e.elementwise(t, t.inputs(), x -> elementwise.unary(u.function(), t.dtype(), x.getFirst()));
            case Op.Binary b -> {
                boolean divides =
                        Match.repeated(t.in(1)).constant().filter(v -> v != 0).isPresent();
                yield e.elementwise(
                        t,
                        t.inputs(),
                        x -> elementwise.binary(b.function(), t.in(0).dtype(), x.get(0), x.get(1), divides));
            }
            case Op.Select _ -> e.elementwise(t, t.inputs(), x -> e.node("Where", x.toArray(String[]::new)));
            case Op.Cast c -> e.elementwise(t, t.inputs(), x -> e.node("Cast", Casts.to(c.to()), x.getFirst()));
            case Op.StopGradient _, Op.After _ -> e.value(t.in(0));
            case Op.Checkpoint _ -> throw new IllegalStateException("expanded when the model was recorded");
            case Op.Reduce _ -> reductions.reduce(t);
            case Op.ArgReduce _ -> reductions.argReduce(t);
            case Op.CumulativeSum _ -> reductions.cumulativeSum(t);
            case Op.ArgSort _ -> reductions.argSort(t);
            case Op.Reshape _ -> movement.reshape(t);
            case Op.Permute p -> e.value(t.in(0)).permuted(p.order());
            case Op.Broadcast _ -> e.value(t.in(0)).broadcast(t.sizes());
            case Op.Slice _ -> movement.slice(t);
            case Op.Pad _ -> movement.pad(t);
            case Op.Concat _ -> movement.concat(t);
            case Op.Gather _ -> indexing.gather(t);
            case Op.ScatterAdd _ -> indexing.scatterAdd(t);
            case Op.MatMul _ -> contractions.matMul(t);
            case Op.Convolution _ -> windows.convolution(t, t, List.of());
            case Op.ConvolutionInputGradient _ -> windows.transposed(t, t, List.of());
            case Op.ConvolutionWeightGradient _ -> windows.weightGradient(t);
            case Op.Recurrence _ -> recurrences.scan(t);
            case Op.MaxPool _ -> windows.maxPool(t);
            case Op.MaxPoolScatter _ -> windows.maxPoolScatter(t);
            case Op.MaxPoolGather _ -> windows.maxPoolGather(t);
            case Op.SumPool _ -> windows.sumPool(t);
            case Op.SumPoolScatter _ -> windows.sumPoolScatter(t);
        };
    }

    private Value full(Term t, Op.Full f) {
        double[] values =
                t.ops().stream().mapToDouble(o -> ((Op.Full) o).value()).toArray();
        boolean fixed = t.constant().isPresent();
        String name =
                fixed ? e.builder().scalar(t.dtype(), f.value()) : e.sizes().number(values, t.dtype());
        return e.made(t.sizes(), t.dtype(), name, 0, none(t));
    }

    private static int[] none(Term t) {
        int[] places = new int[t.rank()];
        Arrays.fill(places, -1);
        return places;
    }

    private Value iota(Term t, int axis) {
        Size count = t.size(axis);
        if (count.isOne()) {
            return e.made(t.sizes(), t.dtype(), e.builder().scalar(t.dtype(), 0), 0, none(t));
        }
        int[] places = none(t);
        places[axis] = 0;
        if (count.isFixed()) {
            Tensor numbers = Tensor.arange((int) count.at(0)).cast(t.dtype());
            return new Value(
                    Source.of("range", numbers.evaluate()),
                    Arrays.stream(places).boxed().toList(),
                    t.sizes(),
                    t.dtype());
        }
        return e.made(t.sizes(), t.dtype(), e.range(count, t.dtype()), 1, places);
    }
}
