package fathom.io;

import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// A file of NumPy's, `*.npy` or `*.npz`, of which the headers have been read.
///
/// @param isZip whether it is the one for several arrays
record NumPyTensors(Path path, boolean isZip, Map<String, StoredTensor> tensors) implements TensorFile {
    /// What the array in a `*.npy` file is called, which has no name there.
    private static final String ARRAY = "array";

    static NumPyTensors openArray(Path file) {
        return Reading.mapped(file, bytes -> {
            String name = file.toString();
            NpyHeader header = NpyHeader.parse(name, start(bytes));
            long expected = header.length() + bytes(header);
            boolean whole = bytes.byteSize() == expected;
            Require.that(whole, "%s: %s bytes, expected %s: the file is damaged", name, bytes.byteSize(), expected);
            return new NumPyTensors(file, false, Map.of(ARRAY, stored(ARRAY, header)));
        });
    }

    static NumPyTensors openZip(Path file) {
        Map<String, StoredTensor> tensors = new LinkedHashMap<>();
        Npz.forEach(file, (name, where, in) -> {
            byte[] start = in.readNBytes(NpyHeader.MOST_BYTES);
            StoredTensor tensor = stored(name, NpyHeader.parse(where, ByteBuffer.wrap(start)));
            Require.that(tensors.put(name, tensor) == null, "%s: there twice", where);
        });
        return new NumPyTensors(file, true, Collections.unmodifiableMap(tensors));
    }

    private static ByteBuffer start(MemorySegment bytes) {
        return bytes.asSlice(0, Math.min(bytes.byteSize(), NpyHeader.MOST_BYTES))
                .asByteBuffer();
    }

    private static long bytes(NpyHeader header) {
        return (long) header.shape().size() * header.type().width();
    }

    private static StoredTensor stored(String name, NpyHeader header) {
        return new StoredTensor(
                name, header.shape(), header.type().descr(), header.type().dtype(), bytes(header));
    }

    @Override
    public String format() {
        return isZip ? "npz" : "npy";
    }

    @Override
    public Map<String, String> metadata() {
        return Map.of();
    }

    @Override
    public Tensor read(String name) {
        Reading.named(path, name, tensors);
        return isZip ? Npz.read(path, name) : Npy.read(path);
    }

    @Override
    public Map<String, Tensor> readAll() {
        return isZip ? Npz.read(path) : TensorFile.super.readAll();
    }
}
