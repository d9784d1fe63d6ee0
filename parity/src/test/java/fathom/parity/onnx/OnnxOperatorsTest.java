package fathom.parity.onnx;

import fathom.io.onnx.format.OnnxType;
import fathom.tensor.DType;
import fathom.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Operators whose variants the conformance data of ONNX does not have, or that are newer than it.
class OnnxOperatorsTest extends DrawnTensors {
    private static final String[] LSTM = {"forward", "reverse", "bidirectional"};

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
