package fathom.io.onnx.operators;

import fathom.io.onnx.format.OnnxType;
import fathom.io.onnx.format.SmallFloats;
import fathom.io.onnx.run.Call;
import fathom.io.onnx.run.Layout;
import fathom.io.onnx.run.Operator;
import fathom.io.onnx.run.Value;
import fathom.tensor.DType;
import fathom.tensor.Tensor;
import java.util.Arrays;
import java.util.List;

/// Operators on integers that stand for numbers on a grid: `number = (integer - zero point) * scale`.
final class QuantizedOperators {
    private static final String MICROSOFT = "com.microsoft";

    private QuantizedOperators() {}

    static List<Operator> table() {
        return List.of(
                Operator.of("QuantizeLinear", 10, QuantizedOperators::quantize).settings(1, 2),
                Operator.of("DequantizeLinear", 10, QuantizedOperators::dequantize),
                Operator.several("DynamicQuantizeLinear", 11, c -> {
                    Dynamic d = Dynamic.of(c.tensor(0));
                    return List.of(
                            Value.of(OnnxType.UINT8, d.numbers().cast(DType.U8)),
                            Value.of(d.scale()),
                            Value.of(OnnxType.UINT8, d.zero().cast(DType.U8)));
                }),
                Operator.of("MatMulInteger", 10, c -> Value.of(sums(c, 0, 2, 1, 3))),
                Operator.of("ConvInteger", 10, c -> Value.of(convolved(c, 0, 2, 1, 3))),
                Operator.of("QLinearMatMul", 10, QuantizedOperators::product).settings(6),
                Operator.of("QLinearConv", 10, QuantizedOperators::convolution).settings(6),
                Operator.of("DynamicQuantizeMatMul", 1, QuantizedOperators::dynamicProduct)
                        .in(MICROSOFT),
                Operator.of("MatMulIntegerToFloat", 1, QuantizedOperators::floatProduct)
                        .in(MICROSOFT));
    }

    private static Value quantize(Call c) {
        OnnxType type = c.optional(2)
                .map(Value::type)
                .orElseGet(() -> c.elementType("output_dtype").orElse(OnnxType.UINT8));
        Value scale = c.value(1);
        Tensor x = c.tensor(0).cast(scale.tensor().dtype());
        OnnxType precision = c.elementType("precision").orElse(scale.type());
        Tensor quotient =
                x.cast(precision.carrier()).div(Grids.spread(c, scale.tensor().cast(precision.carrier()), x));
        Value exact = Value.computed(precision, quotient);
        if (type.isFloating()) {
            return Casts.to(exact, type, c);
        }
        Tensor whole = exact.tensor().round();
        if (c.has(2)) {
            whole = whole.add(Grids.spread(c, c.tensor(2).cast(whole.dtype()), x));
        }
        return Value.of(type, within(whole, type));
    }

    /// Whole numbers among fractions as the nearest of an integer type.
    private static Tensor within(Tensor whole, OnnxType type) {
        return whole.clamp(type.least(), type.greatest()).cast(type.carrier());
    }

    private static Value dequantize(Call c) {
        Value scale = c.value(1);
        Tensor x = c.tensor(0);
        DType fractions = scale.tensor().dtype();
        if (c.type(0).isInteger() && c.has(2)) {
            Tensor zero = Grids.spread(c, c.tensor(2).cast(DType.I32), x);
            x = x.cast(DType.I32).sub(zero);
        }
        Tensor y = x.cast(fractions).mul(Grids.spread(c, scale.tensor(), x));
        OnnxType type = c.elementType("output_dtype").orElse(scale.type());
        return Casts.to(Value.computed(scale.type(), y), type);
    }

    /// Numbers brought to a grid of 256 that spans them and 0.
    ///
    /// @param numbers whole numbers from 0 to 255, F32
    /// @param scale the distance of neighbours, F32
    /// @param zero which of them stands for 0, F32
    private record Dynamic(Tensor numbers, Tensor scale, Tensor zero) {
        static Dynamic of(Tensor x) {
            Tensor least = x.min().minimum(0);
            Tensor greatest = x.max().maximum(0);
            Tensor scale = greatest.sub(least).div(255);
            Tensor zero = least.neg().div(scale).clamp(0, 255).round();
            // Where all is 0 so is the scale; then all stands for 0.
            zero = scale.equal(0).select(ElementwiseOperators.zeros(zero), zero);
            Tensor numbers = x.div(scale).round().add(zero).clamp(0, 255);
            return new Dynamic(scale.equal(0).select(ElementwiseOperators.zeros(x), numbers), scale, zero);
        }
    }

    /// The product of two matrices of integers less their zero points.
    private static Tensor sums(Call c, int a, int aZero, int b, int bZero) {
        Grids left = Grids.rows(c, a, aZero);
        Grids right = Grids.columns(c, b, bZero);
        return IntegerSums.product(left.numbers(), left.most(), right.numbers(), right.most());
    }

    /// The convolution of images and weights of integers less their zero points.
    private static Tensor convolved(Call c, int x, int xZero, int w, int wZero) {
        Grids images = Grids.of(c, x, xZero, zero -> zero);
        int rank = c.shape(w).rank();
        Grids weights = Grids.of(c, w, wZero, zero -> {
            int[] sizes = new int[rank];
            Arrays.fill(sizes, 1);
            sizes[0] = zero.size();
            return zero.reshape(sizes);
        });
        Tensor w0 = weights.numbers();
        Sliding s = Sliding.of(c, Layout.spatial(w0), Layout.spatial(images.numbers()));
        long terms = (long) w0.size() / Math.max(1, w0.dim(0));
        DType exact = IntegerSums.exact(terms, images.most(), weights.most());
        Tensor y = Convolutions.forward(
                Layout.channelsLast(images.numbers().cast(exact)),
                ContractionOperators.kernel(w0.cast(exact)),
                s,
                c.integer("group", 1));
        return Layout.channelsFirst(y).cast(DType.I32);
    }

    private static Value product(Call c) {
        Tensor y = sums(c, 0, 2, 3, 5);
        OnnxType type = c.type(1);
        Tensor both =
                Value.computed(type, Grids.perRow(c.tensor(1)).mul(c.tensor(4))).tensor();
        return requantized(c, y, Value.computed(type, both.div(c.tensor(6))).tensor(), 7);
    }

    private static Value convolution(Call c) {
        Tensor y = convolved(c, 0, 2, 3, 5);
        if (c.has(8)) {
            y = y.add(Layout.perChannel(c.tensor(8), y.rank()));
        }
        Tensor weights = c.tensor(4);
        Tensor scale = c.tensor(1).mul(weights.size() == 1 ? weights : Layout.perChannel(weights, y.rank()));
        return requantized(c, y, scale.div(c.tensor(6)), 7);
    }

    private static Value requantized(Call c, Tensor sums, Tensor scale, int zero) {
        OnnxType type = c.type(zero);
        Tensor scaled = sums.cast(scale.dtype()).mul(scale);
        if (SmallFloats.of(type) != null) {
            return Casts.to(Value.computed(OnnxType.of(scale.dtype()), scaled), type, c);
        }
        return Value.of(type, within(scaled.round().add(c.tensor(zero).cast(scale.dtype())), type));
    }

    private static Value dynamicProduct(Call c) {
        Dynamic d = Dynamic.of(c.tensor(0));
        Grids right = Grids.columns(c, 1, 3);
        Tensor y = IntegerSums.product(d.numbers().sub(d.zero()), 255, right.numbers(), right.most());
        return scaled(c, y, d.scale().mul(c.tensor(2)), 4);
    }

    private static Value floatProduct(Call c) {
        Tensor scale = Grids.perRow(c.tensor(2)).mul(c.tensor(3));
        return scaled(c, sums(c, 0, 4, 1, 5), scale, 6);
    }

    private static Value scaled(Call c, Tensor sums, Tensor scale, int bias) {
        Tensor y = sums.cast(scale.dtype()).mul(scale);
        return Value.of(c.has(bias) ? y.add(c.tensor(bias)) : y);
    }
}
