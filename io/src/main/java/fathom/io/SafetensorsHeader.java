package fathom.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import fathom.ir.Require;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/// The header of a safetensors file: which tensors lie where.
///
/// @param entries the tensors in the order of their bytes
/// @param metadata free text
record SafetensorsHeader(List<Entry> entries, Map<String, String> metadata) {
    /// The reference implementation refuses larger ones.
    static final int MOST_BYTES = 100_000_000;

    static final String METADATA = "__metadata__";
    private static final int ALIGNMENT = 8;

    /// Wide elements first, so that every tensor is aligned, then by name: the order in which the
    /// reference implementation writes.
    private static final List<DType> ORDER =
            List.of(DType.I64, DType.F64, DType.F32, DType.I32, DType.BF16, DType.F16, DType.U8, DType.BOOL);

    /// Where a tensor's bytes lie, counted from the end of the header.
    record Entry(String name, DType dtype, Shape shape, long begin, long end) {}

    /// Lays tensors out.
    ///
    /// @throws IllegalArgumentException if a name cannot be used
    static SafetensorsHeader of(Collection<StoredTensor> tensors, Map<String, String> metadata) {
        List<StoredTensor> sorted = new ArrayList<>(tensors);
        sorted.sort(Comparator.comparingInt((StoredTensor t) -> ORDER.indexOf(t.dtype()))
                // By code points, as UTF-8 sorts: chars above U+FFFF differ.
                .thenComparing(t -> t.name().getBytes(StandardCharsets.UTF_8), Arrays::compareUnsigned));
        List<Entry> entries = new ArrayList<>();
        long offset = 0;
        for (StoredTensor t : sorted) {
            boolean reserved = t.name().equals(METADATA);
            Require.that(!reserved, "a tensor is named %s, expected another name: that is reserved", METADATA);
            long end = offset + (long) t.shape().size() * t.dtype().bytes();
            entries.add(new Entry(t.name(), t.dtype(), t.shape(), offset, end));
            offset = end;
        }
        return new SafetensorsHeader(entries, metadata);
    }

    /// The header's JSON, filled up with spaces to a multiple of eight bytes.
    ///
    /// @throws IllegalArgumentException if it is too large or a text is not valid Unicode
    byte[] toBytes() {
        ByteBuffer json;
        try {
            json = StandardCharsets.UTF_8.newEncoder().encode(CharBuffer.wrap(toJson()));
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(
                    "a name or metadata text has half of a surrogate pair, expected valid Unicode", e);
        }
        int length = Math.ceilDiv(json.remaining(), ALIGNMENT) * ALIGNMENT;
        String message = "names and metadata make a header of %s bytes, expected at most %s";
        Require.that(length <= MOST_BYTES, message, length, MOST_BYTES);
        byte[] padded = new byte[length];
        Arrays.fill(padded, (byte) ' ');
        json.get(padded, 0, json.remaining());
        return padded;
    }

    private String toJson() {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.writeStartObject();
            if (!metadata.isEmpty()) {
                json.writeFieldName(METADATA);
                json.writeStartObject();
                for (Map.Entry<String, String> m : metadata.entrySet()) {
                    json.writeStringField(m.getKey(), m.getValue());
                }
                json.writeEndObject();
            }
            for (Entry e : entries) {
                json.writeFieldName(e.name());
                json.writeStartObject();
                json.writeStringField("dtype", e.dtype().name());
                json.writeFieldName("shape");
                int[] dims = e.shape().dims();
                json.writeArray(dims, 0, dims.length);
                json.writeFieldName("data_offsets");
                json.writeArray(new long[] {e.begin(), e.end()}, 0, 2);
                json.writeEndObject();
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException("the header cannot be written: " + e.getMessage(), e);
        }
        return text.toString();
    }

    /// Checks that the tensors fill the data exactly, one after the other.
    ///
    /// @param file for errors
    /// @param available bytes after the header
    /// @return the same with the entries in the order of their bytes
    /// @throws IllegalArgumentException if there is an overlap, a hole or something missing
    SafetensorsHeader checked(String file, long available) {
        List<Entry> sorted = new ArrayList<>(entries);
        sorted.sort(Comparator.comparingLong(Entry::begin).thenComparingLong(Entry::end));
        long at = 0;
        for (Entry e : sorted) {
            String offsets = "data_offsets [" + e.begin() + ", " + e.end() + "]";
            if (e.begin() != at) {
                String what = e.begin() < at ? "overlap the tensor before" : "leave a hole";
                throw error(file, e.name(), "%s %s, expected to begin at %s".formatted(offsets, what, at));
            }
            if (e.end() > available) {
                throw error(
                        file,
                        e.name(),
                        offsets + ", but the file has only " + available + " bytes after the header: it is truncated");
            }
            at = e.end();
        }
        String message = "%s: %s bytes after the header, expected %s: the last %s belong to no tensor";
        Require.that(at == available, message, file, available, at, available - at);
        return new SafetensorsHeader(List.copyOf(sorted), metadata);
    }

    /// Checks what an entry says about itself.
    ///
    /// @throws IllegalArgumentException if its parts contradict each other or are beyond what a
    ///   tensor can be
    static Entry entry(String file, String name, String dtype, List<Long> sizes, List<Long> offsets) {
        DType type = dtype(file, name, dtype);
        long elements = 1;
        for (long size : sizes) {
            if (size < 0 || size > Integer.MAX_VALUE) {
                throw error(file, name, "shape " + sizes + ", expected sizes from 0 to 2147483647");
            }
            // At most 2^31 before, so this cannot overflow.
            elements = Math.min(elements * size, 1L << 31);
        }
        if (elements > Integer.MAX_VALUE) {
            throw error(file, name, "shape " + sizes + ", expected fewer than 2^31 elements in one tensor");
        }
        if (offsets.size() != 2 || offsets.get(0) < 0 || offsets.get(1) < offsets.get(0)) {
            throw error(file, name, "data_offsets " + offsets + ", expected [begin, end] with 0 <= begin <= end");
        }
        long bytes = offsets.get(1) - offsets.get(0);
        long expected = elements * type.bytes();
        if (bytes != expected) {
            throw error(
                    file,
                    name,
                    "data_offsets %s are %s bytes, expected %s for %s%s"
                            .formatted(offsets, bytes, expected, type, sizes));
        }
        Shape shape = Shape.of(sizes.stream().map(Long::intValue).toList());
        return new Entry(name, type, shape, offsets.get(0), offsets.get(1));
    }

    private static DType dtype(String file, String name, String dtype) {
        for (DType known : ORDER) {
            if (known.name().equals(dtype)) {
                return known;
            }
        }
        throw error(file, name, "dtype " + quoted(dtype) + ", expected one of " + ORDER);
    }

    static IllegalArgumentException error(String file, String tensor, String what) {
        return new IllegalArgumentException(file + ": tensor " + quoted(tensor) + ": " + what);
    }

    /// A text from a file as it can stand in a one-line message: short and without control
    /// characters.
    static String quoted(String text) {
        String shown = text.length() > 80 ? text.substring(0, 80) + "..." : text;
        return "'" + shown.replaceAll("\\p{Cntrl}", "?") + "'";
    }
}
