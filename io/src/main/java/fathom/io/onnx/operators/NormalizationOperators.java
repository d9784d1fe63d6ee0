package fathom.io.onnx.operators;

import fathom.io.onnx.run.Call;
import fathom.io.onnx.run.Operator;
import fathom.io.onnx.run.Value;
import fathom.ir.Op;
import fathom.ir.Require;
import fathom.ir.Window;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.List;
import java.util.function.BiFunction;
import java.util.stream.IntStream;

/// Operators that bring elements to a common size.
final class NormalizationOperators {
    private static final String MICROSOFT = "com.microsoft";

    private NormalizationOperators() {}

    static List<Operator> table() {
        return List.of(
                Operator.several("BatchNormalization", 7, NormalizationOperators::batch)
                        .settings(3, 4),
                Operator.of("InstanceNormalization", 6, NormalizationOperators::instance),
                Operator.several("LayerNormalization", 17, NormalizationOperators::layer),
                Operator.of("GroupNormalization", 18, NormalizationOperators::group),
                Operator.of("RMSNormalization", 23, NormalizationOperators::rootMeanSquare),
                Operator.of("SimplifiedLayerNormalization", 1, NormalizationOperators::rootMeanSquare),
                Operator.several("SkipLayerNormalization", 1, c -> skipping(c, true))
                        .in(MICROSOFT),
                Operator.several("SkipSimplifiedLayerNormalization", 1, c -> skipping(c, false))
                        .in(MICROSOFT),
                Operator.of("LRN", 1, NormalizationOperators::localResponse),
                Operator.of("Softmax", 13, c -> along(c, Tensor::softmax)),
                Operator.of("LogSoftmax", 13, c -> along(c, Tensor::logSoftmax)),
                Operator.of("Hardmax", 13, c -> along(c, NormalizationOperators::hardmax)),
                Operator.of("Softmax", 1, c -> flattened(c, Tensor::softmax)),
                Operator.of("LogSoftmax", 1, c -> flattened(c, Tensor::logSoftmax)),
                Operator.of("Hardmax", 1, c -> flattened(c, NormalizationOperators::hardmax)));
    }

    private static Value along(Call c, BiFunction<Tensor, Integer, Tensor> function) {
        return c.computed(function.apply(c.tensor(0), c.integer("axis", -1)));
    }

    /// Before version 13, all axes from the given one on were taken as one.
    private static Value flattened(Call c, BiFunction<Tensor, Integer, Tensor> function) {
        Tensor x = c.tensor(0);
        int axis = x.shape().axis(c.integer("axis", 1));
        Tensor rows = x.reshape(x.shape().size(0, axis), x.shape().size(axis, x.rank()));
        return c.computed(function.apply(rows, 1).reshape(x.shape()));
    }

    private static Tensor hardmax(Tensor x, int axis) {
        int last = x.rank() - 1;
        Tensor places = x.argmax(axis);
        return places.oneHot(x.dim(axis), x.dtype())
                .permute(moved(last, x.shape().axis(axis)));
    }

    /// The order that brings the last of the axes to another place.
    private static int[] moved(int last, int to) {
        return IntStream.rangeClosed(0, last)
                .map(i -> i == to ? last : i < to ? i : i - 1)
                .toArray();
    }

    private static List<Value> batch(Call c) {
        Tensor x = c.tensor(0);
        Tensor scale = Layout.perChannel(c.tensor(1), x.rank());
        Tensor shift = Layout.perChannel(c.tensor(2), x.rank());
        double epsilon = c.number("epsilon", 1e-5);
        boolean training = c.flag("training_mode", false);
        Tensor mean = c.tensor(3);
        Tensor variance = c.tensor(4);
        if (training) {
            int[] others = IntStream.range(0, x.rank()).filter(i -> i != 1).toArray();
            Tensor y = x.cast(mean.dtype());
            mean = y.mean(others);
            variance = y.variance(0, false, others);
        }
        Tensor factor = scale.cast(x.dtype())
                .div(Layout.perChannel(variance, x.rank())
                        .cast(x.dtype())
                        .add(epsilon)
                        .sqrt());
        Tensor offset = shift.cast(x.dtype())
                .sub(Layout.perChannel(mean, x.rank()).cast(x.dtype()).mul(factor));
        Value y = c.computed(x.mul(factor).add(offset));
        if (!training) {
            return List.of(y);
        }
        double kept = c.number("momentum", 0.9);
        return List.of(
                y,
                Value.computed(c.type(3), c.tensor(3).mul(kept).add(mean.mul(1 - kept))),
                Value.computed(c.type(4), c.tensor(4).mul(kept).add(variance.mul(1 - kept))));
    }

    private static Value instance(Call c) {
        Tensor x = c.tensor(0);
        int[] images = IntStream.range(2, x.rank()).toArray();
        Tensor normal = standardized(x, c.number("epsilon", 1e-5), images);
        Tensor scale = Layout.perChannel(c.tensor(1), x.rank());
        return c.computed(normal.mul(scale).add(Layout.perChannel(c.tensor(2), x.rank())));
    }

    static Tensor standardized(Tensor x, double epsilon, int... axes) {
        Tensor centred = x.sub(x.mean(true, axes));
        return centred.div(centred.square().mean(true, axes).add(epsilon).sqrt());
    }

    private static List<Value> layer(Call c) {
        Tensor x = c.tensor(0);
        int axis = x.shape().axis(c.integer("axis", -1));
        int[] axes = IntStream.range(axis, x.rank()).toArray();
        Tensor mean = x.mean(true, axes);
        Tensor centred = x.sub(mean);
        Tensor inverse = centred.square()
                .mean(true, axes)
                .add(c.number("epsilon", 1e-5))
                .sqrt()
                .rdiv(1);
        Tensor y = centred.mul(inverse).mul(c.tensor(1));
        return List.of(c.computed(c.has(2) ? y.add(c.tensor(2)) : y), Value.of(mean), Value.of(inverse));
    }

    /// Groups of channels (Wu and He: *Group normalization*, 2018). Before version 21 there was a scale for
    /// each group, since then there is one for each channel.
    private static Value group(Call c) {
        Tensor x = c.tensor(0);
        int groups = c.integer("num_groups", 1);
        int channels = x.dim(1);
        boolean fits = groups > 0 && channels % groups == 0;
        Require.that(fits, "%s groups of the channels of %s", groups, x.shape());
        Tensor rows = x.reshape(x.dim(0), groups, -1);
        Tensor normal = standardized(rows, c.number("epsilon", 1e-5), 2).reshape(x.shape());
        Tensor scale = Layout.perChannel(perChannel(c.tensor(1), channels), x.rank());
        return c.computed(normal.mul(scale).add(Layout.perChannel(perChannel(c.tensor(2), channels), x.rank())));
    }

    private static Tensor perChannel(Tensor x, int channels) {
        int n = x.size();
        return n == channels || n == 0
                ? x
                : x.reshape(n, 1).broadcastTo(Shape.of(n, channels / n)).reshape(channels);
    }

    /// Zhang and Sennrich: *Root mean square layer normalization* (2019).
    private static Value rootMeanSquare(Call c) {
        Tensor x = c.tensor(0);
        int[] axes =
                IntStream.range(x.shape().axis(c.integer("axis", -1)), x.rank()).toArray();
        return Value.computed(c.type(1), byRootMeanSquare(c, x, 1e-5, axes).mul(c.tensor(1)));
    }

    private static Tensor byRootMeanSquare(Call c, Tensor x, double epsilon, int... axes) {
        return x.div(
                x.square().mean(true, axes).add(c.number("epsilon", epsilon)).sqrt());
    }

    /// The sum of two, and perhaps a bias, before it is brought to a common size.
    private static List<Value> skipping(Call c, boolean centred) {
        Tensor sum = c.tensor(0).add(c.tensor(1));
        int bias = centred ? 4 : 3;
        sum = c.has(bias) ? sum.add(c.tensor(bias)) : sum;
        Tensor normal =
                centred ? standardized(sum, c.number("epsilon", 1e-12), -1) : byRootMeanSquare(c, sum, 1e-12, -1);
        Tensor y = normal.mul(c.tensor(2));
        y = centred && c.has(3) ? y.add(c.tensor(3)) : y;
        Tensor mean = sum.mean(true, -1);
        Tensor spread = (centred ? sum.sub(mean) : sum).square().mean(true, -1);
        Tensor inverse = spread.add(c.number("epsilon", 1e-12)).sqrt().rdiv(1);
        return List.of(c.computed(y), Value.of(mean), Value.of(inverse), c.computed(sum));
    }

    private static Value localResponse(Call c) {
        Tensor x = c.tensor(0);
        int size = c.integer("size", 1);
        int before = (size - 1) / 2;
        Shape s = x.shape();
        Tensor squares = x.square().reshape(s.dim(0), s.dim(1), s.size(2, s.rank()), 1);
        Window across = new Window(size, 1, 1, 1, before, size - 1 - before, 0, 0, 1, 1);
        Tensor sums = Tensor.of(new Op.SumPool(across), squares).reshape(s);
        Tensor divisor = sums.mul(c.number("alpha", 1e-4) / size).add(c.number("bias", 1));
        return c.computed(x.div(divisor.pow(c.number("beta", 0.75))));
    }
}
