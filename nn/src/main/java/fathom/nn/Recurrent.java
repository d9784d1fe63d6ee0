package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.RandomStream;
import fathom.tensor.Recurrence;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// What recurrent layers have in common: sequences `[N, T, in]` in, the states `[N, T, units]` out,
/// from a state of zeros on.
final class Recurrent {
    private Recurrent() {}

    /// Checks the weights of a layer with so many gates.
    static void check(String layer, int gates, Parameter inputWeight, Parameter recurrentWeight, Parameter bias) {
        Check.weight(layer, inputWeight, 2, "[in, " + gates + " * units]");
        int columns = inputWeight.shape().dim(1);
        Require.that(
                columns % gates == 0,
                "%s: inputWeight %s, expected [in, %s * units]",
                layer,
                inputWeight.shape(),
                gates);
        Shape square = Shape.of(columns / gates, columns);
        String fits = "%s: %s of shape %s, expected %s";
        Require.that(
                recurrentWeight.shape().equals(square),
                fits,
                layer,
                "recurrentWeight",
                recurrentWeight.shape(),
                square);
        Require.that(bias.shape().equals(Shape.of(columns)), fits, layer, "bias", bias.shape(), Shape.of(columns));
    }

    /// Applies a cell to the inputs' products and returns the first block of its states.
    ///
    /// @param states blocks of the state
    /// @param constants vectors `[units]`, which the cell gets after the gates
    static Tensor apply(
            Tensor x,
            Parameter inputWeight,
            Parameter recurrentWeight,
            Parameter bias,
            Recurrence.Cell cell,
            int states,
            Tensor... constants) {
        int in = inputWeight.shape().dim(0);
        Require.that(x.rank() == 3 && x.dim(2) == in, "input %s, expected sequences [N, T, %s]", x.type(), in);
        int units = recurrentWeight.shape().dim(0);
        // One product for all times, in the order in which the cell goes through them.
        Tensor projected = x.permute(1, 0, 2).matmul(inputWeight.value()).add(bias.value());
        List<Tensor> sequences = new ArrayList<>(List.of(projected));
        for (Tensor c : constants) {
            sequences.add(c.broadcastTo(Shape.of(x.dim(1), x.dim(0), units)));
        }
        Tensor zeros = Tensor.full(Shape.of(x.dim(0), states * units), x.dtype(), 0);
        return Recurrence.of(cell, units, sequences, recurrentWeight.value(), zeros, false)
                .sequence(0)
                .permute(1, 0, 2);
    }

    /// The weights of a layer, even over ±1/√units.
    static Parameter weights(RandomStream random, String name, int units, int... shape) {
        double limit = 1 / Math.sqrt(units);
        return Parameter.of(Initializer.uniform(-limit, limit).create(Shape.of(shape), random.split(name)));
    }

    /// The shape of the states for a sequence.
    static Shape output(Shape input, int units) {
        Check.sample(input, 2, "[T, in]");
        return input.with(1, units);
    }
}
