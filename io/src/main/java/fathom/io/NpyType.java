package fathom.io;

import fathom.ir.Buffer;
import fathom.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Map;

/// How NumPy stores an element: `<f4` and the like.
///
/// @param order of an element's bytes
/// @param kind a letter and the number of bytes
/// @param dtype what elements become; small integers that no dtype has become larger ones
record NpyType(ByteOrder order, String kind, DType dtype) {
    private static final Map<String, DType> KINDS = Map.ofEntries(
            Map.entry("f2", DType.F16),
            Map.entry("f4", DType.F32),
            Map.entry("f8", DType.F64),
            Map.entry("i1", DType.I32),
            Map.entry("i2", DType.I32),
            Map.entry("i4", DType.I32),
            Map.entry("i8", DType.I64),
            Map.entry("u1", DType.U8),
            Map.entry("u2", DType.I32),
            Map.entry("u4", DType.I64),
            Map.entry("b1", DType.BOOL));

    /// @param name of the file, for errors
    /// @param descr as the header has it: a text in quotes, or a list of fields
    static NpyType parse(String name, String descr) {
        boolean isText = descr.startsWith("'") || descr.startsWith("\"");
        String plain = isText ? descr.substring(1, descr.length() - 1) : descr;
        if (plain.contains("O")) {
            throw new IllegalArgumentException(name + ": type " + SafetensorsHeader.quoted(plain)
                    + " holds Python objects, which could run code; expected numbers");
        }
        DType dtype = plain.length() == 3 ? KINDS.get(plain.substring(1)) : null;
        char order = plain.isEmpty() ? ' ' : plain.charAt(0);
        boolean ordered = order == '<' || order == '>' || order == '|' && plain.endsWith("1");
        if (dtype == null || !ordered) {
            throw new IllegalArgumentException(name + ": type " + SafetensorsHeader.quoted(plain)
                    + ", expected < or > and one of f2, f4, f8, i1, i2, i4, i8, u1, u2, u4, b1");
        }
        return new NpyType(order == '>' ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN, plain.substring(1), dtype);
    }

    /// How elements of a dtype are written.
    ///
    /// @throws IllegalArgumentException if NumPy has no such type
    static NpyType of(DType dtype) {
        String kind = switch (dtype) {
            case F16 -> "f2";
            case F32 -> "f4";
            case F64 -> "f8";
            case I32 -> "i4";
            case I64 -> "i8";
            case U8 -> "u1";
            case BOOL -> "b1";
            case BF16 ->
                throw new IllegalArgumentException("dtype BF16, which NumPy does not have; cast the tensor to F32");
        };
        return new NpyType(ByteOrder.LITTLE_ENDIAN, kind, dtype);
    }

    String descr() {
        return (width() == 1 ? "|" : order == ByteOrder.LITTLE_ENDIAN ? "<" : ">") + kind;
    }

    /// Bytes of an element.
    int width() {
        return kind.charAt(1) - '0';
    }

    /// Fills a buffer with the elements that begin at an offset.
    void read(MemorySegment bytes, long offset, Buffer into) {
        switch (kind) {
            case "i1" -> fill(into, i -> bytes.get(ValueLayout.JAVA_BYTE, offset + i));
            case "i2" -> fill(into, i -> bytes.get(shorts(), offset + 2L * i));
            case "u2" -> fill(into, i -> bytes.get(shorts(), offset + 2L * i) & 0xffff);
            case "u4" -> fill(into, i -> bytes.get(ints(), offset + 4L * i) & 0xffffffffL);
            default -> ElementBytes.read(bytes, offset, into, order);
        }
    }

    private interface Element {
        long at(int index);
    }

    private static void fill(Buffer into, Element element) {
        for (int i = 0; i < into.size(); i++) {
            switch (into.array()) {
                case int[] all -> all[i] = (int) element.at(i);
                case long[] all -> all[i] = element.at(i);
                default -> throw new AssertionError(into.dtype());
            }
        }
    }

    private ValueLayout.OfShort shorts() {
        return ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(order);
    }

    private ValueLayout.OfInt ints() {
        return ValueLayout.JAVA_INT_UNALIGNED.withOrder(order);
    }
}
