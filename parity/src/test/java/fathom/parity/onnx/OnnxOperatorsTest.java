package fathom.parity.onnx;

import fathom.io.onnx.format.OnnxType;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Operators whose variants the conformance data of ONNX does not have, or that are newer than it.
class OnnxOperatorsTest {
    private static final double CLOSE = 1e-5;
    private static final String[] LSTM = {"forward", "reverse", "bidirectional"};

    private final Random random = new Random(7);

    private Tensor between(double low, double high, int... shape) {
        float[] all = new float[Shape.of(shape).size()];
        for (int i = 0; i < all.length; i++) {
            all[i] = (float) (low + (high - low) * random.nextDouble());
        }
        return Tensor.of(all, shape);
    }

    private Tensor random(int... shape) {
        return between(-1, 1, shape);
    }

    private static Tensor number(int value) {
        return Tensor.of(new int[] {value}, new int[0]);
    }

    private static Tensor longs(long... values) {
        return Tensor.of(values);
    }

    private static Tensor whole(long value) {
        return Tensor.of(new long[] {value}, new int[0]);
    }

    // ---- images ----

    @ParameterizedTest
    @ValueSource(strings = {"half_pixel", "half_pixel_symmetric", "pytorch_half_pixel", "align_corners", "asymmetric"})
    void resize(String transform) {
        for (String mode : new String[] {"nearest", "linear", "cubic"}) {
            for (int[] size : new int[][] {{7, 9}, {3, 2}, {10, 3}}) {
                SmallModel.of("Resize", 19)
                        .in(random(1, 2, 5, 6))
                        .none()
                        .none()
                        .constant(1L, 2L, size[0], size[1])
                        .out()
                        .with("mode", mode)
                        .with("coordinate_transformation_mode", transform)
                        .with("exclude_outside", mode.equals("cubic") ? 1 : 0)
                        .check(CLOSE);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"linear, 0", "linear, 1", "cubic, 0", "cubic, 1"})
    void smoothResize(String mode, int exclude) {
        for (long width : new long[] {2, 9}) {
            SmallModel.of("Resize", 18)
                    .in(random(1, 1, 8, 7))
                    .none()
                    .none()
                    .constant(3L, width)
                    .out()
                    .with("mode", mode)
                    .with("antialias", 1)
                    .with("exclude_outside", exclude)
                    .with("axes", new int[] {2, 3})
                    .check(CLOSE);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"})
    void nearestOfTwo(String rule) {
        SmallModel.of("Resize", 13)
                .in(random(1, 1, 5, 6))
                .none()
                .constant(1f, 1f, 1.6f, 0.7f)
                .out()
                .with("nearest_mode", rule)
                .check(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"not_larger", "not_smaller"})
    void resizeThatKeepsProportions(String policy) {
        SmallModel.of("Resize", 18)
                .in(random(1, 1, 5, 6))
                .none()
                .none()
                .constant(8L, 8L)
                .out()
                .with("axes", new int[] {2, 3})
                .with("keep_aspect_ratio_policy", policy)
                .with("mode", "linear")
                .check(CLOSE);
    }

    @Test
    void resizeOfARegionAndOlderForms() {
        SmallModel.of("Resize", 13)
                .in(random(1, 1, 5, 6))
                .constant(0f, 0f, .4f, .6f, 1f, 1f, .8f, 1.4f)
                .none()
                .constant(1L, 1L, 4L, 5L)
                .out()
                .with("coordinate_transformation_mode", "tf_crop_and_resize")
                .with("extrapolation_value", 7.5)
                .with("mode", "linear")
                .check(CLOSE);
        SmallModel.of("Resize", 10)
                .in(random(1, 1, 5, 6))
                .constant(1f, 1f, 2.3f, 1.5f)
                .out()
                .with("mode", "linear")
                .check(CLOSE);
        SmallModel.of("Upsample", 9)
                .in(random(1, 1, 5, 6))
                .constant(1f, 1f, 2.3f, 1.5f)
                .out()
                .check(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"zeros", "border", "reflection"})
    void gridSample(String padding) {
        for (String mode : new String[] {"nearest", "linear", "cubic"}) {
            for (int corners = 0; corners < 2; corners++) {
                SmallModel.of("GridSample", 20)
                        .in(random(2, 3, 4, 5))
                        .in(between(-1.6, 1.6, 2, 3, 6, 2))
                        .out()
                        .with("mode", mode)
                        .with("padding_mode", padding)
                        .with("align_corners", corners)
                        .check(CLOSE);
            }
        }
        SmallModel.of("GridSample", 20)
                .in(random(2, 3, 4, 5, 3))
                .in(between(-1.6, 1.6, 2, 3, 6, 2, 3))
                .out()
                .with("padding_mode", padding)
                .check(CLOSE);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void affineGrid(int corners) {
        SmallModel.of("AffineGrid", 20)
                .in(random(2, 2, 3))
                .constant(2L, 1L, 4L, 5L)
                .out()
                .with("align_corners", corners)
                .check(CLOSE);
        SmallModel.of("AffineGrid", 20)
                .in(random(2, 3, 4))
                .constant(2L, 1L, 4L, 5L, 3L)
                .out()
                .with("align_corners", corners)
                .check(CLOSE);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void deformableConvolution(int groups) {
        SmallModel.of("DeformConv", 19)
                .in(random(2, 4, 6, 5))
                .in(random(6, 4 / groups, 3, 2))
                .in(between(-2, 2, 2, 24, 3, 4))
                .in(random(6))
                .in(between(0, 1, 2, 12, 3, 4))
                .out()
                .with("group", groups)
                .with("offset_group", 2)
                .with("strides", new int[] {2, 1})
                .with("pads", new int[] {1, 0, 1, 0})
                .with("kernel_shape", new int[] {3, 2})
                .check(CLOSE);
    }

    @ParameterizedTest
    @CsvSource({"half_pixel, avg, 0", "half_pixel, max, 2", "output_half_pixel, avg, 2", "output_half_pixel, max, 0"})
    void regions(String transform, String mode, int ratio) {
        float[] corners = {1, 2, 8, 7, 0, 0, 3, 4, -2, 5, 20, 9};
        SmallModel.of("RoiAlign", 16)
                .in(random(2, 3, 10, 12))
                .in(Tensor.of(corners, 3, 4))
                .in(longs(0, 1, 1))
                .out()
                .with("mode", mode)
                .with("coordinate_transformation_mode", transform)
                .with("sampling_ratio", ratio)
                .with("output_height", 3)
                .with("output_width", 2)
                .with("spatial_scale", 0.7)
                .check(CLOSE);
    }

    @Test
    void greatestOfRegions() {
        float[] regions = {0, 1, 2, 8, 7, 1, 0, 0, 3, 4, 1, -2, 5, 20, 9};
        SmallModel.of("MaxRoiPool", 1)
                .in(random(2, 3, 10, 12))
                .in(Tensor.of(regions, 3, 5))
                .out()
                .with("pooled_shape", new int[] {3, 2})
                .with("spatial_scale", 0.7)
                .check(0);
    }

    @Test
    void croppedPaddedAndPutBack() {
        SmallModel.of("CenterCropPad", 18)
                .in(random(7, 4, 3))
                .constant(4L, 7L)
                .out()
                .with("axes", new int[] {0, 1})
                .check(0);
        SmallModel.of("CenterCropPad", 18)
                .in(random(8, 5))
                .constant(5L, 8L)
                .out()
                .check(0);
        SmallModel.of("Col2Im", 18)
                .in(random(2, 12, 20))
                .constant(6L, 6L)
                .constant(2L, 3L)
                .out()
                .check(CLOSE);
        SmallModel.of("Col2Im", 18)
                .in(random(1, 4, 36))
                .constant(5L, 7L)
                .constant(2L, 2L)
                .out()
                .with("dilations", new int[] {1, 3})
                .with("pads", new int[] {1, 1, 1, 1})
                .check(CLOSE);
    }

    // ---- signals ----

    /// ONNX Runtime loses digits where the length is no power of two.
    @ParameterizedTest
    @ValueSource(ints = {5, 12, 128})
    void fourierTransform(int n) {
        for (int parts = 1; parts <= 2; parts++) {
            for (int inverse = 0; inverse < 2; inverse++) {
                SmallModel.of("DFT", 20)
                        .in(random(2, n, parts))
                        .out()
                        .with("inverse", inverse)
                        .check(1e-3);
            }
        }
        SmallModel.of("DFT", 20)
                .in(random(2, n, 1))
                .constant(OnnxType.INT64, whole(n + 3))
                .out()
                .with("onesided", 1)
                .check(1e-3);
        SmallModel.of("DFT", 20)
                .in(random(2, n, 2))
                .out()
                .with("onesided", 1)
                .with("inverse", 1)
                .check(1e-3);
        SmallModel.of("DFT", 17).in(random(2, n, 3, 2)).out().with("axis", 1).check(1e-3);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void shortTimeTransformAndWindows(int flag) {
        SmallModel.of("STFT", 17)
                .in(random(2, 128, 1))
                .constant(OnnxType.INT64, whole(8))
                .in(between(0, 1, 16))
                .none()
                .out()
                .with("onesided", flag)
                .check(1e-4);
        for (String window : new String[] {"HannWindow", "HammingWindow", "BlackmanWindow"}) {
            SmallModel.of(window, 17)
                    .constant(OnnxType.INT64, whole(11))
                    .out()
                    .with("periodic", flag)
                    .check(CLOSE);
        }
    }

    @Test
    void melScale() {
        SmallModel.of("MelWeightMatrix", 17)
                .constant(OnnxType.INT64, whole(20))
                .constant(OnnxType.INT64, whole(256))
                .constant(OnnxType.INT64, whole(16_000))
                .constant(OnnxType.FLOAT, Tensor.scalar(20))
                .constant(OnnxType.FLOAT, Tensor.scalar(7600))
                .out()
                .check(CLOSE);
    }

    // ---- recurrent ----

    @ParameterizedTest
    @CsvSource({"LSTM, 4, 14", "GRU, 3, 14", "RNN, 1, 14"})
    void recurrent(String operator, int gates, int opset) {
        int h = 6;
        boolean cell = operator.equals("LSTM");
        for (int variant = 0; variant < 6; variant++) {
            String direction = LSTM[variant % 3];
            int d = variant % 3 == 2 ? 2 : 1;
            SmallModel m = SmallModel.of(operator, opset)
                    .in(random(5, 3, 4))
                    .in(random(d, gates * h, 4))
                    .in(random(d, gates * h, h))
                    .in(random(d, 2 * gates * h))
                    .in(variant < 3 ? Tensor.of(new int[] {5, 2, 3}) : Tensor.of(new int[] {5, 5, 5}))
                    .in(random(d, 3, h));
            if (cell) {
                m.in(random(d, 3, h)).in(random(d, 3 * h)).with("input_forget", variant % 2);
            }
            if (operator.equals("GRU")) {
                m.with("linear_before_reset", variant % 2);
            }
            if (variant == 4) {
                m.with("clip", 0.3);
            }
            m.out(OnnxType.FLOAT, cell ? 3 : 2)
                    .with("hidden_size", h)
                    .with("direction", direction)
                    .check(CLOSE);
        }
    }

    @Test
    void otherActivations() {
        SmallModel.of("GRU", 14)
                .in(random(5, 3, 4))
                .in(random(1, 18, 4))
                .in(random(1, 18, 6))
                .out(OnnxType.FLOAT, 2)
                .with("hidden_size", 6)
                .with("activations", new String[] {"HardSigmoid", "ScaledTanh"})
                .with("activation_alpha", new double[] {.3, .7})
                .with("activation_beta", new double[] {.4, .6})
                .check(CLOSE);
        SmallModel.of("RNN", 14)
                .in(random(5, 3, 4))
                .in(random(2, 6, 4))
                .in(random(2, 6, 6))
                .out(OnnxType.FLOAT, 2)
                .with("hidden_size", 6)
                .with("direction", "bidirectional")
                .with("activations", new String[] {"LeakyRelu", "Softsign"})
                .with("activation_alpha", new double[] {.3})
                .check(CLOSE);
    }

    // ---- quantised ----

    @ParameterizedTest
    @ValueSource(strings = {"UINT8", "INT8", "INT16"})
    void quantise(OnnxType type) {
        Tensor zero = number(3);
        SmallModel.of("QuantizeLinear", 21)
                .in(between(-40, 40, 3, 8))
                .constant(OnnxType.FLOAT, Tensor.scalar(.13))
                .constant(type, zero)
                .out(type, 1)
                .check(0);
        SmallModel.of("QuantizeLinear", 21)
                .in(between(-40, 40, 3, 8, 2))
                .constant(OnnxType.FLOAT, between(.1, .3, 8))
                .constant(type, Tensor.arange(8))
                .out(type, 1)
                .check(0);
        SmallModel.of("QuantizeLinear", 21)
                .in(between(-40, 40, 3, 8, 2))
                .constant(OnnxType.FLOAT, between(.1, .3, 3, 3, 2))
                .constant(type, Tensor.arange(18).reshape(3, 3, 2))
                .out(type, 1)
                .with("block_size", 3)
                .check(0);
        SmallModel.of("DequantizeLinear", 21)
                .constant(type, between(0, 100, 3, 8).cast(DType.I32))
                .constant(OnnxType.FLOAT, between(.1, .3, 3, 2))
                .constant(type, Tensor.arange(6).reshape(3, 2))
                .out()
                .with("axis", -1)
                .with("block_size", 4)
                .check(CLOSE);
    }

    @Test
    void productsOfIntegers() {
        Tensor numbers = between(0, 255, 5, 1600).cast(DType.U8);
        SmallModel.of("MatMulInteger", 10)
                .in(numbers)
                .constant(OnnxType.INT8, between(-128, 127, 1600, 7).cast(DType.I32))
                .out(OnnxType.INT32, 1)
                .check(0);
        SmallModel.of("MatMulInteger", 10)
                .in(numbers)
                .in(between(0, 255, 1600, 7).cast(DType.U8))
                .in(number(7).cast(DType.U8))
                .in(Tensor.of(new byte[] {7, 3, 1, 5, (byte) 200, 9, 0}))
                .out(OnnxType.INT32, 1)
                .check(0);
        SmallModel.of("ConvInteger", 10)
                .in(between(0, 255, 2, 4, 9, 8).cast(DType.U8))
                .constant(OnnxType.UINT8, between(0, 255, 6, 4, 3, 3).cast(DType.I32))
                .constant(OnnxType.UINT8, number(100))
                .constant(OnnxType.UINT8, number(17))
                .out(OnnxType.INT32, 1)
                .with("pads", new int[] {1, 1, 1, 1})
                .check(0);
    }

    @Test
    void productsThatStayOnAGrid() {
        SmallModel.of("QLinearMatMul", 10)
                .in(between(0, 255, 2, 5, 30).cast(DType.U8))
                .constant(OnnxType.FLOAT, Tensor.scalar(.02))
                .constant(OnnxType.UINT8, number(100))
                .in(between(0, 255, 2, 30, 7).cast(DType.U8))
                .constant(OnnxType.FLOAT, Tensor.scalar(.03))
                .constant(OnnxType.UINT8, number(120))
                .constant(OnnxType.FLOAT, Tensor.scalar(.2))
                .constant(OnnxType.UINT8, number(110))
                .out(OnnxType.UINT8, 1)
                .check(0);
        SmallModel.of("QLinearConv", 10)
                .in(between(0, 255, 2, 4, 9, 8).cast(DType.U8))
                .constant(OnnxType.FLOAT, Tensor.scalar(.02))
                .constant(OnnxType.UINT8, number(100))
                .constant(OnnxType.INT8, between(-128, 127, 6, 2, 3, 3).cast(DType.I32))
                .constant(OnnxType.FLOAT, between(.01, .03, 6))
                .constant(OnnxType.INT8, Tensor.arange(6).mul(0))
                .constant(OnnxType.FLOAT, Tensor.scalar(.2))
                .constant(OnnxType.UINT8, number(110))
                .constant(OnnxType.INT32, between(-1000, 1000, 6).cast(DType.I32))
                .out(OnnxType.UINT8, 1)
                .with("group", 2)
                .with("pads", new int[] {1, 1, 1, 1})
                .with("strides", new int[] {2, 1})
                .check(0);
    }

    @Test
    void productsOfIntegersAsNumbers() {
        Tensor weights = between(0, 255, 30, 7).cast(DType.I32);
        SmallModel.microsoft("DynamicQuantizeMatMul")
                .in(between(-1, 2, 2, 5, 30))
                .constant(OnnxType.UINT8, weights)
                .constant(OnnxType.FLOAT, between(.01, .03, 7))
                .constant(OnnxType.UINT8, Tensor.of(new int[] {1, 20, 130, 255, 128, 5, 99}))
                .constant(OnnxType.FLOAT, random(7))
                .out()
                .check(1e-4);
        SmallModel.microsoft("MatMulIntegerToFloat")
                .in(between(0, 255, 2, 5, 30).cast(DType.U8))
                .constant(OnnxType.UINT8, weights)
                .constant(OnnxType.FLOAT, Tensor.scalar(.02))
                .constant(OnnxType.FLOAT, Tensor.scalar(.03))
                .constant(OnnxType.UINT8, number(100))
                .constant(OnnxType.UINT8, number(120))
                .constant(OnnxType.FLOAT, random(7))
                .out()
                .check(1e-4);
    }

    // ---- transformers ----

    @ParameterizedTest
    @ValueSource(ints = {23, 24})
    void attention(int opset) {
        int past = 3;
        for (int mode = 0; mode < 4; mode++) {
            SmallModel.of("Attention", opset)
                    .in(random(2, 5, 24))
                    .in(random(2, 7, 12))
                    .in(random(2, 7, 12))
                    .in(random(5, 7))
                    .out()
                    .noOut()
                    .noOut()
                    .out()
                    .with("q_num_heads", 4)
                    .with("kv_num_heads", 2)
                    .with("softcap", 0.5)
                    .with("qk_matmul_output_mode", mode)
                    .check(CLOSE);
        }
        SmallModel.of("Attention", opset)
                .in(random(2, 4, 5, 6))
                .in(random(2, 2, 7, 6))
                .in(random(2, 2, 7, 6))
                .in(random(2, 1, 5, 7 + past).greater(-.5))
                .in(random(2, 2, past, 6))
                .in(random(2, 2, past, 6))
                .out(OnnxType.FLOAT, 3)
                .with("is_causal", 1)
                .with("scale", 0.3)
                .check(CLOSE);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void attentionOverWhatIsFilled(int causal) {
        SmallModel.of("Attention", 24)
                .in(random(2, 4, 3, 6))
                .in(random(2, 4, 7, 6))
                .in(random(2, 4, 7, 6))
                .none()
                .none()
                .none()
                .in(longs(5, 7))
                .out()
                .with("is_causal", causal)
                .check(CLOSE);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "0, 4", "1, 0", "1, 4"})
    void rotaryPositions(int interleaved, int turning) {
        int half = turning == 0 ? 4 : turning / 2;
        Tensor places = Tensor.of(new long[] {0, 1, 2, 3, 4, 9, 8, 7, 6, 5}, 2, 5);
        SmallModel.of("RotaryEmbedding", 23)
                .in(random(2, 3, 5, 8))
                .in(random(10, half))
                .in(random(10, half))
                .in(places)
                .out()
                .with("interleaved", interleaved)
                .with("rotary_embedding_dim", turning)
                .check(CLOSE);
        SmallModel.of("RotaryEmbedding", 23)
                .in(random(2, 5, 24))
                .in(random(2, 5, half))
                .in(random(2, 5, half))
                .out()
                .with("interleaved", interleaved)
                .with("rotary_embedding_dim", turning)
                .with("num_heads", 3)
                .check(CLOSE);
        SmallModel.microsoft("RotaryEmbedding")
                .in(random(2, 5, 24))
                .in(longs(2))
                .in(random(10, 4))
                .in(random(10, 4))
                .out()
                .with("interleaved", interleaved)
                .check(CLOSE);
    }

    @Test
    void normalisations() {
        Tensor x = random(2, 6, 8);
        SmallModel.of("RMSNormalization", 23)
                .in(x)
                .in(random(6, 8))
                .out()
                .with("axis", 1)
                .check(CLOSE);
        SmallModel.of("GroupNormalization", 21)
                .in(random(2, 6, 4, 3))
                .in(random(6))
                .in(random(6))
                .out()
                .with("num_groups", 3)
                .check(CLOSE);
        SmallModel.of("SimplifiedLayerNormalization", 17)
                .in(x)
                .in(random(8))
                .out()
                .check(CLOSE);
        SmallModel.microsoft("SkipLayerNormalization")
                .in(x)
                .in(random(2, 6, 8))
                .in(random(8))
                .in(random(8))
                .in(random(8))
                .out()
                .noOut()
                .noOut()
                .out()
                .check(CLOSE);
        SmallModel.microsoft("SkipSimplifiedLayerNormalization")
                .in(x)
                .in(random(2, 6, 8))
                .in(random(8))
                .in(random(8))
                .out()
                .noOut()
                .noOut()
                .out()
                .check(CLOSE);
    }

    @Test
    void activations() {
        Tensor x = between(-3, 3, 2, 6);
        SmallModel.of("Gelu", 20).in(x).out().with("approximate", "tanh").check(CLOSE);
        SmallModel.of("Swish", 24).in(x).out().with("alpha", 1.5).check(CLOSE);
        SmallModel.microsoft("Gelu").in(x).out().check(CLOSE);
        SmallModel.microsoft("FastGelu").in(x).in(random(6)).out().check(CLOSE);
        SmallModel.microsoft("BiasGelu").in(x).in(random(6)).out().check(CLOSE);
    }
}
