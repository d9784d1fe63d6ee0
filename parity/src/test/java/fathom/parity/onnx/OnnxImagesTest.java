package fathom.parity.onnx;

import fathom.io.onnx.format.OnnxType;
import fathom.tensor.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Operators on images and signals whose variants the conformance data of ONNX does not have, or that are
/// newer than it.
class OnnxImagesTest extends DrawnTensors {
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
}
