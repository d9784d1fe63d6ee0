package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Two recurrent layers, one of which goes through the sequences from their ends; what they give for
/// a step stands side by side. Schuster and Paliwal: *Bidirectional recurrent neural networks*
/// (1997).
///
/// @param forwards from the beginning, first in outputs and state
/// @param backwards from the end
public record Bidirectional(Recurrent forwards, Recurrent backwards) implements Recurrent {
    public Bidirectional {
        int there = forwards.states();
        int back = backwards.states();
        Require.that(there == back, "bidirectional: %s and %s tensors of state, expected as many", there, back);
    }

    @Override
    public Result compute(Sequences x) {
        Result there = forwards.run(x.from(0, forwards.states()));
        Result back = backwards.run(x.from(forwards.states(), states()).reverse());
        List<Tensor> state = new ArrayList<>(there.state());
        state.addAll(back.state());
        return new Result(Tensor.concat(2, there.outputs(), back.outputs()), state);
    }

    @Override
    public int states() {
        return 2 * forwards.states();
    }
}
