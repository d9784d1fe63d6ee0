package fathom.io.onnx.export;

import static fathom.ir.BinaryOp.ADD;
import static fathom.ir.BinaryOp.DIVIDE;
import static fathom.ir.BinaryOp.MAXIMUM;
import static fathom.ir.BinaryOp.MULTIPLY;
import static fathom.ir.BinaryOp.SUBTRACT;

import fathom.ir.Op;
import fathom.ir.ReduceOp;
import fathom.ir.UnaryOp;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;

/// Finds groups of operations for which ONNX has an operator: runtimes have fast kernels for these, and
/// people know them.
final class Fusions {
    private final int[] uses;
    private final Rules rules;

    Fusions(int[] uses, Rules rules) {
        this.uses = uses;
        this.rules = rules;
    }

    /// The group that ends in a term, if it is one.
    Optional<Fused> of(Term t) {
        if (t.op() instanceof Op.Reshape) {
            return vectorsTimesMatrix(t);
        }
        if (!(t.op() instanceof Op.Binary b) || !t.dtype().isFloating()) {
            return Optional.empty();
        }
        return switch (b.function()) {
            case ADD -> batchNorm(t).or(() -> layerNorm(t)).or(() -> bias(t));
            case MULTIPLY -> mean(t).or(() -> averagePool(t));
            case DIVIDE -> softmax(t);
            case SUBTRACT -> logSoftmax(t);
            case MAXIMUM -> relu(t);
            default -> Optional.empty();
        };
    }

    /// `x` put into rows, times a matrix, and put together again.
    Optional<Fused> vectorsTimesMatrix(Term t) {
        Term product = t.in(0);
        if (!(product.op() instanceof Op.MatMul m)
                || m.transposeLeft()
                || m.transposeRight()
                || uses[product.number()] > 1
                || !(product.in(0).op() instanceof Op.Reshape)) {
            return Optional.empty();
        }
        Term x = product.in(0).in(0);
        Term matrix = product.in(1);
        int last = x.rank() - 1;
        boolean fits = last > 0
                && t.rank() == x.rank()
                && product.rank() == 2
                && x.size(last).equals(matrix.size(0))
                && t.size(last).equals(matrix.size(1))
                && x.sizes().subList(0, last).equals(t.sizes().subList(0, last));
        return fits
                ? Optional.of(
                        new Fused(List.of(x, matrix), e -> rules.contractions().vectors(t, x, matrix)))
                : Optional.empty();
    }

    private Optional<Fused> bias(Term t) {
        Term convolution = t.in(0);
        boolean once = uses[convolution.number()] == 1;
        Optional<Term> bias = once && t.rank() == 4 ? Match.alongLast(t.in(1), 1) : Optional.empty();
        List<Term> inputs = new ArrayList<>(convolution.inputs());
        bias.ifPresent(inputs::add);
        return bias.flatMap(b -> switch (convolution.op()) {
            case Op.Convolution _ ->
                Optional.of(new Fused(inputs, e -> rules.windows().convolution(t, convolution, List.of(b))));
            case Op.ConvolutionInputGradient _ ->
                Optional.of(new Fused(inputs, e -> rules.windows().transposed(t, convolution, List.of(b))));
            default -> Optional.empty();
        });
    }

    /// `(x - mean) * (weight / sqrt(variance + epsilon)) + bias` with vectors over the channels.
    private Optional<Fused> batchNorm(Term t) {
        Term scaled = t.in(0);
        Optional<Term> bias = Match.alongLast(t.in(1), 1);
        if (t.rank() < 2 || bias.isEmpty() || !Match.binary(scaled, MULTIPLY)) {
            return Optional.empty();
        }
        Term centred = scaled.in(0);
        Optional<Term> scale = Match.alongLast(scaled.in(1), 1).filter(s -> Match.binary(s, DIVIDE));
        if (scale.isEmpty() || !Match.binary(centred, SUBTRACT)) {
            return Optional.empty();
        }
        Term weight = scale.get().in(0);
        Term root = scale.get().in(1);
        Optional<Term> mean = Match.alongLast(centred.in(1), 1);
        if (mean.isEmpty() || !Match.unary(root, UnaryOp.SQRT)) {
            return Optional.empty();
        }
        Term x = centred.in(0);
        return Match.plusConstant(root.in(0)).map(variance -> {
            List<Term> inputs = List.of(x, weight, bias.get(), mean.get(), variance.x());
            return new Fused(inputs, e -> batchNorm(e, t, inputs, variance.added()));
        });
    }

    private static Value batchNorm(Emitter e, Term t, List<Term> inputs, double epsilon) {
        int rank = t.rank();
        int[] places = IntStream.range(0, rank)
                .map(i -> i == 0 ? 0 : i == rank - 1 ? 1 : i + 1)
                .toArray();
        String x = e.arranger()
                .ordered(
                        e.value(inputs.getFirst()),
                        places,
                        IntStream.range(0, rank).toArray());
        String[] operands = {
            x, e.natural(inputs.get(1)), e.natural(inputs.get(2)), e.natural(inputs.get(3)), e.natural(inputs.get(4))
        };
        return e.made(t, e.node("BatchNormalization", Attributes.none().with("epsilon", epsilon), operands), places);
    }

    /// `(x - mean) / sqrt(variance + epsilon) * weight + bias` over the last axes.
    private Optional<Fused> layerNorm(Term t) {
        Term scaled = t.in(0);
        if (!Match.binary(scaled, MULTIPLY) || !Match.binary(scaled.in(0), DIVIDE)) {
            return Optional.empty();
        }
        Term standard = scaled.in(0);
        Term centred = standard.in(0);
        Term root = Match.repeated(standard.in(1));
        if (!Match.binary(centred, SUBTRACT) || !Match.unary(root, UnaryOp.SQRT)) {
            return Optional.empty();
        }
        Term x = centred.in(0);
        Optional<Match.Mean> mean = Match.mean(Match.repeated(centred.in(1)));
        Optional<Match.Sum> variance = Match.plusConstant(root.in(0));
        Optional<Match.Mean> squares = variance.flatMap(v -> Match.mean(v.x()));
        if (mean.isEmpty() || squares.isEmpty()) {
            return Optional.empty();
        }
        List<Integer> axes = mean.get().axes();
        int first = x.rank() - axes.size();
        boolean fits = mean.get().x() == x
                && squares.get().axes().equals(axes)
                && Match.binary(squares.get().x(), MULTIPLY)
                && squares.get().x().in(0) == centred
                && squares.get().x().in(1) == centred
                && axes.equals(IntStream.range(first, x.rank()).boxed().toList());
        Optional<Term> weight = Match.alongLast(scaled.in(1), axes.size());
        Optional<Term> bias = Match.alongLast(t.in(1), axes.size());
        if (!fits || weight.isEmpty() || bias.isEmpty()) {
            return Optional.empty();
        }
        double epsilon = variance.get().added();
        List<Term> inputs = List.of(x, weight.get(), bias.get());
        return Optional.of(new Fused(inputs, e -> {
            Attributes attributes = Attributes.none().with("axis", first).with("epsilon", epsilon);
            String[] operands = {e.natural(x), e.natural(weight.get()), e.natural(bias.get())};
            return e.made(t, e.node("LayerNormalization", attributes, operands));
        }));
    }

    private Optional<Fused> mean(Term t) {
        return Match.mean(t)
                .map(m -> new Fused(List.of(m.x()), e -> {
                    int[] axes = m.axes().stream().mapToInt(Integer::intValue).toArray();
                    Term sum = Match.withoutOnes(t.in(0));
                    return rules.reductions()
                            .reduced(sum, e.value(m.x()), "ReduceMean", axes)
                            .reshaped(t.sizes());
                }));
    }

    private Optional<Fused> averagePool(Term t) {
        Term pool = t.in(0);
        boolean fits = pool.op() instanceof Op.SumPool s
                && s.window().dilationHeight() == 1
                && s.window().dilationWidth() == 1
                && Match.isInverse(
                        t.in(1),
                        Size.fixed(
                                (long) s.window().kernelHeight() * s.window().kernelWidth(),
                                t.ops().size()));
        return fits
                ? Optional.of(new Fused(pool.inputs(), e -> rules.windows().averagePool(t, pool)))
                : Optional.empty();
    }

    /// `e / sum(e)` with `e = exp(x - max(x))`.
    private Optional<Fused> softmax(Term t) {
        Term e = t.in(0);
        Term sum = Match.repeated(t.in(1));
        boolean fits = Match.unary(e, UnaryOp.EXP) && Match.reduce(sum, ReduceOp.SUM) && sum.in(0) == e;
        return fits ? ofShares(t, e.in(0), ((Op.Reduce) sum.op()).axes(), "Softmax") : Optional.empty();
    }

    /// `d - log(sum(exp(d)))` with `d = x - max(x)`.
    private Optional<Fused> logSoftmax(Term t) {
        Term d = t.in(0);
        Term log = Match.repeated(t.in(1));
        boolean fits = Match.unary(log, UnaryOp.LOG)
                && Match.reduce(log.in(0), ReduceOp.SUM)
                && Match.unary(log.in(0).in(0), UnaryOp.EXP)
                && log.in(0).in(0).in(0) == d;
        return fits ? ofShares(t, d, ((Op.Reduce) log.in(0).op()).axes(), "LogSoftmax") : Optional.empty();
    }

    private static Optional<Fused> ofShares(Term t, Term below, List<Integer> axes, String operator) {
        if (axes.size() != 1 || !Match.binary(below, SUBTRACT)) {
            return Optional.empty();
        }
        Term x = below.in(0);
        Term stopped = Match.repeated(below.in(1));
        Term greatest = stopped.op() instanceof Op.StopGradient ? stopped.in(0) : stopped;
        int axis = axes.getFirst();
        boolean fits = Match.reduce(greatest, ReduceOp.MAX)
                && greatest.in(0) == x
                && ((Op.Reduce) greatest.op()).axes().equals(axes)
                && !x.size(axis).isOne();
        return fits
                ? Optional.of(new Fused(List.of(x), e -> {
                    Value v = e.showing(e.value(x), axis);
                    Attributes along = Attributes.none().with("axis", v.position(axis));
                    int[] places = IntStream.range(0, v.rank()).map(v::position).toArray();
                    String name = e.node(operator, along, e.stored(v));
                    return e.made(t.sizes(), t.dtype(), name, v.source().rank(), places);
                }))
                : Optional.empty();
    }

    private Optional<Fused> relu(Term t) {
        Term zero = Match.repeated(t.in(1));
        boolean fits = zero.constant().filter(v -> v == 0).isPresent();
        Term x = t.in(0);
        return fits
                ? Optional.of(new Fused(
                        List.of(x), e -> e.elementwise(t, List.of(x), names -> e.node("Relu", names.getFirst()))))
                : Optional.empty();
    }
}
