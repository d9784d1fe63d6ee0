package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.List;

/// Gated recurrent units: sequences `[N, T, in]` to the hidden states `[N, T, units]`, from a state
/// of zeros on if no other is given.
///
/// With the reset gate r, the update gate z and the candidate n, which are the three blocks of
/// columns of the weights in this order: `n = tanh(x Wn + bn + sigmoid(r) * (h Un + cn))` and `h =
/// (1 - sigmoid(z)) * n + sigmoid(z) * h`. Cho et al.: *Learning phrase representations using RNN
/// encoder-decoder* (2014), with the reset after the product, as cuDNN and PyTorch have it.
///
/// @param inputWeight `[in, 3 * units]`
/// @param recurrentWeight `[units, 3 * units]`
/// @param bias `[3 * units]`
/// @param candidateBias `[units]`, what is added to the candidate's product before the reset
public record Gru(Parameter inputWeight, Parameter recurrentWeight, Parameter bias, Parameter candidateBias)
        implements RecurrentCell {
    public Gru {
        RecurrentCell.check("Gru", 3, inputWeight, recurrentWeight, bias);
        Shape expected = Shape.of(recurrentWeight.shape().dim(0));
        Shape given = candidateBias.shape();
        Require.that(given.equals(expected), "Gru: candidateBias of shape %s, expected %s", given, expected);
    }

    @Override
    public List<Parameter> constants() {
        return List.of(candidateBias);
    }

    @Override
    public int states() {
        return 1;
    }

    @Override
    public List<Tensor> step(List<Tensor> x, List<Tensor> p, List<Tensor> state) {
        Tensor reset = x.get(0).add(p.get(0)).sigmoid();
        Tensor update = x.get(1).add(p.get(1)).sigmoid();
        Tensor candidate = x.get(2).add(reset.mul(p.get(2).add(x.get(3)))).tanh();
        return List.of(update.rsub(1).mul(candidate).add(update.mul(state.get(0))));
    }
}
