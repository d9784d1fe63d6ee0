package fathom.nn;

import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.List;

/// Long short-term memory: sequences `[N, T, in]` to the hidden states `[N, T, units]`, from a state
/// of zeros on if no other is given.
///
/// With the input gate i, the forget gate f, the candidate g and the output gate o, which are the
/// four blocks of columns of the weights in this order: `c = sigmoid(f) * c + sigmoid(i) * tanh(g)`
/// and `h = sigmoid(o) * tanh(c)`. Hochreiter and Schmidhuber: *Long short-term memory* (1997), with
/// the forget gate of Gers, Schmidhuber and Cummins (2000).
///
/// @param inputWeight `[in, 4 * units]`
/// @param recurrentWeight `[units, 4 * units]`
/// @param bias `[4 * units]`
public record Lstm(Parameter inputWeight, Parameter recurrentWeight, Parameter bias) implements RecurrentCell {
    public Lstm {
        RecurrentCell.check("Lstm", 4, inputWeight, recurrentWeight, bias);
    }

    @Override
    public int states() {
        return 2;
    }

    @Override
    public List<Tensor> step(List<Tensor> x, List<Tensor> p, List<Tensor> state) {
        Tensor input = x.get(0).add(p.get(0)).sigmoid();
        Tensor forget = x.get(1).add(p.get(1)).sigmoid();
        Tensor candidate = x.get(2).add(p.get(2)).tanh();
        Tensor output = x.get(3).add(p.get(3)).sigmoid();
        Tensor c = forget.mul(state.get(1)).add(input.mul(candidate));
        return List.of(output.mul(c.tanh()), c);
    }

    /// Adds a number to the biases of the forget gate.
    void addForgetBias(double added) {
        Tensor all = bias.value();
        int units = all.dim(0) / 4;
        Tensor gate = Tensor.full(Shape.of(units), all.dtype(), added);
        bias.set(all.add(gate.pad(0, units, 2 * units)));
    }
}
