package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.RandomStream;
import fathom.tensor.Recurrence;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/// One recurrent layer in one direction: a cell that is applied along time.
///
/// Where a sequence has ended the cell leaves the state as it was, so going backwards starts at each
/// sequence's own end.
public sealed interface RecurrentCell extends Recurrent permits Rnn, Lstm, Gru {
    /// `[in, gates * units]`.
    Parameter inputWeight();

    /// `[units, gates * units]`.
    Parameter recurrentWeight();

    /// `[gates * units]`.
    Parameter bias();

    /// Vectors `[units]` that a step is given after the gates.
    default List<Parameter> constants() {
        return List.of();
    }

    /// One step, elementwise in blocks `[N, units]`.
    ///
    /// @param x the inputs' products for each gate, with the bias, then the constants
    /// @param p the state's products for each gate
    /// @param state the old state, first what is given as output
    /// @return the new state
    List<Tensor> step(List<Tensor> x, List<Tensor> p, List<Tensor> state);

    @Override
    default Result compute(Sequences sequences) {
        Tensor x = sequences.steps();
        int in = inputWeight().shape().dim(0);
        Require.that(x.dim(2) == in, "input %s, expected sequences [N, T, %s]", x.type(), in);
        int samples = x.dim(0);
        int units = recurrentWeight().shape().dim(0);
        Shape each = Shape.of(x.dim(1), samples, units);
        // One product for all times, in the order in which the cell goes through them.
        Tensor projected = x.permute(1, 0, 2).matmul(inputWeight().value()).add(bias().value());
        List<Tensor> operands = new ArrayList<>(List.of(projected));
        constants().forEach(c -> operands.add(c.value().broadcastTo(each)));
        Recurrence.Cell cell = this::step;
        if (sequences.lengths().isPresent()) {
            Tensor within = Sequences.within(sequences.lengths().get(), x.dim(1));
            operands.add(within.cast(x.dtype()).transpose().unsqueeze(2).broadcastTo(each));
            cell = this::stepWithin;
        }
        Tensor initial = initial(sequences, samples, units);
        Recurrence run = Recurrence.of(cell, units, operands, recurrentWeight().value(), initial, sequences.reversed());
        Tensor outputs = run.sequence(0).permute(1, 0, 2);
        return new Result(
                sequences.withoutEnds(outputs),
                IntStream.range(0, states()).mapToObj(run::last).toList());
    }

    private Tensor initial(Sequences sequences, int samples, int units) {
        if (sequences.initial().isEmpty()) {
            Shape all = Shape.of(samples, states() * units);
            return Tensor.full(all, sequences.steps().dtype(), 0);
        }
        List<Tensor> state = sequences.initial().get();
        Shape expected = Shape.of(samples, units);
        for (Tensor s : state) {
            Require.that(s.shape().equals(expected), "an initial state %s, expected %s", s.type(), expected);
        }
        return Tensor.concat(1, state);
    }

    /// A step whose last input is above 0 where the sequence has not ended.
    private List<Tensor> stepWithin(List<Tensor> x, List<Tensor> p, List<Tensor> state) {
        Tensor goesOn = x.getLast().greater(0);
        List<Tensor> next = step(x, p, state);
        return IntStream.range(0, next.size())
                .mapToObj(i -> goesOn.select(next.get(i), state.get(i)))
                .toList();
    }

    /// Checks the weights of a layer with so many gates.
    static void check(String layer, int gates, Parameter inputWeight, Parameter recurrentWeight, Parameter bias) {
        Check.weight(layer, inputWeight, 2, "[in, " + gates + " * units]");
        Shape input = inputWeight.shape();
        int columns = input.dim(1);
        Require.that(columns % gates == 0, "%s: inputWeight %s, expected [in, %s * units]", layer, input, gates);
        check(layer, "recurrentWeight", recurrentWeight, Shape.of(columns / gates, columns));
        check(layer, "bias", bias, Shape.of(columns));
    }

    private static void check(String layer, String name, Parameter p, Shape expected) {
        Require.that(p.shape().equals(expected), "%s: %s of shape %s, expected %s", layer, name, p.shape(), expected);
    }

    /// The kinds of cells that there are.
    enum Kind {
        RNN(1),
        LSTM(4),
        GRU(3);

        private final int gates;

        Kind(int gates) {
            this.gates = gates;
        }

        String title() {
            return name().toLowerCase(Locale.ROOT);
        }

        /// A cell with weights even over ±1/√units.
        RecurrentCell build(int in, int units, RandomStream random) {
            Parameter input = weights(random, "inputWeight", units, in, gates * units);
            Parameter recurrent = weights(random, "recurrentWeight", units, units, gates * units);
            Parameter bias = weights(random, "bias", units, gates * units);
            return switch (this) {
                case RNN -> new Rnn(input, recurrent, bias);
                case LSTM -> new Lstm(input, recurrent, bias);
                case GRU -> new Gru(input, recurrent, bias, weights(random, "candidateBias", units, units));
            };
        }

        private static Parameter weights(RandomStream random, String name, int units, int... shape) {
            double limit = 1 / Math.sqrt(units);
            return Parameter.of(Initializer.uniform(-limit, limit).create(Shape.of(shape), random.split(name)));
        }
    }
}
