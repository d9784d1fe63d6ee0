package fathom.testing;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;

/// Writes GGUF files as the specification says, sound ones and others. Gerganov and others: *GGUF*, in the
/// documentation of ggml.
public final class GgufBytes {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    /// Adds bytes.
    public GgufBytes bytes(byte... bytes) {
        out.writeBytes(bytes);
        return this;
    }

    /// Adds a number of four bytes.
    public GgufBytes u32(long value) {
        out.writeBytes(little(4).putInt((int) value).array());
        return this;
    }

    /// Adds a number of eight bytes.
    public GgufBytes u64(long value) {
        out.writeBytes(little(8).putLong(value).array());
        return this;
    }

    /// Adds numbers of four bytes.
    public GgufBytes f32(float... values) {
        for (float value : values) {
            u32(Float.floatToRawIntBits(value));
        }
        return this;
    }

    /// Adds a length and a text.
    public GgufBytes text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return u64(bytes.length).bytes(bytes);
    }

    /// The magic, the version and how much there is.
    public GgufBytes head(int version, long tensors, long values) {
        return bytes("GGUF".getBytes(StandardCharsets.US_ASCII))
                .u32(version)
                .u64(tensors)
                .u64(values);
    }

    /// A key and the type of the value that has to follow.
    public GgufBytes key(String key, int type) {
        return text(key).u32(type);
    }

    /// Where a tensor is.
    ///
    /// @param sizes the axis whose elements lie side by side first
    public GgufBytes tensor(String name, int type, long offset, long... sizes) {
        text(name).u32(sizes.length);
        for (long size : sizes) {
            u64(size);
        }
        return u32(type).u64(offset);
    }

    /// Zeros up to a multiple.
    public GgufBytes align(int alignment) {
        while (out.size() % alignment != 0) {
            out.write(0);
        }
        return this;
    }

    /// The file.
    public byte[] toBytes() {
        return out.toByteArray();
    }

    /// Adds a key and a list of texts.
    public GgufBytes texts(String key, List<String> texts) {
        key(key, 9).u32(8).u64(texts.size());
        texts.forEach(this::text);
        return this;
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
