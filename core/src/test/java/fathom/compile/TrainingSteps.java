package fathom.compile;

import fathom.autodiff.Gradients;
import fathom.ir.Node;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import fathom.tensor.Variable;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;

/// Models whose steps are measured, as a training loop would write them.
final class TrainingSteps {
    private TrainingSteps() {}

    /// What a step commits.
    record Step(List<Tensor> values, List<Variable.Update> updates) {
        List<Node> roots() {
            List<Node> roots = new ArrayList<>();
            values.forEach(v -> roots.add(v.node()));
            updates.forEach(u -> u.computed().forEach(t -> roots.add(t.node())));
            return roots;
        }
    }

    static Supplier<Step> empty() {
        Variable x = Variable.of(Tensor.scalar(1));
        return () -> new Step(List.of(), List.of(x.to(x.value().sub(x.value().mul(0.1)))));
    }

    /// Three linear layers, cross-entropy, Adam.
    static Supplier<Step> perceptron(int batch, int width) {
        Training t = new Training();
        Variable x = t.constant(batch, width);
        List<Variable> weights = new ArrayList<>();
        List<Variable> biases = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            weights.add(t.weight(width, width));
            biases.add(t.weight(width));
        }
        return () -> {
            Tensor h = x.value();
            for (int i = 0; i < weights.size(); i++) {
                h = h.matmul(weights.get(i).value()).add(biases.get(i).value());
                h = i < weights.size() - 1 ? h.relu() : h;
            }
            return t.step(crossEntropy(h));
        };
    }

    /// Two convolutions with a rectifier and pooling, one linear layer, cross-entropy, Adam.
    static Supplier<Step> convolutional(int batch, int channels) {
        Training t = new Training();
        Variable x = t.constant(batch, 28, 28, 1);
        Variable first = t.weight(3, 3, 1, channels);
        Variable second = t.weight(3, 3, channels, 2 * channels);
        Variable linear = t.weight(5 * 5 * 2 * channels, 10);
        return () -> {
            Tensor h = x.value().conv2d(first.value(), 1, 0).relu().maxPool2d(2);
            h = h.conv2d(second.value(), 1, 0).relu().maxPool2d(2);
            return t.step(crossEntropy(h.flatten(1).matmul(linear.value())));
        };
    }

    /// Blocks of attention by two heads and two linear layers, each with a layer normalisation
    /// before it; Adam.
    static Supplier<Step> transformer(int blocks) {
        int width = 8;
        Training t = new Training();
        Variable x = t.constant(2, 4, width);
        List<List<Variable>> all = new ArrayList<>();
        for (int i = 0; i < blocks; i++) {
            all.add(List.of(
                    t.weight(width),
                    t.weight(width),
                    t.weight(width, 3 * width),
                    t.weight(width, width),
                    t.weight(width),
                    t.weight(width),
                    t.weight(width, 4 * width),
                    t.weight(4 * width, width)));
        }
        return () -> {
            Tensor h = x.value();
            for (List<Variable> variables : all) {
                List<Tensor> w = variables.stream().map(Variable::value).toList();
                h = h.add(attention(normalized(h, w.get(0), w.get(1)).matmul(w.get(2)), width)
                        .matmul(w.get(3)));
                Tensor up = normalized(h, w.get(4), w.get(5)).matmul(w.get(6));
                Tensor active = up.mul(0.5).mul(up.mul(0.7071).erf().add(1));
                h = h.add(active.matmul(w.get(7)));
            }
            return t.step(crossEntropy(h));
        };
    }

    private static Tensor normalized(Tensor x, Tensor gain, Tensor bias) {
        Tensor centred = x.sub(x.mean(true, -1));
        Tensor variance = centred.square().mean(true, -1);
        return centred.div(variance.add(1e-5).sqrt()).mul(gain).add(bias);
    }

    private static Tensor attention(Tensor qkv, int width) {
        int n = qkv.dim(0);
        int length = qkv.dim(1);
        Tensor heads = qkv.reshape(n, length, 3, 2, width / 2).permute(2, 0, 3, 1, 4);
        Tensor scores = heads.at(0, 0).matmul(heads.at(0, 1).transpose());
        return scores.softmax(-1).matmul(heads.at(0, 2)).permute(0, 2, 1, 3).reshape(n, length, width);
    }

    private static Tensor crossEntropy(Tensor logits) {
        return logits.logSoftmax(-1).slice(-1, 0, 1).mean().neg();
    }

    /// Variables with Adam's moments, and its updates.
    private static final class Training {
        private final RandomStream random = RandomStream.of(1);
        private final List<Variable> weights = new ArrayList<>();
        private final List<Variable> means = new ArrayList<>();
        private final List<Variable> squares = new ArrayList<>();
        private int steps;

        Variable constant(int... shape) {
            return Variable.of(random.normal(Shape.of(shape)));
        }

        Variable weight(int... shape) {
            weights.add(Variable.of(random.normal(Shape.of(shape)).mul(0.1)));
            means.add(Variable.of(Tensor.zeros(shape)));
            squares.add(Variable.of(Tensor.zeros(shape)));
            return weights.getLast();
        }

        Step step(Tensor loss) {
            steps++;
            List<Tensor> gradients =
                    Gradients.of(loss, weights.stream().map(Variable::value).toList());
            List<Variable.Update> updates = new ArrayList<>();
            for (int i = 0; i < weights.size(); i++) {
                Tensor g = gradients.get(i);
                Tensor m = means.get(i).value();
                m = m.add(g.sub(m).mul(0.1));
                Tensor v = squares.get(i).value().mul(0.999).add(g.square().mul(0.001));
                double rate = 1e-3 / (1 - Math.pow(0.9, steps));
                Tensor change = m.div(
                        v.sqrt().div(Math.sqrt(1 - Math.pow(0.999, steps))).add(1e-8));
                updates.add(weights.get(i).to(weights.get(i).value().sub(change.mul(rate))));
                updates.add(means.get(i).to(m));
                updates.add(squares.get(i).to(v));
            }
            return new Step(List.of(loss), updates);
        }
    }
}
