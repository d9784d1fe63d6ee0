package fathom.io;

import fathom.ir.Require;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// What a NumPy file says of its elements: a Python dictionary in a fixed form.
///
/// @param type how elements are stored
/// @param isFortran whether the first axis is the one along which neighbours lie
/// @param shape the lengths of the axes
/// @param length how many bytes come before the elements
record NpyHeader(NpyType type, boolean isFortran, Shape shape, int length) {
    private static final byte[] MAGIC = {(byte) 0x93, 'N', 'U', 'M', 'P', 'Y'};
    private static final int VERSION_AT = MAGIC.length;
    private static final int LENGTH_AT = VERSION_AT + 2;

    /// What says how long the header is, with what comes before it.
    private static final int PREFIX = LENGTH_AT + Integer.BYTES;

    /// Only names of fields, which tensors do not have, need a longer dictionary.
    private static final int MOST_TEXT = 1 << 16;

    /// How many bytes come at most before the elements.
    static final int MOST_BYTES = PREFIX + MOST_TEXT;

    /// Elements begin at multiples of this.
    private static final int ALIGNMENT = 64;

    private static final Pattern ENTRY =
            Pattern.compile("\\s*['\"](\\w+)['\"]\\s*:\\s*('[^']*'|\"[^\"]*\"|True|False|\\([\\d,\\s]*\\)|\\[.*])\\s*");

    /// Where the header ends that these first bytes of a file begin.
    ///
    /// @param name of the file, for errors
    static int end(String name, ByteBuffer start) {
        boolean known = start.remaining() >= LENGTH_AT + Short.BYTES;
        for (int i = 0; known && i < MAGIC.length; i++) {
            known = start.get(start.position() + i) == MAGIC[i];
        }
        Require.that(known, "%s: does not begin as a NumPy file does, expected \\x93NUMPY", name);
        ByteBuffer bytes = start.slice().order(ByteOrder.LITTLE_ENDIAN);
        int version = bytes.get(VERSION_AT);
        Require.that(version >= 1 && version <= 3, "%s: version %s, expected 1 to 3", name, version);
        int lengthBytes = version == 1 ? Short.BYTES : Integer.BYTES;
        Require.that(bytes.limit() >= PREFIX, "%s: %s bytes, expected a header", name, bytes.limit());
        long length = version == 1 ? bytes.getShort(LENGTH_AT) & 0xffff : bytes.getInt(LENGTH_AT) & 0xffffffffL;
        Require.that(length <= MOST_TEXT, "%s: a header of %s bytes, expected at most %s", name, length, MOST_TEXT);
        return LENGTH_AT + lengthBytes + (int) length;
    }

    /// @param name of the file, for errors
    /// @param bytes at least up to [#end]
    /// @throws IllegalArgumentException if it is no sound header, or elements are of a type that has no place here
    static NpyHeader parse(String name, ByteBuffer bytes) {
        int end = end(name, bytes);
        String truncated = "%s: %s bytes, expected a header of %s: the file is truncated";
        Require.that(end <= bytes.remaining(), truncated, name, bytes.remaining(), end);
        boolean isFirst = bytes.get(bytes.position() + VERSION_AT) == 1;
        int from = LENGTH_AT + (isFirst ? Short.BYTES : Integer.BYTES);
        String text = StandardCharsets.UTF_8
                .decode(bytes.slice(bytes.position() + from, end - from))
                .toString()
                .strip();
        boolean braces = text.startsWith("{") && text.endsWith("}");
        Require.that(braces, "%s: header %s, expected a dictionary", name, SafetensorsHeader.quoted(text));
        String inside = text.substring(1, text.length() - 1);
        String descr = null;
        String order = null;
        String sizes = null;
        Matcher entry = ENTRY.matcher(inside);
        int at = 0;
        while (at < inside.length() && entry.region(at, inside.length()).lookingAt()) {
            String value = entry.group(2);
            switch (entry.group(1)) {
                case "descr" -> descr = value;
                case "fortran_order" -> order = value;
                case "shape" -> sizes = value;
                default ->
                    throw new IllegalArgumentException(
                            name + ": header with '" + entry.group(1) + "', expected descr, fortran_order and shape");
            }
            at = entry.end();
            if (at < inside.length() && inside.charAt(at) == ',') {
                at++;
            }
        }
        boolean whole = inside.substring(Math.min(at, inside.length())).isBlank()
                && descr != null
                && ("True".equals(order) || "False".equals(order))
                && sizes != null
                && sizes.startsWith("(");
        if (!whole || descr == null || sizes == null) {
            throw new IllegalArgumentException(name + ": header " + SafetensorsHeader.quoted(text)
                    + ", expected {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), } or the like");
        }
        return new NpyHeader(NpyType.parse(name, descr), "True".equals(order), shape(name, sizes), end);
    }

    private static Shape shape(String name, String tuple) {
        try {
            return Shape.of(Pattern.compile("[\\s,]+")
                    .splitAsStream(tuple.substring(1, tuple.length() - 1).strip())
                    .filter(size -> !size.isEmpty())
                    .map(Integer::valueOf)
                    .toList());
        } catch (IllegalArgumentException e) { // Of the numbers, or of the shape.
            throw new IllegalArgumentException(
                    name + ": shape " + SafetensorsHeader.quoted(tuple) + ", expected sizes of less than 2^31 elements",
                    e);
        }
    }

    /// The bytes of a header for elements in this order.
    static byte[] write(DType dtype, Shape shape) {
        String comma = shape.rank() == 1 ? "," : "";
        String sizes = shape.toList().stream().map(String::valueOf).collect(Collectors.joining(", ", "(", comma + ")"));
        String dictionary = String.format(
                Locale.ROOT,
                "{'descr': '%s', 'fortran_order': False, 'shape': %s, }",
                NpyType.of(dtype).descr(),
                sizes);
        int before = LENGTH_AT + Short.BYTES;
        int whole = Math.ceilDiv(before + dictionary.length() + 1, ALIGNMENT) * ALIGNMENT;
        byte[] text = (dictionary + " ".repeat(whole - before - dictionary.length() - 1) + "\n")
                .getBytes(StandardCharsets.US_ASCII);
        return ByteBuffer.allocate(whole)
                .order(ByteOrder.LITTLE_ENDIAN)
                .put(MAGIC)
                .put((byte) 1)
                .put((byte) 0)
                .putShort((short) text.length)
                .put(text)
                .array();
    }
}
