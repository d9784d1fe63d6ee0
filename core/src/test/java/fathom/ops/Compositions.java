package fathom.ops;

import fathom.ir.Window;
import fathom.tensor.DType;
import fathom.tensor.Index;
import fathom.tensor.Tensor;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/// What the tensor API composes of several operations, and small networks.
final class Compositions {
    private Compositions() {}

    static List<Sample> all() {
        return List.of(
                one("softmax", t -> t.softmax(1), 3, 4),
                one("logSoftmax", t -> t.logSoftmax(0), 3, 4),
                one("logSumExp", t -> t.logSumExp(false, 0, 1), 3, 4),
                one("variance", t -> t.variance(1, false, 1), 3, 4),
                one("mean", t -> t.mean(true, 0), 3, 4),
                one("norm", t -> t.square().sum(1).add(1e-3).sqrt(), 3, 4),
                one("standardised", Compositions::standardised, 3, 4),
                one("powers", t -> t.abs().add(0.5).pow(1.7).add(t.pow(3)), 3, 4),
                one("gelu", t -> t.mul(t.div(Math.sqrt(2)).erf().add(1)).mul(0.5), 3, 4),
                one("clamp", t -> t.clamp(-0.3, 0.4).mul(t), 3, 4),
                one("sort", t -> t.sort(1, true).cumsum(1), 3, 4),
                one("topK", t -> t.topK(2, 1).values().square(), 3, 4),
                one("flip and slice", t -> t.flip(0).slice(1, 3, 0, -2).square(), 3, 4),
                one("brackets", t -> t.get(Index.at(1), Index.newAxis()).exp(), 3, 4),
                one("padded", t -> t.pad(1, 1, 2, 0.5).square(), 3, 4),
                one("joined", t -> Tensor.stack(1, t, t.exp()).sum(2), 3, 4),
                one("vector products", t -> t.matmul(t.get(Index.at(0))).square(), 3, 4),
                one("grams", t -> t.matmul(t.transpose()).tanh(), 3, 4),
                one("stacks", t -> t.unsqueeze(0).matmul(t.reshape(2, 1, 4, 3)).square(), 6, 4),
                one("average pooling", t -> t.avgPool2d(2).square(), 1, 4, 4, 2),
                one("maximum pooling", t -> t.maxPool2d(2).square(), 1, 4, 4, 2),
                two("conv1d", (x, w) -> x.conv1d(w, 1, 1, 1, 1).tanh(), x(1, 5, 2), x(3, 2, 3)),
                two(
                        "convTranspose2d",
                        (x, w) -> x.convTranspose2d(w, Window.of(3, 3, 2, 1, 1), 1, 1)
                                .tanh(),
                        x(1, 3, 3, 2),
                        x(3, 3, 1, 2)),
                two(
                        "network",
                        (x, w) -> x.conv2d(w, 1, 1)
                                .add(0.3)
                                .relu()
                                .avgPool2d(2)
                                .flatten(1)
                                .logSoftmax(1)
                                .slice(1, 0, 2),
                        x(2, 4, 4, 1),
                        x(3, 3, 1, 2)),
                two("outer quotient", (x, y) -> x.div(y.abs().add(1)), x(3, 1), x(1, 4)),
                two("ties", (x, y) -> x.maximum(y).sub(x.minimum(y)).square(), x(3, 4), x(4)),
                two("embedding", Compositions::embedded, x(5, 3), x(4, 3)),
                two("crossEntropy", Compositions::crossEntropy, x(4, 3), x(3)));
    }

    private static Input x(int... shape) {
        return Input.normal(shape);
    }

    private static Sample one(String name, UnaryOperator<Tensor> f, int... shape) {
        return sample(name, List.of(x(shape)), in -> f.apply(in.getFirst()));
    }

    private static Sample two(String name, java.util.function.BinaryOperator<Tensor> f, Input first, Input second) {
        return sample(name, List.of(first, second), in -> f.apply(in.get(0), in.get(1)));
    }

    private static Sample sample(String name, List<Input> inputs, Function<List<Tensor>, Tensor> build) {
        return new Sample(name, inputs, build, true, 5);
    }

    private static Tensor standardised(Tensor t) {
        Tensor centred = t.sub(t.mean(true, 1));
        return centred.div(t.variance(0, true, 1).add(1e-2).sqrt());
    }

    private static Tensor embedded(Tensor table, Tensor weight) {
        Tensor ids = Tensor.of(new int[] {4, 0, 4, 2}, 4);
        return table.take(ids, 0).mul(weight).sum(1).tanh();
    }

    private static Tensor crossEntropy(Tensor x, Tensor bias) {
        Tensor labels = Tensor.of(new int[] {2, 0, 1, 1}, 4, 1);
        Tensor logits = x.add(bias).logSoftmax(1);
        Tensor picked = logits.takeAlong(labels, 1).mean().neg();
        Tensor hot = labels.squeeze(1).oneHot(3, DType.F64).cast(x.dtype());
        return picked.add(logits.mul(hot).sum(1).square().mean());
    }
}
