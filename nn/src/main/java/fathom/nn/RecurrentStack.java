package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Recurrent layers one after the other, each of which is given the outputs of the one before.
///
/// @param layers first to last, one or more
/// @param dropout of what a layer gives the next
public record RecurrentStack(List<Recurrent> layers, Dropout dropout) implements Recurrent {
    public RecurrentStack {
        layers = List.copyOf(layers);
        Require.that(!layers.isEmpty(), "recurrentStack: no layers, expected at least one");
    }

    @Override
    public Result compute(Sequences x) {
        List<Tensor> state = new ArrayList<>();
        Tensor y = x.steps();
        for (int i = 0; i < layers.size(); i++) {
            Recurrent layer = layers.get(i);
            Tensor in = i == 0 ? y : dropout.forward(y);
            int known = state.size();
            Result result = layer.run(x.from(known, known + layer.states()).steps(in));
            state.addAll(result.state());
            y = result.outputs();
        }
        return new Result(y, state);
    }

    @Override
    public int states() {
        return layers.stream().mapToInt(Recurrent::states).sum();
    }
}
