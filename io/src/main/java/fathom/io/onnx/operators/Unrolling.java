package fathom.io.onnx.operators;

import fathom.io.onnx.run.Call;
import fathom.io.onnx.run.Value;
import fathom.ir.Require;
import fathom.tensor.Recurrence;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// What the recurrent operators of ONNX have in common: inputs by time, directions, lengths, states.
///
/// @param call the node
/// @param gates blocks of rows in its weights
/// @param x the inputs, `[T, N, in]`
/// @param hidden the width of the state
/// @param directions 1 or 2
/// @param reverse whether the only direction runs backwards
/// @param going `[T, N, H]`, 1 where a sequence has not ended, or null if all are of the full length
/// @param clip a bound of what activations are given
record Unrolling(
        Call call,
        int gates,
        Tensor x,
        int hidden,
        int directions,
        boolean reverse,
        @Nullable Tensor going,
        double clip) {
    private static final int WEIGHTS = 1;
    private static final int RECURRENT = 2;
    private static final int BIAS = 3;
    private static final int LENGTHS = 4;
    private static final int INITIAL = 5;

    static Unrolling of(Call c, int gates) {
        Tensor given = c.tensor(0);
        Tensor recurrent = c.tensor(RECURRENT);
        boolean axes =
                given.rank() == 3 && recurrent.rank() == 3 && c.shape(WEIGHTS).rank() == 3;
        Require.that(axes, "inputs %s and weights %s", given.type(), recurrent.type());
        int hidden = c.integer("hidden_size", recurrent.dim(2));
        String direction = c.text("direction", "forward");
        boolean reverse = direction.equals("reverse");
        boolean both = direction.equals("bidirectional");
        Require.that(
                both || reverse || direction.equals("forward"),
                "direction '%s', expected forward, reverse or bidirectional",
                direction);
        int directions = both ? 2 : 1;
        Shape expected = Shape.of(directions, gates * hidden, hidden);
        boolean fits = recurrent.shape().equals(expected);
        Require.that(fits, "recurrent weights %s, expected %s", recurrent.shape(), expected);
        Tensor x = c.flag("layout", false) ? given.transpose(0, 1) : given;
        Tensor going = c.has(LENGTHS) ? going(c, x, hidden) : null;
        double clip = c.number("clip", Double.POSITIVE_INFINITY);
        return new Unrolling(c, gates, x, hidden, directions, reverse, going, clip);
    }

    private static @Nullable Tensor going(Call c, Tensor x, int hidden) {
        int steps = x.dim(0);
        int samples = x.dim(1);
        if (c.isKnown(LENGTHS) && IntStream.of(c.ints(LENGTHS)).allMatch(n -> n == steps)) {
            return null;
        }
        Tensor time = Tensor.arange(steps).reshape(steps, 1);
        Tensor mask = time.less(c.tensor(LENGTHS).reshape(1, samples)).cast(x.dtype());
        return mask.unsqueeze(2).broadcastTo(Shape.of(steps, samples, hidden));
    }

    private boolean backwards(int direction) {
        return reverse || direction == 1;
    }

    /// The inputs times their weights, `[T, N, gates * H]`, with the biases of the inputs and, if wanted,
    /// those of the state.
    List<Tensor> inputs(int direction, boolean bothBiases) {
        Tensor products = x.matmul(call.tensor(WEIGHTS).at(0, direction).transpose());
        if (!call.has(BIAS)) {
            return List.of(products);
        }
        Tensor bias = call.tensor(BIAS).at(0, direction).slice(0, 0, gates * hidden);
        return List.of(products.add(bothBiases ? bias.add(recurrentBias(direction)) : bias));
    }

    /// The biases of the state, `[gates * H]`.
    Tensor recurrentBias(int direction) {
        return call.has(BIAS)
                ? call.tensor(BIAS).at(0, direction).slice(0, gates * hidden, 2 * gates * hidden)
                : Tensor.full(Shape.of(gates * hidden), x.dtype(), 0);
    }

    /// A vector that is the same at all times and for all samples, as a sequence.
    Tensor constant(Tensor vector) {
        return vector.broadcastTo(Shape.of(x.dim(0), x.dim(1), vector.size()));
    }

    Tensor clipped(Tensor x) {
        return clip == Double.POSITIVE_INFINITY ? x : x.clamp(-clip, clip);
    }

    /// What a direction gives.
    ///
    /// @param all the hidden state after each step, `[T, N, H]`
    /// @param last the blocks of the state after the last step, `[N, H]`
    record Direction(Tensor all, List<Tensor> last) {}

    /// Applies a cell in a direction.
    ///
    /// @param sequences what it is given for each time
    /// @param states blocks of its state, of which the first is fed back
    Direction run(int direction, List<Tensor> sequences, int states, Recurrence.Cell cell) {
        List<Tensor> inputs = new ArrayList<>(sequences);
        Recurrence.Cell step = cell;
        if (going != null) {
            inputs.add(going);
            step = (in, p, s) -> {
                List<Tensor> next = cell.step(in, p, s);
                Tensor on = in.getLast().greater(0);
                return IntStream.range(0, states)
                        .mapToObj(i -> on.select(next.get(i), s.get(i)))
                        .toList();
            };
        }
        Tensor initial = Tensor.concat(
                1,
                IntStream.range(0, states).mapToObj(i -> initial(direction, i)).toList());
        Recurrence r = Recurrence.of(step, hidden, inputs, recurrent(direction), initial, backwards(direction));
        List<Tensor> last = IntStream.range(0, states).mapToObj(r::last).toList();
        return new Direction(ended(r.sequence(0)), last);
    }

    private Tensor recurrent(int direction) {
        return call.tensor(RECURRENT).at(0, direction).transpose();
    }

    private Tensor initial(int direction, int state) {
        int input = INITIAL + state;
        return call.has(input)
                ? call.tensor(input).at(call.flag("layout", false) ? 1 : 0, direction)
                : Tensor.full(Shape.of(x.dim(1), hidden), x.dtype(), 0);
    }

    /// Zeros after the end of each sequence.
    private Tensor ended(Tensor all) {
        return going == null ? all : all.mul(going);
    }

    /// The gated recurrent unit in its first form, where the reset gate works on what is fed back: the
    /// candidate needs a product with a state that only this step makes. So a step is taken as two. The
    /// first gives the gates and has the reset state fed back, the second gives the candidate.
    Direction runTwice(int direction, List<Tensor> sequences, Activation f, Activation g) {
        boolean back = backwards(direction);
        int steps = x.dim(0);
        List<Tensor> inputs = new ArrayList<>();
        sequences.forEach(s -> inputs.add(twice(s)));
        double[] phases = new double[2 * steps];
        for (int i = back ? 0 : 1; i < phases.length; i += 2) {
            phases[i] = 1;
        }
        Shape all = Shape.of(2 * steps, x.dim(1), hidden);
        inputs.add(Tensor.of(phases, 2 * steps, 1, 1).cast(x.dtype()).broadcastTo(all));
        if (going != null) {
            inputs.add(twice(going));
        }
        Tensor start = initial(direction, 0);
        Tensor none = Tensor.full(start.shape(), start.dtype(), 0);
        Recurrence.Cell cell = (in, p, s) -> {
            Tensor update = f.apply(clipped(in.get(0).add(p.get(0))));
            Tensor reset = f.apply(clipped(in.get(1).add(p.get(1))));
            Tensor candidate = g.apply(clipped(in.get(2).add(p.get(2))));
            Tensor old = s.get(2);
            Tensor next = s.get(1).rsub(1).mul(candidate).add(s.get(1).mul(old));
            Tensor kept = going == null ? next : in.get(4).greater(0).select(next, old);
            Tensor second = in.get(3).greater(0);
            return List.of(second.select(kept, reset.mul(s.get(0))), update, second.select(kept, s.get(0)));
        };
        Tensor initial = Tensor.concat(1, start, none, start);
        Recurrence r = Recurrence.of(cell, hidden, inputs, recurrent(direction), initial, back);
        Tensor states = r.sequence(0).slice(0, back ? 0 : 1, 2 * steps, 2);
        return new Direction(ended(states), List.of(r.last(0)));
    }

    /// Each time twice, one after the other.
    private static Tensor twice(Tensor s) {
        Shape pairs = Shape.of(s.dim(0), 2, s.dim(1), s.dim(2));
        return s.unsqueeze(1).broadcastTo(pairs).reshape(2 * s.dim(0), s.dim(1), s.dim(2));
    }

    /// The results of the operator: all states, and the last ones.
    List<Value> results(int states, IntFunction<Direction> run) {
        boolean samplesFirst = call.flag("layout", false);
        List<Direction> all = IntStream.range(0, directions).mapToObj(run).toList();
        List<Value> results = new ArrayList<>();
        Tensor y = Tensor.stack(1, all.stream().map(Direction::all).toList());
        results.add(call.computed(samplesFirst ? y.permute(2, 0, 1, 3) : y));
        for (int i = 0; i < states; i++) {
            int state = i;
            List<Tensor> last = all.stream().map(d -> d.last().get(state)).toList();
            results.add(call.computed(Tensor.stack(samplesFirst ? 1 : 0, last)));
        }
        return results;
    }
}
