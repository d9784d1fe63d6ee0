package fathom.io.onnx.format;

import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/// A protocol buffer message that is written: its fields in order, with what is large streamed when it is
/// its turn.
final class ProtoMessage {
    private final List<Part> parts = new ArrayList<>();
    private long bytes;

    /// Writes bytes that are not kept in a message.
    interface Body {
        void writeTo(CodedOutputStream out) throws IOException;
    }

    private interface Part {
        void writeTo(CodedOutputStream out) throws IOException;
    }

    private ProtoMessage add(long size, Part part) {
        bytes = Math.addExact(bytes, size);
        parts.add(part);
        return this;
    }

    /// A whole number.
    ProtoMessage whole(int field, long value) {
        return add(CodedOutputStream.computeInt64Size(field, value), out -> out.writeInt64(field, value));
    }

    /// A number.
    ProtoMessage number(int field, float value) {
        return add(CodedOutputStream.computeFloatSize(field, value), out -> out.writeFloat(field, value));
    }

    /// A text; nothing if it is empty.
    ProtoMessage text(int field, String value) {
        return value.isEmpty() ? this : always(field, value);
    }

    /// A text, also an empty one: for lists, in which places matter.
    ProtoMessage always(int field, String value) {
        byte[] utf8 = value.getBytes(StandardCharsets.UTF_8);
        return add(CodedOutputStream.computeByteArraySize(field, utf8), out -> out.writeByteArray(field, utf8));
    }

    /// A message within this one, of which nothing may be changed any more.
    ProtoMessage message(int field, ProtoMessage inner) {
        return body(field, inner.size(), inner::writeTo);
    }

    /// Bytes that are written when it is their turn.
    ProtoMessage body(int field, long length, Body body) {
        int head = CodedOutputStream.computeTagSize(field) + CodedOutputStream.computeUInt64SizeNoTag(length);
        return add(head + length, out -> {
            out.writeTag(field, com.google.protobuf.WireFormat.WIRETYPE_LENGTH_DELIMITED);
            out.writeUInt64NoTag(length);
            body.writeTo(out);
        });
    }

    /// The number of bytes.
    long size() {
        return bytes;
    }

    void writeTo(CodedOutputStream out) throws IOException {
        for (Part part : parts) {
            part.writeTo(out);
        }
    }
}
