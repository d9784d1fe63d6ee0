package fathom.io;

import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;

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
        List<StoredTensor> stored = new ArrayList<>();
        tensors.forEach((name, tensor) -> stored.add(StoredTensor.of(name, tensor)));
        write(file, stored, name -> Objects.requireNonNull(tensors.get(name)), metadata);
    }

    /// Writes tensors that are made one after the other, so that not all of them need to be in memory.
    /// At every moment, even after a crash, the file has either the old content or the whole new one.
    ///
    /// @param tensors what is to be written
    /// @param elements gives the tensor of a name, of the dtype and the shape that were said
    /// @throws IllegalArgumentException if a name cannot be used, or a tensor is not what was said
    /// @throws UncheckedIOException if the file cannot be written
    public static void write(
            Path file, List<StoredTensor> tensors, Function<String, Tensor> elements, Map<String, String> metadata) {
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
                Tensor tensor = elements.apply(e.name());
                checkAsSaid(file, new StoredTensor(e.name(), e.shape(), e.dtype()), tensor);
                ElementBytes.forEachChunk(
                        tensor.buffer(),
                        chunk,
                        length -> AtomicFile.writeFully(channel, ByteBuffer.wrap(chunk, 0, length)));
            }
        });
    }

    static void checkAsSaid(Path file, StoredTensor said, Tensor tensor) {
        boolean fits = tensor.dtype() == said.dtype() && tensor.shape().equals(said.shape());
        String message = "%s: tensor %s is %s, said to be %s %s";
        String name = SafetensorsHeader.quoted(said.name());
        Require.that(fits, message, file, name, tensor.type(), said.dtype(), said.shape());
    }

    // ---- reading ----

    /// Reads a whole file.
    ///
    /// @throws IllegalArgumentException if it is not a sound safetensors file or has a dtype that
    ///   [DType] lacks; the message names the file, the tensor, what was found and expected
    /// @throws UncheckedIOException if the file cannot be read
    public static Safetensors read(Path file) {
        return Reading.mapped(file, bytes -> {
            SafetensorsFile opened = SafetensorsFile.open(file, bytes);
            Map<String, Tensor> tensors = new LinkedHashMap<>();
            opened.entries().forEach((name, entry) -> tensors.put(name, opened.read(bytes, entry)));
            return new Safetensors(tensors, opened.metadata());
        });
    }

    /// Reads and checks the header alone: each tensor is read when it is asked for.
    ///
    /// @throws IllegalArgumentException if it is not a sound safetensors file or has a dtype that
    ///   [DType] lacks; the message names the file, the tensor, what was found and expected
    /// @throws UncheckedIOException if the file cannot be read
    public static TensorFile open(Path file) {
        return SafetensorsFile.open(file);
    }
}
