package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.List;

/// The plain recurrent layer: sequences `[N, T, in]` to the hidden states `[N, T, units]`, `h =
/// tanh(x W + h U + b)` from a state of zeros on. Elman: *Finding structure in time* (1990).
///
/// @param inputWeight `[in, units]`
/// @param recurrentWeight `[units, units]`
/// @param bias `[units]`
public record Rnn(Parameter inputWeight, Parameter recurrentWeight, Parameter bias) implements Module {
    public Rnn {
        Recurrent.check("Rnn", 1, inputWeight, recurrentWeight, bias);
    }

    @Override
    public Tensor forward(Tensor x) {
        return Recurrent.apply(x, inputWeight, recurrentWeight, bias, Rnn::step, 1);
    }

    private static List<Tensor> step(List<Tensor> x, List<Tensor> p, List<Tensor> state) {
        return List.of(x.get(0).add(p.get(0)).tanh());
    }

    /// The blueprint of an [Rnn].
    ///
    /// @param units how long the state is
    public record Blueprint(int units) implements Layer {
        public Blueprint {
            Require.positive("rnn: units", units);
        }

        @Override
        public Rnn build(Shape input, RandomStream random) {
            output(input);
            return new Rnn(
                    Recurrent.weights(random, "inputWeight", units, input.dim(1), units),
                    Recurrent.weights(random, "recurrentWeight", units, units, units),
                    Recurrent.weights(random, "bias", units, units));
        }

        @Override
        public Shape output(Shape input) {
            return Recurrent.output(input, units);
        }
    }
}
