package fathom.io;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.ir.Buffer;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Map;
import java.util.Random;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

class SafetensorsPropertyTest {
    @Property(tries = 100)
    void whatIsWrittenIsRead(
            @ForAll("tensors") Map<String, Tensor> tensors, @ForAll("texts") Map<String, String> metadata)
            throws IOException {
        Path folder = Files.createTempDirectory("safetensors");
        Path file = folder.resolve("any.safetensors");
        try {
            Safetensors.write(file, tensors, metadata);
            Safetensors content = Safetensors.read(file);
            assertThat(content.metadata()).isEqualTo(metadata);
            assertThat(content.tensors().keySet()).isEqualTo(tensors.keySet());
            tensors.forEach((name, tensor) -> SafetensorsTest.assertSame(content.tensor(name), tensor));
        } finally {
            Files.deleteIfExists(file);
            Files.delete(folder);
        }
    }

    /// Whatever byte is changed or wherever the file is cut: it is read or refused, and nothing
    /// else happens.
    @Property(tries = 150)
    void damageIsRefusedOrHarmless(@ForAll("tensors") Map<String, Tensor> tensors, @ForAll Random random)
            throws IOException {
        Path folder = Files.createTempDirectory("safetensors");
        Path file = folder.resolve("any.safetensors");
        try {
            Safetensors.write(file, tensors);
            byte[] bytes = Files.readAllBytes(file);
            if (random.nextBoolean()) {
                bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
            } else {
                bytes = Arrays.copyOf(bytes, random.nextInt(bytes.length));
            }
            Files.write(file, bytes);
            try {
                assertThat(Safetensors.read(file).tensors()).hasSizeLessThanOrEqualTo(tensors.size());
            } catch (IllegalArgumentException e) {
                assertThat(e).hasMessageStartingWith(file + ": ");
            }
        } finally {
            Files.deleteIfExists(file);
            Files.delete(folder);
        }
    }

    @Provide
    Arbitrary<Map<String, Tensor>> tensors() {
        return Arbitraries.maps(text().ofMinLength(1), tensor()).ofMaxSize(6);
    }

    @Provide
    Arbitrary<Map<String, String>> texts() {
        return Arbitraries.maps(text(), text()).ofMaxSize(4);
    }

    private static net.jqwik.api.arbitraries.StringArbitrary text() {
        return Arbitraries.strings()
                .withCharRange('\0', '\uD7FF')
                .withCharRange('\uE000', '\uFFFD')
                .ofMaxLength(12);
    }

    private static Arbitrary<Tensor> tensor() {
        Arbitrary<int[]> dims =
                Arbitraries.integers().between(0, 5).array(int[].class).ofMaxSize(4);
        return Combinators.combine(Arbitraries.of(DType.class), dims, Arbitraries.longs())
                .as(SafetensorsPropertyTest::random);
    }

    private static Tensor random(DType dtype, int[] dims, long seed) {
        Shape shape = Shape.of(dims);
        Buffer buffer = Buffer.allocate(dtype, shape.size());
        Random random = new Random(seed);
        for (int i = 0; i < buffer.size(); i++) {
            if (dtype.isInteger() || dtype == DType.BOOL) {
                buffer.setLong(i, dtype == DType.BOOL ? random.nextInt(2) : random.nextLong());
            } else {
                buffer.setDouble(i, random.nextGaussian() * 100);
            }
        }
        return Tensor.of(buffer, shape);
    }
}
