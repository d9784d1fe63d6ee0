package fathom.io.onnx.operators;

import fathom.io.onnx.run.Call;
import fathom.io.onnx.run.Operator;
import fathom.io.onnx.run.Value;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/// Operators that go along time. Each direction of each is one [fathom.tensor.Recurrence].
final class RecurrentOperators {
    private RecurrentOperators() {}

    static List<Operator> table() {
        return List.of(
                Operator.several("RNN", 7, RecurrentOperators::plain),
                Operator.several("GRU", 7, RecurrentOperators::gated),
                Operator.several("LSTM", 7, RecurrentOperators::longShort));
    }

    private static List<Value> plain(Call c) {
        Unrolling u = Unrolling.of(c, 1);
        List<Activation> functions = Activation.of(c, u.directions(), "Tanh");
        return u.results(1, d -> {
            Activation f = functions.get(d);
            return u.run(
                    d,
                    u.inputs(d, true),
                    1,
                    (x, p, s) -> List.of(f.apply(u.clipped(x.getFirst().add(p.getFirst())))));
        });
    }

    /// Input, output and forget gate and the candidate; the peepholes let the gates see the cell.
    private static List<Value> longShort(Call c) {
        Unrolling u = Unrolling.of(c, 4);
        List<Activation> functions = Activation.of(c, 3 * u.directions(), "Sigmoid", "Tanh", "Tanh");
        boolean peepholes = c.has(7);
        boolean coupled = c.flag("input_forget", false);
        return u.results(2, d -> {
            Activation f = functions.get(3 * d);
            Activation g = functions.get(3 * d + 1);
            Activation h = functions.get(3 * d + 2);
            List<Tensor> sequences = new ArrayList<>(u.inputs(d, true));
            if (peepholes) {
                sequences.add(u.constant(c.tensor(7).at(0, d)));
            }
            return u.run(d, sequences, 2, (x, p, s) -> {
                Tensor before = s.get(1);
                Tensor in = x.get(0).add(p.get(0));
                Tensor out = x.get(1).add(p.get(1));
                Tensor forget = x.get(2).add(p.get(2));
                Tensor candidate = g.apply(u.clipped(x.get(3).add(p.get(3))));
                in = f.apply(u.clipped(peepholes ? in.add(x.get(4).mul(before)) : in));
                forget = coupled
                        ? in.rsub(1)
                        : f.apply(u.clipped(peepholes ? forget.add(x.get(6).mul(before)) : forget));
                Tensor cell = forget.mul(before).add(in.mul(candidate));
                out = f.apply(u.clipped(peepholes ? out.add(x.get(5).mul(cell)) : out));
                // The cell is not clipped for the output: ONNX Runtime does not do it either.
                return List.of(out.mul(h.apply(cell)), cell);
            });
        });
    }

    /// Update and reset gate and the candidate.
    private static List<Value> gated(Call c) {
        Unrolling u = Unrolling.of(c, 3);
        List<Activation> functions = Activation.of(c, 2 * u.directions(), "Sigmoid", "Tanh");
        boolean linearFirst = c.flag("linear_before_reset", false);
        return u.results(1, d -> {
            Activation f = functions.get(2 * d);
            Activation g = functions.get(2 * d + 1);
            if (!linearFirst) {
                return u.runTwice(d, u.inputs(d, true), f, g);
            }
            List<Tensor> sequences = new ArrayList<>(u.inputs(d, false));
            sequences.add(u.constant(u.recurrentBias(d)));
            return u.run(d, sequences, 1, (x, p, s) -> {
                Tensor update = f.apply(u.clipped(x.get(0).add(p.get(0)).add(x.get(3))));
                Tensor reset = f.apply(u.clipped(x.get(1).add(p.get(1)).add(x.get(4))));
                Tensor fed = reset.mul(p.get(2).add(x.get(5)));
                Tensor candidate = g.apply(u.clipped(x.get(2).add(fed)));
                return List.of(update.rsub(1).mul(candidate).add(update.mul(s.getFirst())));
            });
        });
    }
}
