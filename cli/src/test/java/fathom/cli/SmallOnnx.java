package fathom.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// A small ONNX model, written field by field: pictures `[N, 3, 2, 2]` to the means of their channels,
/// and those times a matrix.
final class SmallOnnx {
    private static final int FLOAT = 1;

    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();

    private SmallOnnx() {}

    private static SmallOnnx message() {
        return new SmallOnnx();
    }

    private void varint(long value) {
        long left = value;
        while (left >= 128) {
            bytes.write((int) (left & 127 | 128));
            left >>>= 7;
        }
        bytes.write((int) left);
    }

    private SmallOnnx number(int field, long value) {
        varint(field << 3);
        varint(value);
        return this;
    }

    private SmallOnnx bytes(int field, byte[] content) {
        varint(field << 3 | 2);
        varint(content.length);
        bytes.writeBytes(content);
        return this;
    }

    private SmallOnnx text(int field, String text) {
        return bytes(field, text.getBytes(StandardCharsets.UTF_8));
    }

    private SmallOnnx inner(int field, SmallOnnx message) {
        return bytes(field, message.bytes.toByteArray());
    }

    private static SmallOnnx value(String name, Object... sizes) {
        SmallOnnx shape = message();
        for (Object size : sizes) {
            shape.inner(
                    1,
                    size instanceof Integer i
                            ? message().number(1, i)
                            : message().text(2, size.toString()));
        }
        SmallOnnx tensor = message().number(1, FLOAT).inner(2, shape);
        return message().text(1, name).inner(2, message().inner(1, tensor));
    }

    /// @param weight 6 numbers: `[3, 2]`
    static Path write(Path file, float... weight) {
        ByteBuffer raw = ByteBuffer.allocate(Float.BYTES * weight.length).order(ByteOrder.LITTLE_ENDIAN);
        for (float w : weight) {
            raw.putFloat(w);
        }
        SmallOnnx pool =
                message().text(1, "image").text(2, "pooled").text(3, "pool").text(4, "GlobalAveragePool");
        SmallOnnx flat = message().text(1, "pooled").text(2, "means").text(4, "Flatten");
        SmallOnnx product =
                message().text(1, "means").text(1, "weight").text(2, "scores").text(4, "MatMul");
        SmallOnnx initializer = message()
                .number(1, 3)
                .number(1, 2)
                .number(2, FLOAT)
                .text(8, "weight")
                .bytes(9, raw.array());
        SmallOnnx graph = message()
                .inner(1, pool)
                .inner(1, flat)
                .inner(1, product)
                .text(2, "small")
                .inner(5, initializer)
                .inner(11, value("image", "batch", 3, 2, 2))
                .inner(12, value("means", "batch", 3))
                .inner(12, value("scores", "batch", 2));
        SmallOnnx model = message()
                .number(1, 8)
                .text(2, "by hand")
                .inner(7, graph)
                .inner(8, message().text(1, "").number(2, 17));
        try {
            return Files.write(file, model.bytes.toByteArray());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
