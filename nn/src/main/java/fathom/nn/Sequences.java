package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.List;
import java.util.Optional;

/// Sequences for a [Recurrent] layer, and what may be known about them:
///
/// ```java
/// var result = lstm.run(Sequences.of(x).lengths(lengths).from(state));
/// ```
///
/// @param steps `[N, T, in]`
/// @param lengths I32 or I64 `[N]`, how many steps each sequence has, if not all T
/// @param initial the state to begin with, if it is not zeros
/// @param reversed whether time runs from the sequences' ends to their beginning
public record Sequences(Tensor steps, Optional<Tensor> lengths, Optional<List<Tensor>> initial, boolean reversed) {
    public Sequences {
        Require.that(steps.rank() == 3, "input %s, expected sequences [N, T, in]", steps.type());
        lengths.ifPresent(l -> check(l, steps.dim(0), steps.dim(1)));
        initial = initial.map(List::copyOf);
    }

    /// Sequences of the same length.
    ///
    /// @throws IllegalArgumentException if they are not of three axes
    public static Sequences of(Tensor steps) {
        return new Sequences(steps, Optional.empty(), Optional.empty(), false);
    }

    /// These, each of a length of its own: what comes after its end changes no state, and the outputs
    /// there are zeros.
    ///
    /// @param each I32 or I64 `[N]`
    /// @throws IllegalArgumentException if one is not from 0 to T
    public Sequences lengths(Tensor each) {
        return new Sequences(steps, Optional.of(each), initial, reversed);
    }

    /// These, from a state that a layer of the same kind has given.
    public Sequences from(List<Tensor> state) {
        return new Sequences(steps, lengths, Optional.of(state), reversed);
    }

    /// These in the other direction of time; the steps stay where they are.
    public Sequences reverse() {
        return new Sequences(steps, lengths, initial, !reversed);
    }

    /// The same for other steps.
    Sequences steps(Tensor others) {
        return new Sequences(others, lengths, initial, reversed);
    }

    /// These with a part of the initial state.
    Sequences from(int start, int end) {
        return new Sequences(steps, lengths, initial.map(all -> all.subList(start, end)), reversed);
    }

    /// What was computed for each step, `[N, T, units]`, with zeros after the sequences' ends.
    Tensor withoutEnds(Tensor y) {
        return lengths.isEmpty()
                ? y
                : within(lengths.get(), y.dim(1)).unsqueeze(2).select(y, Tensor.full(Shape.SCALAR, y.dtype(), 0));
    }

    /// The last step of each sequence, `[N, in]`; the first one where there is none.
    public Tensor last() {
        return lengths.isEmpty() ? steps.at(1, -1) : last(lengths.get());
    }

    private Tensor last(Tensor each) {
        int n = steps.dim(0);
        int time = steps.dim(1);
        Tensor ends = each.cast(DType.I32).sub(1).maximum(0);
        Tensor rows = Tensor.arange(n).mul(time).add(ends);
        return steps.reshape(n * time, steps.dim(2)).take(rows, 0);
    }

    /// BOOL `[N, T]`, which steps are there: a mask for [Terms#weighted] or a mean over time.
    ///
    /// @param lengths I32 or I64 `[N]`
    /// @param time T
    /// @throws IllegalArgumentException if they are not, or one is not from 0 to `time`
    public static Tensor within(Tensor lengths, int time) {
        check(lengths, lengths.rank() == 1 ? lengths.dim(0) : -1, time);
        return Tensor.arange(time).unsqueeze(0).less(lengths.cast(DType.I32).unsqueeze(1));
    }

    private static void check(Tensor lengths, int samples, int time) {
        Check.indices("lengths", "length", lengths, time + 1);
        boolean fits = lengths.rank() == 1 && lengths.dim(0) == samples;
        Require.that(fits, "lengths: %s, expected [%s]", lengths.type(), samples < 0 ? "N" : samples);
    }
}
