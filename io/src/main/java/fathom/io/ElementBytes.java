package fathom.io;

import fathom.ir.Buffer;
import fathom.ir.Require;
import fathom.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;

/// Turns elements into little-endian bytes and back.
final class ElementBytes {
    private static final int CHUNK = 1 << 20;

    private ElementBytes() {}

    /// Uses the first bytes of a chunk.
    interface Use<E extends Exception> {
        void accept(int length) throws E;
    }

    static byte[] newChunk() {
        return new byte[CHUNK];
    }

    /// Fills the chunk with the elements' bytes, as often as it takes, and has it used each time.
    static <E extends Exception> void forEachChunk(Buffer elements, byte[] chunk, Use<E> use) throws E {
        MemorySegment bytes = MemorySegment.ofArray(chunk);
        ValueLayout layout = layout(elements.dtype());
        int width = elements.dtype().bytes();
        int most = chunk.length / width;
        for (int from = 0; from < elements.size(); ) {
            int count = Math.min(most, elements.size() - from);
            MemorySegment.copy(elements.array(), from, bytes, layout, 0, count);
            use.accept(count * width);
            from += count;
        }
    }

    /// Fills a buffer from bytes.
    static void read(MemorySegment bytes, long offset, Buffer into) {
        read(bytes, offset, into, ByteOrder.LITTLE_ENDIAN);
    }

    static void read(MemorySegment bytes, long offset, Buffer into, ByteOrder order) {
        MemorySegment.copy(bytes, layout(into.dtype()).withOrder(order), offset, into.array(), 0, into.size());
    }

    /// That all elements are 0 or 1, if they are BOOL.
    ///
    /// @param where for errors
    static void checkBooleans(String where, Buffer elements) {
        if (elements.dtype() != DType.BOOL) {
            return;
        }
        for (int i = 0; i < elements.size(); i++) {
            long element = elements.getLong(i);
            Require.that(element <= 1, "%s: BOOL element %s is %s, expected 0 or 1", where, i, element);
        }
    }

    private static ValueLayout layout(DType dtype) {
        ValueLayout elements = switch (dtype) {
            case F32 -> ValueLayout.JAVA_FLOAT_UNALIGNED;
            case F64 -> ValueLayout.JAVA_DOUBLE_UNALIGNED;
            case I32 -> ValueLayout.JAVA_INT_UNALIGNED;
            case I64 -> ValueLayout.JAVA_LONG_UNALIGNED;
            case F16, BF16 -> ValueLayout.JAVA_SHORT_UNALIGNED;
            case U8, BOOL -> ValueLayout.JAVA_BYTE;
        };
        return elements.withOrder(ByteOrder.LITTLE_ENDIAN);
    }
}
