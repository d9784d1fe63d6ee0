package fathom.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.SplittableRandom;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A gigabyte is learnt from in a heap of a tenth of that.
@Tag("slow")
class StreamingTest {
    private static final long GIGABYTE = 1L << 30;
    private static final int NUMBERS = 128;
    private static final int HEAP_MEGABYTES = 96;

    /// Values are tenths of thousandths from -1 to 1, so that there is a list of their texts.
    private static final int SCALE = 10_000;

    @TempDir
    private Path folder;

    /// Draws a sample whose last number is the first minus twice the second, halved twice.
    private static void sample(SplittableRandom random, int[] into) {
        for (int i = 0; i < NUMBERS - 1; i++) {
            into[i] = random.nextInt(-SCALE, SCALE + 1);
        }
        into[NUMBERS - 1] = (into[0] - 2 * into[1]) / 4;
    }

    @Test
    void recordsOfAGigabyte() throws Exception {
        Path file = folder.resolve("samples.bin");
        long samples = GIGABYTE / (4 * NUMBERS);
        SplittableRandom random = new SplittableRandom(1);
        int[] sample = new int[NUMBERS];
        ByteBuffer bytes = ByteBuffer.allocate(4 * NUMBERS).order(ByteOrder.LITTLE_ENDIAN);
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20)) {
            for (long i = 0; i < samples; i++) {
                sample(random, sample);
                bytes.clear();
                Arrays.stream(sample).forEach(value -> bytes.putFloat((float) value / SCALE));
                out.write(bytes.array());
            }
        }
        assertThat(Files.size(file)).isEqualTo(GIGABYTE);
        train(file, samples);
    }

    @Test
    void linesOfAGigabyte() throws Exception {
        Path file = folder.resolve("samples.csv");
        byte[][] texts = IntStream.rangeClosed(-SCALE, SCALE)
                .mapToObj(i -> Double.toString((double) i / SCALE).getBytes(StandardCharsets.US_ASCII))
                .toArray(byte[][]::new);
        SplittableRandom random = new SplittableRandom(2);
        int[] sample = new int[NUMBERS];
        long samples = 0;
        long written = 0;
        try (OutputStream out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 20)) {
            for (int i = 0; i < NUMBERS - 1; i++) {
                out.write(("x" + i + ",").getBytes(StandardCharsets.US_ASCII));
            }
            out.write("y\n".getBytes(StandardCharsets.US_ASCII));
            while (written < GIGABYTE) {
                sample(random, sample);
                for (int i = 0; i < NUMBERS; i++) {
                    byte[] text = texts[sample[i] + SCALE];
                    out.write(text);
                    out.write(i == NUMBERS - 1 ? '\n' : ',');
                    written += text.length + 1;
                }
                samples++;
            }
        }
        assertThat(Files.size(file)).isGreaterThan(GIGABYTE);
        train(file, samples);
    }

    /// Trains in a virtual machine with a small heap, which must suffice.
    private void train(Path file, long samples) throws IOException, InterruptedException {
        Path output = folder.resolve("output.txt");
        String path = String.join(
                File.pathSeparator,
                "target/test-classes",
                System.getProperty("jdk.module.path", ""),
                System.getProperty("java.class.path"));
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx" + HEAP_MEGABYTES + "m",
                "-XX:+UseSerialGC",
                "--add-modules",
                "jdk.incubator.vector",
                "-cp",
                path,
                StreamedTraining.class.getName(),
                file.toString(),
                Integer.toString(NUMBERS)));
        int code = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(output.toFile())
                .start()
                .waitFor();
        String text = Files.readString(output);
        assertThat(code).as(text).isZero();
        String[] words = text.strip().lines().toList().getLast().split(" ");
        assertThat(Long.parseLong(words[0])).isEqualTo(samples);
        assertThat(Double.parseDouble(words[1])).as("mean squared error").isLessThan(1e-3);
        assertThat(Long.parseLong(words[2])).isLessThanOrEqualTo((long) HEAP_MEGABYTES << 20);
        Files.delete(file);
    }
}
