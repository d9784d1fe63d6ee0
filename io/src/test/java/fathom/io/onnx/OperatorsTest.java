package fathom.io.onnx;

import static fathom.io.onnx.Graphs.run;
import static fathom.io.onnx.Graphs.typed;
import static fathom.io.onnx.Message.number;
import static fathom.io.onnx.Message.text;
import static fathom.io.onnx.Message.whole;
import static fathom.io.onnx.Message.wholes;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import fathom.autodiff.Gradients;
import fathom.io.onnx.format.OnnxType;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import fathom.tensor.Variable;
import java.util.List;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/// Operators and versions that the conformance data does not have, against values found by hand from
/// their specification.
class OperatorsTest {
    private static final Offset<Double> CLOSE = within(1e-6);

    private static final Tensor LINE = Tensor.of(-2, -0.5f, 0, 1, 3);

    private static Tensor longs(long... values) {
        return Tensor.of(values);
    }

    private static Tensor matrix(int rows, float... values) {
        return Tensor.of(values, rows, values.length / rows);
    }

    @Test
    void activations() {
        double third = Math.tanh(Math.log1p(Math.E)); // softplus(1) = ln(1 + e)
        assertThat(run(18, "Mish", List.of(LINE)).toDoubles()[3]).isCloseTo(third, CLOSE);
        double[] swish = run(24, "Swish", List.of(LINE), number("alpha", 2)).toDoubles();
        assertThat(swish[3]).isCloseTo(1 / (1 + Math.exp(-2)), CLOSE);
        assertThat(swish[0]).isCloseTo(-2 / (1 + Math.exp(4)), CLOSE);
        // 1 * P(z < 1) and its approximation, 0.5 (1 + tanh(0.79788 * 1.044715)).
        assertThat(run(20, "Gelu", List.of(LINE)).toDoubles()[3]).isCloseTo(0.8413447, CLOSE);
        assertThat(run(20, "Gelu", List.of(LINE), text("approximate", "tanh")).toDoubles()[3])
                .isCloseTo(0.8411920, CLOSE);
    }

    @ParameterizedTest
    @CsvSource({
        "Atan, 0.5, 0.4636476090008061",
        "Atan, -7, -1.4288992721907328",
        "Atan, 1e8, 1.5707963167948966",
        "Asin, 1, 1.5707963267948966",
        "Asin, -0.25, -0.25268025514207865",
        "Acos, -1, 3.141592653589793",
        "Acos, 0.999, 0.04472508716873397",
        "Asinh, -3, -1.8184464592320668",
        "Asinh, 1e-3, 9.999998333333409e-4",
        "Acosh, 2, 1.3169578969248166",
        "Atanh, 0.5, 0.5493061443340549"
    })
    void anglesInDoubles(String operator, double x, double expected) {
        Tensor y = run(13, operator, List.of(Tensor.of(new double[] {x})));
        assertThat(y.item()).isCloseTo(expected, within(1e-13 * Math.max(1, Math.abs(expected))));
    }

    @Test
    void bitsOfNarrowTypes() {
        Tensor a = Tensor.of(new int[] {0b1100, -1, -128});
        Tensor b = Tensor.of(new int[] {0b1010, 7, 1});
        List<OnnxType> bytes = List.of(OnnxType.INT8, OnnxType.INT8);
        assertThat(typed(18, "BitwiseAnd", 1, bytes, List.of(a, b)).getFirst().toInts())
                .containsExactly(0b1000, 7, 0);
        assertThat(typed(18, "BitwiseOr", 1, bytes, List.of(a, b)).getFirst().toInts())
                .containsExactly(0b1110, -1, -127);
        assertThat(typed(18, "BitwiseXor", 1, bytes, List.of(a, b)).getFirst().toInts())
                .containsExactly(0b0110, -8, -127);
        assertThat(typed(18, "BitwiseNot", 1, List.of(OnnxType.UINT16), List.of(b))
                        .getFirst()
                        .toInts())
                .containsExactly(65525, 65528, 65534);
        assertThat(typed(14, "Sub", 1, bytes, List.of(a, b)).getFirst().toInts())
                .as("-129 wraps")
                .containsExactly(2, -8, 127);
    }

    @Test
    void unsignedNumbersBeyondSigned() {
        List<OnnxType> type = List.of(OnnxType.UINT64, OnnxType.UINT64);
        List<Tensor> x = List.of(longs(-1, 5), longs(3, 7)); // 2^64 - 1
        assertThat(typed(13, "Max", 1, type, x).getFirst().toLongs()).containsExactly(-1, 7);
        assertThat(typed(13, "Less", 1, type, x).getFirst().toBooleans()).containsExactly(false, true);
        assertThat(typed(13, "Cast", 1, type.subList(0, 1), x.subList(0, 1), whole("to", 11))
                        .getFirst()
                        .toDoubles())
                .containsExactly(0x1p64, 5);
        assertThat(typed(13, "Add", 1, List.of(OnnxType.UINT32, OnnxType.UINT32), List.of(longs(4294967295L), longs(2)))
                        .getFirst()
                        .toLongs())
                .containsExactly(1);
    }

    @Test
    void castsToSmallFloats() {
        Tensor x = Tensor.of(0.3f, -17, 464, 465, 1e-3f, 0.0029f);
        assertThat(run(19, "Cast", List.of(x), whole("to", 17)).toDoubles())
                .containsExactly(0.3125, -16, 448, 448, 0x1p-9, 0x1p-9);
        assertThat(run(19, "Cast", List.of(x), whole("to", 17), whole("saturate", 0))
                        .toDoubles())
                .containsExactly(0.3125, -16, 448, Double.NaN, 0x1p-9, 0x1p-9);
        assertThat(run(19, "Cast", List.of(Tensor.of(1e6f, 0.3f)), whole("to", 19), whole("saturate", 0))
                        .toDoubles())
                .containsExactly(Double.POSITIVE_INFINITY, 0.3125);
        assertThat(run(23, "Cast", List.of(Tensor.of(0.2f, 2.5f, -5.1f, 100)), whole("to", 23))
                        .toDoubles())
                .containsExactly(0, 2, -6, 6);
        assertThat(run(21, "Cast", List.of(Tensor.of(-9, 7.9f, 3)), whole("to", 22))
                        .toInts())
                .containsExactly(-8, 7, 3);
    }

    @Test
    void castsToPowersOfTwo() {
        Tensor x = Tensor.of(1, 3, 2.9f, 0x1.8p-100f, Float.NaN, -1);
        double nan = Double.NaN;
        assertThat(run(24, "Cast", List.of(x), whole("to", 24)).toDoubles())
                .containsExactly(1, 4, 4, 0x1p-99, nan, nan);
        assertThat(run(24, "Cast", List.of(x), whole("to", 24), text("round_mode", "down"))
                        .toDoubles())
                .containsExactly(1, 2, 2, 0x1p-100, nan, nan);
        assertThat(run(24, "Cast", List.of(x), whole("to", 24), text("round_mode", "nearest"))
                        .toDoubles())
                .containsExactly(1, 4, 2, 0x1p-99, nan, nan);
    }

    @Test
    void reductionsTakeAxesAsInput() {
        Tensor x = matrix(2, 1, -2, 3, 4);
        assertThat(run(18, "ReduceL1", List.of(x, longs(1)), whole("keepdims", 0))
                        .toFloats())
                .containsExactly(3, 7);
        assertThat(run(18, "ReduceSumSquare", List.of(x, longs(0))).shape()).isEqualTo(Shape.of(1, 2));
        Tensor same = run(18, "ReduceSum", List.of(x, longs()), whole("noop_with_empty_axes", 1));
        assertThat(same.toFloats()).containsExactly(1, -2, 3, 4);
        assertThat(run(18, "ReduceSum", List.of(x, longs()), whole("keepdims", 0))
                        .item())
                .isEqualTo(6);
        Tensor flags = Tensor.of(new boolean[] {true, false, false, false}, 2, 2);
        assertThat(run(20, "ReduceMax", List.of(flags, longs(1)), whole("keepdims", 0))
                        .toBooleans())
                .containsExactly(true, false);
        assertThat(run(20, "ReduceMin", List.of(Tensor.zeros(2, 0), longs(1)), whole("keepdims", 0))
                        .toFloats())
                .containsExactly(Float.POSITIVE_INFINITY, Float.POSITIVE_INFINITY);
    }

    @Test
    void runningProducts() {
        Tensor x = Tensor.of(2, 3, 4, 5, 6);
        Tensor axis = Tensor.of(new long[] {0}, new int[0]);
        assertThat(run(26, "CumProd", List.of(x, axis)).toFloats()).containsExactly(2, 6, 24, 120, 720);
        assertThat(run(26, "CumProd", List.of(x, axis), whole("exclusive", 1)).toFloats())
                .containsExactly(1, 2, 6, 24, 120);
        assertThat(run(26, "CumProd", List.of(x, axis), whole("reverse", 1), whole("exclusive", 1))
                        .toFloats())
                .containsExactly(360, 120, 30, 6, 1);
    }

    @Test
    void bitsAsAnotherType() {
        Tensor floats = Tensor.of(1, -2.5f, -0.0f, Float.NEGATIVE_INFINITY, Float.NaN);
        int[] bits = {0x3F800000, 0xC0200000, 0x80000000, 0xFF800000, 0x7FC00000};
        assertThat(as(OnnxType.INT32, OnnxType.FLOAT, floats).toInts()).containsExactly(bits);
        assertThat(as(OnnxType.FLOAT, OnnxType.INT32, Tensor.of(bits)).toFloats())
                .containsExactly(floats.toFloats());
        assertThat(as(OnnxType.UINT32, OnnxType.FLOAT, floats).toDoubles())
                .containsExactly(0x3F800000L, 0xC0200000L, 0x80000000L, 0xFF800000L, 0x7FC00000L);
        assertThat(as(OnnxType.FLOAT, OnnxType.UINT32, longs(0xC0200000L)).toFloats())
                .containsExactly(-2.5f);
        Tensor doubles = as(OnnxType.DOUBLE, OnnxType.INT64, longs(0x3FF8000000000000L));
        assertThat(doubles.toDoubles()).containsExactly(1.5);
        assertThat(as(OnnxType.UINT8, OnnxType.INT8, Tensor.of(new int[] {-1, 5}))
                        .toDoubles())
                .containsExactly(255, 5);
        assertThat(as(OnnxType.INT64, OnnxType.UINT64, longs(-7)).toDoubles()).containsExactly(-7);
        assertThat(as(OnnxType.UINT8, OnnxType.BOOL, LINE.greater(0)).toDoubles())
                .containsExactly(0, 0, 0, 1, 1);
        assertThatThrownBy(() -> as(OnnxType.INT64, OnnxType.FLOAT, floats)).hasMessageContaining("of 32 bits");
    }

    /// Every pattern there and back.
    @ParameterizedTest
    @EnumSource(
            names = {
                "FLOAT16",
                "BFLOAT16",
                "FLOAT8E4M3FN",
                "FLOAT8E4M3FNUZ",
                "FLOAT8E5M2",
                "FLOAT8E5M2FNUZ",
                "FLOAT8E8M0"
            })
    void bitsOfNarrowFloats(OnnxType type) {
        OnnxType whole = type.bits() == 8 ? OnnxType.UINT8 : OnnxType.UINT16;
        int[] all = IntStream.range(0, 1 << type.bits()).toArray();
        Tensor patterns = Tensor.of(all).cast(whole.outside());
        Tensor values = as(type, whole, patterns);
        int[] back = as(whole, type, values).cast(DType.I32).toInts();
        double[] numbers = values.toDoubles();
        int numberless = 0;
        for (int i = 0; i < all.length; i++) {
            if (Double.isNaN(numbers[i])) {
                numberless++;
            } else {
                assertThat(back[i]).isEqualTo(i);
            }
        }
        assertThat(numberless).isPositive().isLessThan(all.length / 16);
    }

    /// What `BitCast` makes of elements of a type.
    private static Tensor as(OnnxType type, OnnxType from, Tensor x) {
        return typed(26, "BitCast", 1, List.of(from), List.of(x), whole("to", type.code()))
                .getFirst();
    }

    @Test
    void splitsIntoPartsOfWhichTheLastIsSmaller() {
        List<Tensor> parts = run(18, "Split", 3, List.of(LINE), whole("num_outputs", 3));
        assertThat(parts.stream().map(Tensor::size)).containsExactly(2, 2, 1);
        assertThat(parts.get(2).toFloats()).containsExactly(3);
    }

    @Test
    void paddingThatWrapsAroundSomeAxes() {
        Tensor x = matrix(2, 1, 2, 3, 4, 5, 6);
        Tensor y = run(19, "Pad", List.of(x, longs(2, 1), Tensor.scalar(0), longs(-1)), text("mode", "wrap"));
        assertThat(y.toFloats()).containsExactly(2, 3, 1, 2, 3, 1, 5, 6, 4, 5, 6, 4);
        Tensor cropped = run(19, "Pad", List.of(x, longs(0, -1, 0, 1), Tensor.scalar(9)));
        assertThat(cropped.toFloats()).containsExactly(2, 3, 9, 5, 6, 9);
    }

    @Test
    void scattersWithReductionsTakeAPlaceSeveralTimes() {
        Tensor x = Tensor.of(5, 5, 5);
        Tensor places = longs(1, 1, -1);
        Tensor updates = Tensor.of(7, 2, 3);
        List<Tensor> inputs = List.of(x, places, updates);
        assertThat(run(18, "ScatterElements", inputs, text("reduction", "max")).toFloats())
                .containsExactly(5, 7, 5);
        assertThat(run(18, "ScatterElements", inputs, text("reduction", "min")).toFloats())
                .containsExactly(5, 2, 3);
        assertThat(run(18, "ScatterElements", inputs, text("reduction", "mul")).toFloats())
                .containsExactly(5, 70, 15);
        assertThat(run(18, "ScatterElements", inputs, text("reduction", "add")).toFloats())
                .containsExactly(5, 14, 8);
        Tensor rows = run(
                18,
                "ScatterND",
                List.of(Tensor.zeros(3, 2), Tensor.of(new long[] {2, 0}, 2, 1), matrix(2, 1, 2, 3, 4)));
        assertThat(rows.toFloats()).containsExactly(3, 4, 0, 0, 1, 2);
    }

    @Test
    void aCacheIsFilledFromAPlaceOfEachSample() {
        Tensor cache = Tensor.zeros(2, 4, 1);
        Tensor update = Tensor.of(new float[] {1, 2, 3, 4}, 2, 2, 1);
        assertThat(run(24, "TensorScatter", List.of(cache, update, longs(0, 2)))
                        .reshape(2, 4)
                        .toFloats())
                .containsExactly(1, 2, 0, 0, 0, 0, 3, 4);
        assertThat(run(24, "TensorScatter", List.of(cache, update, longs(3, 2)), text("mode", "circular"))
                        .reshape(2, 4)
                        .toFloats())
                .containsExactly(2, 0, 0, 1, 0, 0, 3, 4);
    }

    @Test
    void poolsThatAreRoundedUpOrSpreadOut() {
        Tensor x = Tensor.of(new float[] {1, 2, 3, 4, 5}, 1, 1, 5);
        Message[] up = {wholes("kernel_shape", 2), wholes("strides", 2), whole("ceil_mode", 1)};
        assertThat(run(22, "AveragePool", List.of(x), up).toFloats()).containsExactly(1.5f, 3.5f, 5);
        assertThat(run(22, "MaxPool", List.of(x), up).toFloats()).containsExactly(2, 4, 5);
        // The window that would start in the padding is left out.
        Message[] padded = {wholes("kernel_shape", 1), wholes("strides", 2), wholes("pads", 0, 1), whole("ceil_mode", 1)
        };
        assertThat(run(22, "MaxPool", List.of(x), padded).toFloats()).containsExactly(1, 3, 5);
        Message[] apart = {wholes("kernel_shape", 2), wholes("dilations", 3)};
        assertThat(run(22, "AveragePool", List.of(x), apart).toFloats()).containsExactly(2.5f, 3.5f);
        Message[] norm = {wholes("kernel_shape", 2), wholes("strides", 3), whole("p", 1)};
        assertThat(run(18, "LpPool", List.of(x.neg()), norm).toFloats()).containsExactly(3, 9);
        assertThat(run(2, "GlobalLpPool", List.of(Tensor.of(new float[] {3, 4}, 1, 1, 2)))
                        .item())
                .isCloseTo(5, CLOSE);
    }

    @Test
    void placesOfMaximaInVolumes() {
        Tensor x = Tensor.arange(0, 24, 1).reshape(1, 1, 2, 3, 4);
        List<Tensor> y = run(12, "MaxPool", 2, List.of(x), wholes("kernel_shape", 2, 2, 2));
        assertThat(y.get(0).toFloats()).containsExactly(17, 18, 19, 21, 22, 23);
        assertThat(y.get(1).toLongs()).containsExactly(17, 18, 19, 21, 22, 23);
    }

    @Test
    void regionsOfInterest() {
        Tensor x = Tensor.arange(0, 16, 1).reshape(1, 1, 4, 4);
        Tensor y = run(1, "MaxRoiPool", List.of(x, matrix(1, 0, 0, 0, 3, 1)), wholes("pooled_shape", 1, 2));
        assertThat(y.toFloats()).containsExactly(5, 7);
    }

    @Test
    void convolutionsOfVolumesAreTheirSlicesSummed() {
        Tensor x = Tensor.arange(0, 8, 1).reshape(1, 1, 2, 2, 2);
        Tensor w = Tensor.arange(1, 9, 1).reshape(1, 1, 2, 2, 2);
        assertThat(run(11, "Conv", List.of(x, w)).item()).isEqualTo(168); // sum of i (i + 1)
        Tensor one = Tensor.ones(1, 1, 1, 1, 1);
        assertThat(run(11, "ConvTranspose", List.of(one, w)).toFloats()).containsExactly(1, 2, 3, 4, 5, 6, 7, 8);
        Tensor spread = run(
                11,
                "ConvTranspose",
                List.of(Tensor.of(new float[] {1, 10}, 1, 1, 2), Tensor.of(new float[] {1, 2}, 1, 1, 2)),
                wholes("strides", 3),
                wholes("output_padding", 1));
        assertThat(spread.toFloats()).containsExactly(1, 2, 0, 10, 20, 0);
    }

    @Test
    void normalisations() {
        Tensor x = Tensor.of(new float[] {1, 3, 5, 7}, 1, 4, 1);
        Tensor y = run(
                21,
                "GroupNormalization",
                List.of(x, Tensor.of(1, 2, 3, 4), Tensor.of(0, 0, 0, 1)),
                whole("num_groups", 2),
                number("epsilon", 0));
        assertThat(y.toFloats()).containsExactly(-1, 2, -3, 5);
        Tensor r = run(23, "RMSNormalization", List.of(Tensor.of(3, -4), Tensor.of(1, 2)), number("epsilon", 0));
        assertThat(r.toDoubles()[0]).isCloseTo(3 / Math.sqrt(12.5), CLOSE);
        assertThat(r.toDoubles()[1]).isCloseTo(-8 / Math.sqrt(12.5), CLOSE);
        assertThat(run(22, "LpNormalization", List.of(matrix(2, 3, 4, 0, 0)), whole("axis", 1))
                        .toFloats())
                .containsExactly(0.6f, 0.8f, 0, 0);
        assertThat(run(22, "LpNormalization", List.of(matrix(2, 3, -1, 0, 5)), whole("p", 1))
                        .toFloats())
                .containsExactly(0.75f, -0.25f, 0, 1);
    }

    @Test
    void determinantsWithExchangedRows() {
        Tensor x = Tensor.of(new double[] {0, 2, 1, 3, 0, 0, 0, 0, 5, 1, 2, 3, 2, 4, 6, 1, 0, 1}, 2, 3, 3);
        double[] y = run(11, "Det", List.of(x)).toDoubles();
        assertThat(y[0]).isEqualTo(-30);
        assertThat(y[1]).isZero();
    }

    @Test
    void sumsByLetters() {
        Tensor a = matrix(2, 1, 2, 3, 4);
        Tensor b = matrix(2, 5, 6, 7, 8);
        assertThat(run(12, "Einsum", List.of(a, b), text("equation", "ij, jk -> ki"))
                        .toFloats())
                .containsExactly(19, 43, 22, 50);
        assertThat(run(12, "Einsum", List.of(a, b), text("equation", "ij,ij")).item())
                .isEqualTo(70);
        assertThat(run(12, "Einsum", List.of(a), text("equation", "ii->i")).toFloats())
                .containsExactly(1, 4);
        assertThat(run(12, "Einsum", List.of(a, b), text("equation", "...i,...i->..."))
                        .toFloats())
                .containsExactly(17, 53);
        assertThat(run(12, "Einsum", List.of(a, b, b), text("equation", "ij,jk,kl->il"))
                        .toFloats())
                .containsExactly(19 * 5 + 22 * 7, 19 * 6 + 22 * 8, 43 * 5 + 50 * 7, 43 * 6 + 50 * 8);
        assertThat(run(
                                12,
                                "Einsum",
                                List.of(Tensor.of(new int[] {2, 3}), Tensor.of(new int[] {4, 5})),
                                text("equation", "i,j->ij"))
                        .toInts())
                .containsExactly(8, 10, 12, 15);
    }

    @Test
    void chanceWithASeedRepeatsItself() {
        Message[] wanted = {wholes("shape", 1000), number("seed", 3), number("mean", 5), number("scale", 2)};
        Tensor x = run(22, "RandomNormal", List.of(), wanted);
        assertThat(x.mean().item()).isCloseTo(5, within(0.3));
        assertThat(x.variance().sqrt().item()).isCloseTo(2, within(0.2));
        assertThat(run(22, "RandomNormal", List.of(), wanted).toFloats()).isEqualTo(x.toFloats());
        Tensor u = run(22, "RandomUniform", List.of(), wholes("shape", 1000), number("low", 2), number("high", 4));
        assertThat(u.min().item()).isBetween(2.0, 2.1);
        assertThat(u.max().item()).isBetween(3.9, 4.0);
        Tensor classes = run(
                22,
                "Multinomial",
                List.of(matrix(1, 0, (float) Math.log(3))),
                whole("sample_size", 2000),
                number("seed", 1));
        assertThat(classes.dtype()).isEqualTo(DType.I32);
        assertThat(classes.cast(DType.F32).mean().item()).isCloseTo(0.75, within(0.05));
        Tensor dropped = run(
                22,
                "Dropout",
                List.of(Tensor.ones(1000), Tensor.scalar(0.25), Tensor.of(new boolean[] {true}, new int[0])));
        assertThat(dropped.mean().item()).isCloseTo(1, within(0.1));
        assertThat(dropped.max().item()).isCloseTo(4.0 / 3, CLOSE);
    }

    @Test
    void whatIsImportedHasGradients() {
        Tensor x = Tensor.of(new float[] {1, 5, 2, 4}, 4);
        Tensor variable = Variable.of(x).value();
        Tensor best = run(11, "TopK", List.of(variable, longs(2)));
        assertThat(Gradients.of(best.sum(), variable).toFloats()).containsExactly(0, 1, 0, 1);
        Tensor kept = run(11, "Compress", List.of(variable, Tensor.of(new boolean[] {true, false, false, true})));
        assertThat(Gradients.of(kept.square().sum(), variable).toFloats()).containsExactly(2, 0, 0, 8);
    }
}
