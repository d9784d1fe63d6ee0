package fathom.io.onnx.operators;

import fathom.io.onnx.format.OnnxType;
import fathom.io.onnx.run.Call;
import fathom.io.onnx.run.Layout;
import fathom.io.onnx.run.Operator;
import fathom.io.onnx.run.Value;
import fathom.ir.Op;
import fathom.ir.Window;
import fathom.tensor.DType;
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
                Operator.several("BatchNormalization", 1, NormalizationOperators::batch)
                        .settings(3, 4),
                Operator.of("InstanceNormalization", 6, NormalizationOperators::instance),
                // Some exporters write it long before the version that defines it.
                Operator.several("LayerNormalization", 1, NormalizationOperators::layer),
                Operator.of("GroupNormalization", 18, NormalizationOperators::group),
                Operator.of("RMSNormalization", 23, NormalizationOperators::rootMeanSquare),
                Operator.of("SimplifiedLayerNormalization", 1, NormalizationOperators::rootMeanSquare),
                Operator.several("SkipLayerNormalization", 1, c -> skipping(c, true))
                        .in(MICROSOFT),
                Operator.several("SkipSimplifiedLayerNormalization", 1, c -> skipping(c, false))
                        .in(MICROSOFT),
                Operator.of("LpNormalization", 1, NormalizationOperators::unit),
                Operator.of("MeanVarianceNormalization", 9, NormalizationOperators::meanAndVariance),
                Operator.of("LRN", 1, NormalizationOperators::localResponse),
                Operator.of("Softmax", 13, c -> along(c, Tensor::softmax)),
                Operator.of("LogSoftmax", 13, c -> along(c, Tensor::logSoftmax)),
                Operator.of("Hardmax", 13, c -> along(c, NormalizationOperators::hardmax)),
                Operator.of("Softmax", 1, c -> flattened(c, Tensor::softmax)),
                Operator.of("LogSoftmax", 1, c -> flattened(c, Tensor::logSoftmax)),
                Operator.of("Hardmax", 1, c -> flattened(c, NormalizationOperators::hardmax)));
    }

    private static Value along(Call c, BiFunction<Tensor, Integer, Tensor> function) {
        Layout layout = Layout.of(c.tensor(0));
        return c.computed(layout.back(function.apply(layout.tensor(), layout.axis(c.integer("axis", -1)))));
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
        // With the channels last, what there is one of for each channel needs no other shape.
        Tensor x = Layout.channelsLast(c.tensor(0));
        double epsilon = c.number("epsilon", 1e-5);
        boolean training = c.flag("training_mode", false) || c.opset() < 7 && !c.flag("is_test", false);
        Tensor mean = c.tensor(3);
        Tensor variance = c.tensor(4);
        if (training) {
            int[] others = IntStream.range(0, x.rank() - 1).toArray();
            Tensor y = x.cast(mean.dtype());
            mean = y.mean(others);
            variance = y.variance(0, false, others);
        }
        DType dtype = x.dtype();
        Tensor inverse = training
                ? inverse(variance.cast(dtype), epsilon)
                : c.made("inverse", 4, v -> inverse(v.cast(dtype), epsilon));
        Tensor factor = c.tensor(1).cast(dtype).mul(inverse);
        Tensor offset = c.tensor(2).cast(x.dtype()).sub(mean.cast(x.dtype()).mul(factor));
        Value y = c.computed(Layout.channelsFirst(x.mul(factor).add(offset)));
        if (!training) {
            return List.of(y);
        }
        double kept = c.number("momentum", 0.9);
        return List.of(
                y,
                Value.computed(c.type(3), c.tensor(3).mul(kept).add(mean.mul(1 - kept))),
                Value.computed(c.type(4), c.tensor(4).mul(kept).add(variance.mul(1 - kept))));
    }

    private static Tensor inverse(Tensor variance, double epsilon) {
        return variance.add(epsilon).sqrt().rdiv(1);
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
        DType precision = precision(c);
        Tensor x = c.tensor(0).cast(precision);
        int[] axes = from(c);
        Tensor mean = x.mean(true, axes);
        Tensor centred = x.sub(mean);
        Tensor inverse = inverseRoot(centred, c.number("epsilon", 1e-5), axes);
        Tensor normal = centred.mul(inverse).cast(c.tensor(0).dtype());
        Tensor y = rounded(c, normal).mul(c.tensor(1));
        return List.of(c.computed(c.has(2) ? y.add(c.tensor(2)) : y), Value.of(mean), Value.of(inverse));
    }

    /// The dtype that `stash_type` says: that of the statistics.
    private static DType precision(Call c) {
        return c.elementType("stash_type").orElse(OnnxType.FLOAT).carrier();
    }

    /// In the first input's type, as the part of a normalisation that is done in the precision of the
    /// statistics ends.
    private static Tensor rounded(Call c, Tensor normal) {
        return c.computed(normal).tensor();
    }

    private static int[] from(Call c) {
        Shape s = c.shape(0);
        return IntStream.range(s.axis(c.integer("axis", -1)), s.rank()).toArray();
    }

    private static Tensor inverseRoot(Tensor x, double epsilon, int... axes) {
        return x.square().mean(true, axes).add(epsilon).sqrt().rdiv(1);
    }

    private static Value rootMeanSquare(Call c) {
        Tensor x = c.tensor(0).cast(precision(c));
        Tensor normal = x.mul(inverseRoot(x, c.number("epsilon", 1e-5), from(c)));
        return c.computed(rounded(c, normal.cast(c.tensor(0).dtype())).mul(c.tensor(1)));
    }

    private static Value group(Call c) {
        DType precision = precision(c);
        Tensor x = c.tensor(0);
        int groups = c.integer("num_groups", 1);
        Tensor grouped = x.cast(precision).reshape(x.dim(0), groups, x.size() / Math.max(1, x.dim(0) * groups));
        Tensor normal = standardized(grouped, c.number("epsilon", 1e-5), 2).cast(x.dtype());
        normal = rounded(c, normal);
        // Up to version 20 scale and bias were those of groups.
        boolean ofGroups = c.opset() < 21;
        Tensor parts =
                ofGroups ? normal : normal.reshape(x.dim(0), x.dim(1), x.size() / Math.max(1, x.dim(0) * x.dim(1)));
        Tensor y = parts.mul(c.tensor(1).unsqueeze(1)).add(c.tensor(2).unsqueeze(1));
        return c.computed(y.reshape(x.shape()));
    }

    private static Value unit(Call c) {
        Tensor x = c.tensor(0);
        int axis = c.integer("axis", -1);
        Tensor norm = c.integer("p", 2) == 1
                ? x.abs().sum(true, axis)
                : x.square().sum(true, axis).sqrt();
        // Where all is 0 it stays so.
        return c.computed(x.div(norm.equal(0).select(ElementwiseOperators.full(norm, 1), norm)));
    }

    private static Value meanAndVariance(Call c) {
        Tensor x = c.tensor(0);
        int[] axes = c.integers("axes").orElse(new int[] {0, 2, 3});
        Tensor centred = x.sub(x.mean(true, axes));
        return c.computed(centred.div(centred.square().mean(true, axes).sqrt().add(1e-9)));
    }

    /// The sum of two, and perhaps a bias, before it is brought to a common size.
    private static List<Value> skipping(Call c, boolean centred) {
        Tensor sum = c.tensor(0).add(c.tensor(1));
        int bias = centred ? 4 : 3;
        sum = c.has(bias) ? sum.add(c.tensor(bias)) : sum;
        Tensor mean = sum.mean(true, -1);
        Tensor from = centred ? sum.sub(mean) : sum;
        Tensor inverse = inverseRoot(from, c.number("epsilon", 1e-12), -1);
        Tensor y = from.mul(inverse).mul(c.tensor(2));
        y = centred && c.has(3) ? y.add(c.tensor(3)) : y;
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
