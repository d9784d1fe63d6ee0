package fathom.io;

import fathom.ir.Buffer;
import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// Named tensors in a file: the format in which most weights are published, that holds nothing
/// which could be executed.
///
/// A file is the length of the header (eight bytes, little-endian), the header in JSON, and the
/// elements of one tensor after the other, little-endian. Files written here can be read by the
/// reference implementation and the other way round, for the dtypes that [DType] has. Files are
/// read with suspicion: whatever the reference implementation refuses is refused here.
///
/// @param tensors by name; in the order of their bytes if read from a file
/// @param metadata free text by key
public record Safetensors(Map<String, Tensor> tensors, Map<String, String> metadata) {
    public Safetensors {
        tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
        metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    }

    /// The tensor of that name.
    ///
    /// @throws IllegalArgumentException if there is none
    public Tensor tensor(String name) {
        Tensor tensor = tensors.get(name);
        if (tensor == null) {
            throw new IllegalArgumentException("no tensor '" + name + "', expected one of " + tensors.keySet());
        }
        return tensor;
    }

    // ---- writing ----

    /// Writes tensors without metadata.
    ///
    /// @throws IllegalArgumentException if a name cannot be used
    /// @throws UncheckedIOException if the file cannot be written
    public static void write(Path file, Map<String, Tensor> tensors) {
        write(file, tensors, Map.of());
    }

    /// Writes tensors, computing them first if need be. At every moment, even after a crash, the
    /// file has either the old content or the whole new one.
    ///
    /// @throws IllegalArgumentException if a name cannot be used
    /// @throws UncheckedIOException if the file cannot be written
    public static void write(Path file, Map<String, Tensor> tensors, Map<String, String> metadata) {
        Tensor.evaluateAll(tensors.values().toArray(Tensor[]::new));
        SafetensorsHeader header;
        byte[] json;
        try {
            header = SafetensorsHeader.of(tensors, metadata);
            json = header.toBytes();
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": " + e.getMessage(), e);
        }
        AtomicFile.write(file, channel -> {
            ByteBuffer start = ByteBuffer.allocate(Long.BYTES + json.length);
            start.order(ByteOrder.LITTLE_ENDIAN).putLong(json.length).put(json).flip();
            AtomicFile.writeFully(channel, start);
            byte[] chunk = ElementBytes.newChunk();
            for (SafetensorsHeader.Entry e : header.entries()) {
                Tensor tensor = tensors.get(e.name());
                if (tensor != null) {
                    ElementBytes.forEachChunk(
                            tensor.buffer(),
                            chunk,
                            length -> AtomicFile.writeFully(channel, ByteBuffer.wrap(chunk, 0, length)));
                }
            }
        });
    }

    // ---- reading ----

    /// Reads a whole file.
    ///
    /// @throws IllegalArgumentException if it is not a sound safetensors file or has a dtype that
    ///   [DType] lacks; the message names the file, the tensor, what was found and expected
    /// @throws UncheckedIOException if the file cannot be read
    public static Safetensors read(Path file) {
        return Reading.mapped(file, bytes -> read(file.toString(), bytes));
    }

    private static Safetensors read(String file, MemorySegment bytes) {
        long size = bytes.byteSize();
        Require.that(size >= Long.BYTES, "%s: %s bytes, expected at least the 8 of the header's length", file, size);
        long length = bytes.get(layoutOfLength(), 0);
        int most = SafetensorsHeader.MOST_BYTES;
        String large = "%s: a header of %s bytes, expected at most %s: not a safetensors file, or damaged";
        Require.that(length >= 0 && length <= most, large, file, Long.toUnsignedString(length), most);
        long data = Long.BYTES + length;
        String truncated =
                "%s: a header of %s bytes, but only %s follow: the file is truncated or not a safetensors" + " file";
        Require.that(data <= size, truncated, file, length, size - Long.BYTES);
        SafetensorsHeader header = SafetensorsHeaderParser.parse(
                        file, bytes.asSlice(Long.BYTES, length).asByteBuffer())
                .checked(file, size - data);
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        for (SafetensorsHeader.Entry e : header.entries()) {
            Buffer elements = Buffer.allocate(e.dtype(), e.shape().size());
            ElementBytes.read(bytes, data + e.begin(), elements);
            ElementBytes.checkBooleans(file + ": tensor " + SafetensorsHeader.quoted(e.name()), elements);
            tensors.put(e.name(), Tensor.of(elements, e.shape()));
        }
        return new Safetensors(tensors, header.metadata());
    }

    private static ValueLayout.OfLong layoutOfLength() {
        return ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    }
}
