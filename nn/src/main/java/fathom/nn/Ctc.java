package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.DType;
import fathom.tensor.Recurrence;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;

/// Connectionist temporal classification: the negative log-likelihood of a sequence of labels, given
/// scores for every time, over all ways to spread the labels over time with repetitions and blanks.
/// A term for each sample, infinite (with a gradient of 0) if the labels do not fit into the time.
/// Graves et al. (2006).
///
/// The sums over paths are made in log space, along time as one [Recurrence].
///
/// @param blank the class that stands for no label
public record Ctc(int blank) implements TermLoss {
    /// ln of a probability that is none. It is finite because it is multiplied by zeros.
    private static final double NEVER = -1e30;

    public Ctc {
        Require.that(blank >= 0, "ctc: blank %s, expected 0 or more", blank);
    }

    /// The terms for logits `[N, T, C]`, all of whose times count, and labels `[N, S]`, of which
    /// those that are blank count as padding at the end.
    @Override
    public Terms terms(Tensor logits, Tensor labels) {
        checkShapes(logits, labels);
        Tensor times = Tensor.full(Shape.of(logits.dim(0)), DType.I32, logits.dim(1));
        return terms(
                logits, labels, times, labels.notEqual(blank).cast(DType.I32).sum(1));
    }

    /// The terms for samples of different lengths.
    ///
    /// @param logits `[N, T, C]`
    /// @param labels I32 or I64 `[N, S]`, from 0 to C - 1
    /// @param times how many of the T times count for each sample, I32 `[N]`
    /// @param lengths how many of the S labels count for each sample, I32 `[N]`
    /// @throws IllegalArgumentException if shapes or dtypes do not fit, or lengths are out of range
    public Terms terms(Tensor logits, Tensor labels, Tensor times, Tensor lengths) {
        checkShapes(logits, labels);
        checkLengths("time", times, logits, logits.dim(1));
        checkLengths("length", lengths, logits, labels.dim(1));
        Tensor classes = states(labels);
        Tensor last = reached(logits, classes, times);

        // A path ends at the last label or at the blank behind it.
        Tensor end = lengths.mul(2).unsqueeze(1);
        Tensor atBlank = last.takeAlong(end, 1);
        Tensor atLabel = end.equal(0)
                .select(
                        never(atBlank.shape(), last.dtype()),
                        last.takeAlong(end.sub(1).maximum(0), 1));
        Tensor likelihood = Tensor.concat(1, atBlank, atLabel).logSumExp(false, 1);
        Tensor impossible = likelihood.less(NEVER / 2);
        Tensor infinite = Tensor.full(likelihood.shape(), likelihood.dtype(), Double.POSITIVE_INFINITY);
        return Terms.of(impossible.select(infinite, likelihood.neg()));
    }

    /// What the likeliest class of each time says, for each sample: repetitions count once, then blanks are left
    /// out. This is the likeliest path ("best path decoding"), whose labels need not be the likeliest ones.
    ///
    /// @param logits `[N, T, C]`, or anything of the same order, such as probabilities
    /// @throws IllegalArgumentException if they are of another shape
    public List<List<Integer>> bestPath(Tensor logits) {
        Require.that(logits.rank() == 3, "ctc: %s, expected logits [N, T, C]", logits.type());
        int times = logits.dim(1);
        int[] path = logits.argmax(2).toInts();
        List<List<Integer>> labels = new ArrayList<>();
        for (int i = 0; i < logits.dim(0); i++) {
            int start = i * times;
            labels.add(IntStream.range(start, start + times)
                    .filter(t -> path[t] != blank && (t == start || path[t] != path[t - 1]))
                    .mapToObj(t -> path[t])
                    .toList());
        }
        return labels;
    }

    /// The class of each of the 2 * S + 1 states `[N, L]`: the labels, with blanks around each.
    private Tensor states(Tensor labels) {
        int n = labels.dim(0);
        int s = labels.dim(1);
        Tensor blanks = Tensor.full(Shape.of(n, s, 1), labels.dtype(), blank);
        return Tensor.concat(2, blanks, labels.unsqueeze(2)).reshape(n, 2 * s).pad(1, 0, 1, blank);
    }

    /// ln of the probability that a path is in each state `[N, L]` at the last time that counts.
    private Tensor reached(Tensor logits, Tensor classes, Tensor times) {
        int n = logits.dim(0);
        int t = logits.dim(1);
        int l = classes.dim(1);
        DType dtype = logits.dtype();
        Shape all = Shape.of(t, n, l);
        Tensor emitted = logits.logSoftmax(-1)
                .takeAlong(classes.unsqueeze(1).broadcastTo(Shape.of(n, t, l)), 2)
                .transpose(0, 1);
        Tensor place = Tensor.arange(l);
        Tensor still = Tensor.arange(t).unsqueeze(1).less(times).cast(dtype).unsqueeze(2);

        // A path stays in its state, comes from the one before, or from the label before that if
        // the two labels differ. What comes from nowhere is barred.
        Tensor before = classes.pad(1, 2, 0, blank).slice(1, 0, l);
        Tensor skips = classes.notEqual(before).and(classes.notEqual(blank)).and(place.greaterEqual(2));
        Tensor barStep = bar(place.greaterEqual(1), dtype);
        Tensor barSkip = bar(skips, dtype);

        // The products of a state and these weights are the state moved by one place and by two.
        Tensor from = place.unsqueeze(1);
        Tensor moves = Tensor.concat(1, from.add(1).equal(place), from.add(2).equal(place))
                .cast(dtype);

        // Before the first time every path is at the blank in front, of which only the step to the
        // first label and the blank itself are left.
        Tensor initial = bar(place.equal(0), dtype).broadcastTo(Shape.of(n, l));
        Recurrence.Cell cell = (x, moved, state) -> {
            Tensor stay = state.getFirst();
            Tensor step = moved.get(0).add(x.get(1));
            Tensor skip = moved.get(1).add(x.get(2));
            Tensor next = logAddExp(logAddExp(stay, step), skip).add(x.get(0));
            return List.of(x.get(3).greater(0).select(next, stay));
        };
        List<Tensor> sequences =
                List.of(emitted, barStep.broadcastTo(all), barSkip.broadcastTo(all), still.broadcastTo(all));
        return Recurrence.of(cell, l, sequences, moves, initial, false).last(0);
    }

    private static Tensor logAddExp(Tensor a, Tensor b) {
        // The smaller is subtracted by way of the difference's sign: as a choice and not by abs() or
        // maximum(), whose derivatives at equal arguments would not add up to 1.
        Tensor first = a.greaterEqual(b);
        return first.select(a, b).add(first.select(b.sub(a), a.sub(b)).exp().log1p());
    }

    /// 0 where something may happen, [#NEVER] elsewhere.
    private static Tensor bar(Tensor may, DType dtype) {
        return may.select(Tensor.full(may.shape(), dtype, 0), never(may.shape(), dtype));
    }

    private static Tensor never(Shape shape, DType dtype) {
        return Tensor.full(shape, dtype, NEVER);
    }

    private void checkShapes(Tensor logits, Tensor labels) {
        boolean fits = logits.rank() == 3
                && logits.size() > 0
                && logits.dtype().isFloating()
                && labels.rank() == 2
                && labels.dim(0) == logits.dim(0);
        String message = "ctc: logits %s and labels %s, expected logits [N, T, C] and I32 or I64 labels [N, S]";
        Require.that(fits, message, logits.type(), labels.type());
        int classes = logits.dim(2);
        Require.that(blank < classes, "ctc: blank %s for logits %s, expected less than C", blank, logits.type());
        Check.indices("ctc", "label", labels, classes);
    }

    private static void checkLengths(String what, Tensor lengths, Tensor logits, int most) {
        boolean fits = lengths.rank() == 1 && lengths.dim(0) == logits.dim(0) && lengths.dtype() == DType.I32;
        Require.that(fits, "ctc: %ss %s for logits %s, expected I32 [N]", what, lengths.type(), logits.type());
        if (lengths.node().isEvaluated()) {
            Require.indices("ctc: " + what, lengths.node().value(), most + 1);
        }
    }
}
