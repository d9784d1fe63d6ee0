package fathom.io;

import fathom.ir.Buffer;
import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// A safetensors file of which the header has been read and checked.
///
/// @param header of which the entries fill the file
/// @param data where the elements begin
record SafetensorsFile(
        Path path, SafetensorsHeader header, Map<String, SafetensorsHeader.Entry> entries, long data, long size)
        implements TensorFile {

    static SafetensorsFile open(Path file) {
        return Reading.mapped(file, bytes -> open(file, bytes));
    }

    static SafetensorsFile open(Path path, MemorySegment bytes) {
        String file = path.toString();
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
        Map<String, SafetensorsHeader.Entry> entries = new LinkedHashMap<>();
        header.entries().forEach(e -> entries.put(e.name(), e));
        return new SafetensorsFile(path, header, Collections.unmodifiableMap(entries), data, size);
    }

    private static ValueLayout.OfLong layoutOfLength() {
        return ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public String format() {
        return "safetensors";
    }

    @Override
    public Map<String, StoredTensor> tensors() {
        Map<String, StoredTensor> tensors = new LinkedHashMap<>();
        entries.forEach((name, e) ->
                tensors.put(name, new StoredTensor(name, e.shape(), e.dtype().name(), e.dtype(), e.end() - e.begin())));
        return Collections.unmodifiableMap(tensors);
    }

    @Override
    public Map<String, String> metadata() {
        return header.metadata();
    }

    @Override
    public Tensor read(String name) {
        SafetensorsHeader.Entry entry = Reading.named(path, name, entries);
        return Reading.mapped(path, bytes -> {
            Reading.checkUnchanged(path, bytes.byteSize(), size);
            return read(bytes, entry);
        });
    }

    Tensor read(MemorySegment bytes, SafetensorsHeader.Entry e) {
        Buffer elements = Buffer.allocate(e.dtype(), e.shape().size());
        ElementBytes.read(bytes, data + e.begin(), elements);
        ElementBytes.checkBooleans(path + ": tensor " + SafetensorsHeader.quoted(e.name()), elements);
        return Tensor.of(elements, e.shape());
    }
}
