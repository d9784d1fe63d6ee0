package fathom.io;

import fathom.ir.Require;
import fathom.tensor.Shape;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Reads the head of a GGUF file: values, and where the tensors lie. It may have been made to do harm, so each count
/// is compared with the bytes that are left before there is room made for so many.
final class GgufParser {
    static final String MAGIC = "GGUF";

    /// Nobody nests lists deeper, or has more items in them, but for harm; a vocabulary has some 10^5.
    private static final int MOST_DEPTH = 4;

    private static final int MOST_ITEMS = 1 << 24;
    private static final int MOST_AXES = 4;
    private static final int MOST_ALIGNMENT = 1 << 20;
    private static final int DEFAULT_ALIGNMENT = 32;

    /// Bytes that a value (a key of no letters, a type, a byte) and a tensor take at least.
    private static final int FEWEST_OF_VALUE = Long.BYTES + Integer.BYTES + 1;

    private static final int FEWEST_OF_TENSOR = Long.BYTES + Integer.BYTES + Integer.BYTES + Long.BYTES;

    private static final ValueLayout.OfShort SHORT =
            ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat FLOAT =
            ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfDouble DOUBLE =
            ValueLayout.JAVA_DOUBLE_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final String file;
    private final MemorySegment bytes;
    private long at;
    private int items;

    private GgufParser(String file, MemorySegment bytes) {
        this.file = file;
        this.bytes = bytes;
    }

    /// @throws IllegalArgumentException if it is not a sound GGUF file of version 2 or 3
    static Gguf parse(Path path, MemorySegment bytes) {
        return new GgufParser(path.toString(), bytes).file(path);
    }

    private Gguf file(Path path) {
        byte[] magic = new byte[MAGIC.length()];
        MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, take(MAGIC.length(), "GGUF"), magic, 0, magic.length);
        boolean known = new String(magic, StandardCharsets.ISO_8859_1).equals(MAGIC);
        Require.that(known, "%s: does not begin with GGUF", file);
        int version = getInt("the version");
        boolean isBig = version != 0 && (version & 0xffff) == 0;
        String order = isBig ? " (its bytes are in big-endian order)" : "";
        String versions = "%s: version %s%s, expected 2 or 3 in little-endian order";
        Require.that(version == 2 || version == 3, versions, file, Integer.toUnsignedString(version), order);
        long tensors = count("tensors", FEWEST_OF_TENSOR);
        long values = count("values", FEWEST_OF_VALUE);
        Map<String, Object> read = new LinkedHashMap<>();
        for (long i = 0; i < values; i++) {
            String key = string("a key");
            String where = "value " + SafetensorsHeader.quoted(key);
            Object value = value(where, getInt(where), 0);
            Require.that(read.put(key, value) == null, "%s: %s is there twice", file, where);
        }
        ModelConfiguration configuration = new ModelConfiguration(file, read);
        int alignment = configuration.integer("general.alignment", DEFAULT_ALIGNMENT);
        boolean fits = alignment > 0 && alignment <= MOST_ALIGNMENT && Integer.bitCount(alignment) == 1;
        Require.that(fits, "%s: general.alignment %s, expected a power of two", file, alignment);
        Map<String, Gguf.Place> places = new LinkedHashMap<>();
        for (long i = 0; i < tensors; i++) {
            Gguf.Place place = tensor(alignment);
            String name = place.tensor().name();
            if (places.put(name, place) != null) {
                throw SafetensorsHeader.error(file, name, "is there twice");
            }
        }
        // Without tensors there need be no data to align.
        long data = Math.ceilDiv(at, alignment) * (long) alignment;
        check(places.values(), bytes.byteSize() - data);
        return new Gguf(path, version, configuration, places, data, bytes.byteSize());
    }

    private Gguf.Place tensor(int alignment) {
        String name = string("a tensor's name");
        int axes = getInt("axes");
        if (axes < 0 || axes > MOST_AXES) {
            throw error(name, Integer.toUnsignedString(axes) + " axes, expected at most " + MOST_AXES);
        }
        int[] sizes = new int[axes];
        long elements = 1;
        // The axis whose elements lie side by side comes first.
        for (int axis = axes - 1; axis >= 0; axis--) {
            long size = getLong("sizes");
            if (size < 0 || size > Integer.MAX_VALUE || elements * size > Integer.MAX_VALUE) {
                throw error(
                        name,
                        "an axis of " + Long.toUnsignedString(size)
                                + ", expected fewer than 2^31 elements in one tensor");
            }
            elements *= size;
            sizes[axis] = (int) size;
        }
        int code = getInt("a type");
        GgufType type = GgufType.of(code)
                .orElseThrow(() -> error(
                        name,
                        "type " + Integer.toUnsignedString(code) + ", expected one of " + List.of(GgufType.values())));
        long width = axes == 0 ? 1 : sizes[axes - 1];
        if (width % type.block() != 0) {
            throw error(name, "rows of %s, expected a multiple of %s for %s".formatted(width, type.block(), type));
        }
        long offset = getLong("an offset");
        if (offset < 0 || offset % alignment != 0) {
            throw error(name, "offset " + Long.toUnsignedString(offset) + ", expected a multiple of " + alignment);
        }
        long length = elements / type.block() * type.bytes();
        StoredTensor tensor = new StoredTensor(name, Shape.of(sizes), type.name(), type.dtype(), length);
        return new Gguf.Place(tensor, type, offset);
    }

    /// That the tensors lie in the file and none above another.
    private void check(Iterable<Gguf.Place> places, long available) {
        List<Gguf.Place> sorted = new ArrayList<>();
        places.forEach(sorted::add);
        sorted.sort(Comparator.comparingLong(Gguf.Place::offset)
                .thenComparingLong(p -> p.tensor().bytes()));
        long end = 0;
        for (Gguf.Place place : sorted) {
            String name = place.tensor().name();
            if (place.offset() < end) {
                throw error(name, "begins at " + place.offset() + ", within the one before, which ends at " + end);
            }
            if (place.tensor().bytes() > available - place.offset()) {
                throw error(
                        name,
                        "%s bytes from %s on, but the file has only %s bytes of tensors: it is truncated"
                                .formatted(place.tensor().bytes(), place.offset(), Math.max(0, available)));
            }
            end = place.offset() + place.tensor().bytes();
        }
    }

    private IllegalArgumentException error(String tensor, String what) {
        return SafetensorsHeader.error(file, tensor, what);
    }

    // ---- values ----

    private Object value(String where, int type, int depth) {
        return switch (type) {
            case 0 -> (long) (bytes.get(ValueLayout.JAVA_BYTE, take(1, where)) & 0xff);
            case 1 -> (long) bytes.get(ValueLayout.JAVA_BYTE, take(1, where));
            case 2 -> (long) (bytes.get(SHORT, take(2, where)) & 0xffff);
            case 3 -> (long) bytes.get(SHORT, take(2, where));
            case 4 -> getInt(where) & 0xffffffffL;
            case 5 -> (long) getInt(where);
            case 6 -> (double) bytes.get(FLOAT, take(Float.BYTES, where));
            case 7 -> {
                byte flag = bytes.get(ValueLayout.JAVA_BYTE, take(1, where));
                Require.that(flag == 0 || flag == 1, "%s: %s: a flag of %s, expected 0 or 1", file, where, flag);
                yield flag == 1;
            }
            case 8 -> string(where);
            case 9 -> array(where, depth);
            case 10 -> {
                long number = getLong(where);
                Require.that(
                        number >= 0, "%s: %s: %s, expected below 2^63", file, where, Long.toUnsignedString(number));
                yield number;
            }
            case 11 -> getLong(where);
            case 12 -> bytes.get(DOUBLE, take(Double.BYTES, where));
            default ->
                throw new IllegalArgumentException("%s: %s is of type %s, expected 0 to 12"
                        .formatted(file, where, Integer.toUnsignedString(type)));
        };
    }

    private List<Object> array(String where, int depth) {
        Require.that(depth < MOST_DEPTH, "%s: %s: lists nested deeper than %s", file, where, MOST_DEPTH);
        int type = getInt(where);
        long length = count(where + ": items", 1);
        items = (int) Math.min(items + length, Integer.MAX_VALUE);
        Require.that(items <= MOST_ITEMS, "%s: %s: lists of more than %s items", file, where, MOST_ITEMS);
        List<Object> all = new ArrayList<>();
        for (long i = 0; i < length; i++) {
            all.add(value(where, type, depth + 1));
        }
        return List.copyOf(all);
    }

    private String string(String where) {
        long length = count("bytes of " + where, 1);
        Require.that(length <= SafetensorsHeader.MOST_BYTES, "%s: %s of %s bytes", file, where, length);
        byte[] text = new byte[(int) length];
        MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, take(length, where), text, 0, text.length);
        return new String(text, StandardCharsets.UTF_8);
    }

    /// How many of something follow.
    ///
    /// @param fewest bytes that each of them takes at least
    private long count(String what, int fewest) {
        long count = getLong(what);
        long left = bytes.byteSize() - at;
        boolean fits = count >= 0 && count <= left / fewest;
        String message = "%s: %s %s, but only %s bytes follow: the file is truncated or damaged";
        Require.that(fits, message, file, Long.toUnsignedString(count), what, left);
        return count;
    }

    private int getInt(String what) {
        return bytes.get(INT, take(Integer.BYTES, what));
    }

    private long getLong(String what) {
        return bytes.get(LONG, take(Long.BYTES, what));
    }

    /// Goes on by so many bytes, and returns where they begin.
    private long take(long count, String what) {
        long left = bytes.byteSize() - at;
        Require.that(count <= left, "%s: the file ends within %s", file, what);
        long from = at;
        at += count;
        return from;
    }
}
