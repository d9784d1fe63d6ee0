package fathom.parity;

import static fathom.parity.Input.normal;
import static fathom.parity.Input.uniform;

import fathom.nn.Gru;
import fathom.nn.Layers;
import fathom.nn.Lstm;
import fathom.nn.Parameter;
import fathom.nn.Rnn;
import fathom.nn.Sequences;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Recurrent layers: the states of all steps and the gradients through time. The first input is the
/// sequences, the others are the layer's parameters; libtorch's second bias is zeros where ours has
/// none.
@RequiresLibtorch
class RecurrentTest {
    @TestFactory
    Stream<DynamicTest> lstm() {
        return Stream.of(new Size(3, 5, 4, 6), new Size(1, 1, 2, 3), new Size(33, 40, 16, 24))
                .flatMap(s -> Case.tests(Case.layer(
                                "lstm of " + s,
                                s.inputs(4),
                                p -> new Lstm(p.get(1), p.get(2), p.get(3))
                                        .apply(p.get(0).value()),
                                t -> torch.lstm(
                                                t.get(0),
                                                new TensorVector(s.zeros(t), s.zeros(t)),
                                                weights(t, torch.zeros_like(t.get(3))),
                                                true,
                                                1,
                                                0,
                                                true,
                                                false,
                                                true)
                                        .get0())
                        .within(s.factor())));
    }

    @TestFactory
    Stream<DynamicTest> gru() {
        return Stream.of(new Size(3, 5, 4, 6), new Size(33, 40, 16, 24)).flatMap(s -> {
            List<Input> inputs = Stream.concat(s.inputs(3).stream(), Stream.of(normal(s.units)))
                    .toList();
            Function<List<Parameter>, fathom.tensor.Tensor> ours = p -> new Gru(p.get(1), p.get(2), p.get(3), p.get(4))
                    .apply(p.get(0).value());
            Function<List<Tensor>, Tensor> theirs = t -> {
                Tensor none = torch.zeros_like(t.get(4));
                Tensor bias = torch.cat(new TensorVector(none, none, t.get(4)));
                return torch.gru(t.get(0), s.zeros(t), weights(t, bias), true, 1, 0, true, false, true)
                        .get0();
            };
            return Case.tests(Case.layer("gru of " + s, inputs, ours, theirs).within(s.factor()));
        });
    }

    @TestFactory
    Stream<DynamicTest> rnn() {
        return Stream.of(new Size(3, 5, 4, 6), new Size(33, 40, 16, 24))
                .flatMap(s -> Case.tests(Case.layer(
                                "rnn of " + s,
                                s.inputs(1),
                                p -> new Rnn(p.get(1), p.get(2), p.get(3))
                                        .apply(p.get(0).value()),
                                t -> torch.rnn_tanh(
                                                t.get(0),
                                                s.zeros(t),
                                                weights(t, torch.zeros_like(t.get(3))),
                                                true,
                                                1,
                                                0,
                                                true,
                                                false,
                                                true)
                                        .get0())
                        .within(s.factor())));
    }

    @TestFactory
    Stream<DynamicTest> lastStep() {
        return Case.tests(
                Case.of("last step", normal(3, 5, 4), x -> Layers.lastStep().apply(x), t -> t.select(1, -1)),
                Case.of(
                        "last step by length",
                        normal(3, 5, 4),
                        x -> Sequences.of(x)
                                .lengths(fathom.tensor.Tensor.of(new int[] {4, 5, 1}, 3))
                                .last(),
                        t -> torch.stack(new TensorVector(
                                t.select(0, 0).select(0, 3),
                                t.select(0, 1).select(0, 4),
                                t.select(0, 2).select(0, 0)))));
    }

    private static TensorVector weights(List<Tensor> t, Tensor secondBias) {
        return new TensorVector(t.get(1).t(), t.get(2).t(), t.get(3), secondBias);
    }

    private record Size(int samples, int time, int in, int units) {
        List<Input> inputs(int gates) {
            return List.of(
                    normal(samples, time, in),
                    uniform(-0.3, 0.3, in, gates * units),
                    uniform(-0.3, 0.3, units, gates * units),
                    normal(gates * units));
        }

        /// Gradients of weights are sums over all steps and samples, each by way of the steps after.
        double factor() {
            return samples * time > 1000 ? 30 : 8;
        }

        Tensor zeros(List<Tensor> like) {
            return torch.zeros(new long[] {1, samples, units}, like.getFirst().options());
        }
    }
}
