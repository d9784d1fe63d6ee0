package fathom.io.onnx.export;

import fathom.ir.Op;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;

/// The recordings of a model at several sizes, put on top of each other.
///
/// @param all the operations, operands before users
/// @param outputs by name
record Terms(List<Term> all, Map<String, Term> outputs) {
    /// @throws IllegalArgumentException if the model does other things at other sizes
    static Terms of(List<Recording> recordings, Probes probes) {
        Recording first = recordings.getFirst();
        List<Term> all = new ArrayList<>();
        for (int i = 0; i < first.steps().size(); i++) {
            int place = i;
            for (int p = 1; p < recordings.size(); p++) {
                boolean alike = i < recordings.get(p).steps().size()
                        && alike(first.steps().get(i), recordings.get(p).steps().get(i));
                if (!alike) {
                    throw different(first, recordings.get(p), i, probes, p);
                }
            }
            List<Recording.Step> same =
                    recordings.stream().map(r -> r.steps().get(place)).toList();
            all.add(term(i, same, all));
        }
        for (int p = 1; p < recordings.size(); p++) {
            Recording other = recordings.get(p);
            if (other.steps().size() != first.steps().size() || !other.outputs().equals(first.outputs())) {
                throw different(
                        first,
                        other,
                        Math.min(first.steps().size(), other.steps().size()) - 1,
                        probes,
                        p);
            }
        }
        Map<String, Term> outputs = new LinkedHashMap<>();
        first.outputs().forEach((name, i) -> outputs.put(name, all.get(i)));
        return new Terms(List.copyOf(all), outputs);
    }

    private static Term term(int number, List<Recording.Step> steps, List<Term> before) {
        Recording.Step s = steps.getFirst();
        List<Size> sizes = IntStream.range(0, s.shape().rank())
                .mapToObj(
                        axis -> Size.of(steps.stream().mapToLong(o -> o.shape().dim(axis))))
                .toList();
        List<Tensor> values = steps.stream()
                .map(Recording.Step::value)
                .filter(Objects::nonNull)
                .map(v -> (Tensor) v)
                .toList();
        return new Term(
                number,
                steps.stream().map(Recording.Step::op).toList(),
                s.inputs().stream().map(before::get).toList(),
                sizes,
                s.dtype(),
                s.input(),
                values,
                Optional.ofNullable(s.node()),
                s.path());
    }

    private static boolean alike(Recording.Step a, Recording.Step b) {
        return a.op().getClass() == b.op().getClass()
                && a.inputs().equals(b.inputs())
                && a.dtype() == b.dtype()
                && a.input() == b.input()
                && a.shape().rank() == b.shape().rank()
                && (a.value() == null) == (b.value() == null)
                && sameKind(a.op(), b.op());
    }

    /// Whether two operations of one class differ in sizes at most.
    private static boolean sameKind(Op a, Op b) {
        return switch (a) {
            case Op.Data _, Op.Full _, Op.RandomBits _, Op.Reshape _, Op.Broadcast _, Op.Recurrence _ -> true;
            case Op.Iota i -> b instanceof Op.Iota j && i.axis() == j.axis();
            case Op.Slice _, Op.Pad _ -> true;
            case Op.ScatterAdd s -> b instanceof Op.ScatterAdd t && s.axis() == t.axis() && s.batch() == t.batch();
            case Op.ConvolutionInputGradient c ->
                b instanceof Op.ConvolutionInputGradient d && c.window().equals(d.window()) && c.groups() == d.groups();
            case Op.SumPoolScatter s ->
                b instanceof Op.SumPoolScatter t && s.window().equals(t.window());
            case Op.Unary _,
                    Op.Binary _,
                    Op.Select _,
                    Op.Cast _,
                    Op.BitCast _,
                    Op.StopGradient _,
                    Op.After _,
                    Op.Checkpoint _,
                    Op.Reduce _,
                    Op.ArgReduce _,
                    Op.CumulativeSum _,
                    Op.ArgSort _,
                    Op.Permute _,
                    Op.Concat _,
                    Op.Gather _,
                    Op.MatMul _,
                    Op.Convolution _,
                    Op.ConvolutionWeightGradient _,
                    Op.MaxPool _,
                    Op.MaxPoolScatter _,
                    Op.MaxPoolGather _,
                    Op.SumPool _ -> a.equals(b);
        };
    }

    private static IllegalArgumentException different(
            Recording first, Recording other, int step, Probes probes, int probe) {
        return new IllegalArgumentException(
                ("the model does other things at other sizes: with %s step %s is %s, with %s it is %s. An axis on whose"
                                + " size this depends has to be fixed")
                        .formatted(
                                probes.describe(0),
                                step,
                                describe(first, step),
                                probes.describe(probe),
                                describe(other, step)));
    }

    private static String describe(Recording recording, int step) {
        if (step < 0 || step >= recording.steps().size()) {
            return "missing";
        }
        Recording.Step s = recording.steps().get(step);
        return s.op().title() + " " + s.dtype() + s.shape() + (s.path().isEmpty() ? "" : " in " + s.path());
    }

    /// How often each is used, as an output too.
    int[] uses() {
        int[] uses = new int[all.size()];
        all.forEach(t -> t.inputs().forEach(i -> uses[i.number()]++));
        outputs.values().forEach(t -> uses[t.number()]++);
        return uses;
    }
}
