package fathom.nn;

import fathom.tensor.Tensor;
import java.util.List;

/// The plain recurrent layer: sequences `[N, T, in]` to the hidden states `[N, T, units]`, `h =
/// tanh(x W + h U + b)` from a state of zeros on if no other is given. Elman: *Finding structure in time* (1990).
///
/// @param inputWeight `[in, units]`
/// @param recurrentWeight `[units, units]`
/// @param bias `[units]`
public record Rnn(Parameter inputWeight, Parameter recurrentWeight, Parameter bias) implements RecurrentCell {
    public Rnn {
        RecurrentCell.check("Rnn", 1, inputWeight, recurrentWeight, bias);
    }

    @Override
    public int states() {
        return 1;
    }

    @Override
    public List<Tensor> step(List<Tensor> x, List<Tensor> p, List<Tensor> state) {
        return List.of(x.get(0).add(p.get(0)).tanh());
    }
}
