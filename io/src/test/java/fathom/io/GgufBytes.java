package fathom.io;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/// Writes GGUF files as the specification says, sound ones and others. Gerganov and others: *GGUF*, in the
/// documentation of ggml.
final class GgufBytes {
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();

    GgufBytes bytes(byte... bytes) {
        out.writeBytes(bytes);
        return this;
    }

    GgufBytes u32(long value) {
        out.writeBytes(little(4).putInt((int) value).array());
        return this;
    }

    GgufBytes u64(long value) {
        out.writeBytes(little(8).putLong(value).array());
        return this;
    }

    GgufBytes f32(float... values) {
        for (float value : values) {
            u32(Float.floatToRawIntBits(value));
        }
        return this;
    }

    GgufBytes text(String text) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        return u64(bytes.length).bytes(bytes);
    }

    /// The magic, the version and how much there is.
    GgufBytes head(int version, long tensors, long values) {
        return bytes("GGUF".getBytes(StandardCharsets.US_ASCII))
                .u32(version)
                .u64(tensors)
                .u64(values);
    }

    /// A key and the type of the value that has to follow.
    GgufBytes key(String key, int type) {
        return text(key).u32(type);
    }

    /// Where a tensor is.
    ///
    /// @param sizes the axis whose elements lie side by side first
    GgufBytes tensor(String name, int type, long offset, long... sizes) {
        text(name).u32(sizes.length);
        for (long size : sizes) {
            u64(size);
        }
        return u32(type).u64(offset);
    }

    /// Zeros up to a multiple.
    GgufBytes align(int alignment) {
        while (out.size() % alignment != 0) {
            out.write(0);
        }
        return this;
    }

    byte[] toBytes() {
        return out.toByteArray();
    }

    private static ByteBuffer little(int bytes) {
        return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
    }
}
