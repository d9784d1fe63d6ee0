package fathom.io.onnx.format;

import com.google.protobuf.CodedOutputStream;
import fathom.ir.Buffer;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.Map;

/// Writes tensors.
final class TensorWriter {
    private static final int CHUNK = 1 << 20;
    private static final int EXTERNAL = 1;

    private TensorWriter() {}

    static ProtoMessage message(TensorProto tensor) {
        ProtoMessage m = new ProtoMessage();
        tensor.shape().forEach(size -> m.whole(1, size));
        m.whole(2, tensor.type().code()).text(8, tensor.name());
        switch (tensor.content()) {
            case TensorProto.Inline _ -> m.body(9, bytes(tensor), body(tensor));
            case TensorProto.External e -> {
                e.entries().entrySet().stream()
                        .sorted(Map.Entry.comparingByKey())
                        .forEach(entry -> m.message(
                                13, new ProtoMessage().text(1, entry.getKey()).text(2, entry.getValue())));
                m.whole(14, EXTERNAL);
            }
            case TensorProto.Strings _, TensorProto.Unreadable _ -> throw unwritable(tensor);
        }
        return m;
    }

    /// The bytes that the elements take; 0 if they are elsewhere.
    static long bytes(TensorProto tensor) {
        return tensor.content() instanceof TensorProto.Inline i
                ? (long) i.elements().size() * (tensor.type().bits() / Byte.SIZE)
                : 0;
    }

    /// The elements, little-endian.
    ///
    /// @throws IllegalArgumentException if the tensor's type is narrower than what they are carried in
    static ProtoMessage.Body body(TensorProto tensor) {
        if (!(tensor.content() instanceof TensorProto.Inline i)
                || i.elements().dtype().bytes() * Byte.SIZE != tensor.type().bits()) {
            throw unwritable(tensor);
        }
        return out -> write(i.elements(), out);
    }

    private static void write(Buffer elements, CodedOutputStream out) throws java.io.IOException {
        ValueLayout layout = switch (elements.dtype()) {
            case F32 -> ValueLayout.JAVA_FLOAT_UNALIGNED;
            case F64 -> ValueLayout.JAVA_DOUBLE_UNALIGNED;
            case I32 -> ValueLayout.JAVA_INT_UNALIGNED;
            case I64 -> ValueLayout.JAVA_LONG_UNALIGNED;
            case F16, BF16 -> ValueLayout.JAVA_SHORT_UNALIGNED;
            case U8, BOOL -> ValueLayout.JAVA_BYTE;
        };
        int width = elements.dtype().bytes();
        byte[] chunk = new byte[(int) Math.min(CHUNK, (long) elements.size() * width)];
        MemorySegment segment = MemorySegment.ofArray(chunk);
        for (int from = 0; from < elements.size(); ) {
            int count = Math.min(chunk.length / width, elements.size() - from);
            MemorySegment.copy(elements.array(), from, segment, layout.withOrder(ByteOrder.LITTLE_ENDIAN), 0, count);
            out.writeRawBytes(chunk, 0, count * width);
            from += count;
        }
    }

    private static IllegalArgumentException unwritable(TensorProto tensor) {
        return new IllegalArgumentException("tensor '%s' of %s, expected elements that are in memory as in a file"
                .formatted(tensor.name(), tensor.type()));
    }
}
