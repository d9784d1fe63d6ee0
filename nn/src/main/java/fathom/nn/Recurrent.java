package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// A layer that goes through sequences `[N, T, in]` step by step with a state that it changes: one
/// cell, or several in both directions or one after the other.
public sealed interface Recurrent extends Module permits RecurrentCell, Bidirectional, RecurrentStack {
    /// What a layer gives.
    ///
    /// @param outputs `[N, T, units]`, the state after each step
    /// @param state the tensors of the state after the last step of each sequence, `[N, units]`
    ///   each, in the order of the cells
    record Result(Tensor outputs, List<Tensor> state) {
        public Result {
            state = List.copyOf(state);
        }
    }

    /// What this layer makes of sequences; called through [#run].
    Result compute(Sequences x);

    /// How many tensors the state has.
    int states();

    /// Goes through sequences of different length, or from a state of its own, and gives the state at
    /// the end, too.
    ///
    /// @throws IllegalArgumentException if shapes or dtypes do not fit
    default Result run(Sequences x) {
        return Calls.apply(
                this,
                x.steps(),
                () -> {
                    int given = x.initial().map(List::size).orElse(states());
                    String expected = "an initial state of %s tensors, expected %s";
                    Require.that(given == states(), expected, given, states());
                    return compute(x);
                },
                Result::outputs);
    }

    /// Of whole sequences `[N, T, in]` from a state of zeros on, the state after each step, `[N, T,
    /// units]`.
    @Override
    default Tensor forward(Tensor x) {
        return compute(Sequences.of(x)).outputs();
    }

    /// The blueprint of recurrent layers.
    ///
    /// @param kind of the cells
    /// @param units how long a cell's state is
    /// @param isBidirectional whether each layer goes through the sequences in both directions, and
    ///   gives the two states side by side
    /// @param layers how many there are one after the other
    /// @param dropout the probability with which an element of what a layer gives the next is zero in
    ///   training
    /// @param forgetBias what is added to the initial biases of an LSTM's forget gates
    record Blueprint(
            RecurrentCell.Kind kind, int units, boolean isBidirectional, int layers, double dropout, double forgetBias)
            implements Layer {
        public Blueprint {
            boolean fits = forgetBias == 0 || kind == RecurrentCell.Kind.LSTM && Double.isFinite(forgetBias);
            String message = "%s: forgetBias %s, expected a finite number, and of an lstm";
            Require.that(fits, message, kind.title(), forgetBias);
            Require.positive(kind.title() + ": units", units);
            Require.positive(kind.title() + ": layers", layers);
            Require.fraction(kind.title() + ": dropout", dropout);
        }

        /// In both directions, `2 * units` numbers for each step.
        public Blueprint bidirectional() {
            return new Blueprint(kind, units, true, layers, dropout, forgetBias);
        }

        /// Several, one after the other.
        public Blueprint layers(int count) {
            return new Blueprint(kind, units, isBidirectional, count, dropout, forgetBias);
        }

        /// Between one layer and the next.
        public Blueprint dropout(double p) {
            return new Blueprint(kind, units, isBidirectional, layers, p, forgetBias);
        }

        /// With so much added to the initial biases of the forget gates, whose values are else about one half: at
        /// 1, and the more so at 3, an LSTM keeps its state from step to step until it learns otherwise.
        /// Jozefowicz, Zaremba and Sutskever: *An empirical exploration of recurrent network architectures*
        /// (2015).
        ///
        /// @throws IllegalArgumentException if the cells are other ones, or the number is not finite
        public Blueprint forgetBias(double added) {
            return new Blueprint(kind, units, isBidirectional, layers, dropout, added);
        }

        @Override
        public Recurrent build(Shape input, RandomStream random) {
            Shape output = output(input);
            if (layers == 1) {
                return layer(input.dim(1), random);
            }
            List<Recurrent> all = new ArrayList<>();
            for (int i = 0; i < layers; i++) {
                all.add(layer(i == 0 ? input.dim(1) : output.dim(1), random.split(Integer.toString(i))));
            }
            return new RecurrentStack(all, new Dropout(dropout));
        }

        private Recurrent layer(int in, RandomStream random) {
            return isBidirectional
                    ? new Bidirectional(cell(in, random.split("forwards")), cell(in, random.split("backwards")))
                    : cell(in, random);
        }

        private RecurrentCell cell(int in, RandomStream random) {
            RecurrentCell cell = kind.build(in, units, random);
            if (cell instanceof Lstm lstm && forgetBias != 0) {
                lstm.addForgetBias(forgetBias);
            }
            return cell;
        }

        @Override
        public Shape output(Shape input) {
            Check.sample(input, 2, "[T, in]");
            return input.with(1, isBidirectional ? 2 * units : units);
        }
    }
}
