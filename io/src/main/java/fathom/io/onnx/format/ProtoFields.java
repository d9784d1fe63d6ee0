package fathom.io.onnx.format;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import fathom.ir.Require;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.stream.LongStream;

/// Reads the fields of protocol buffer messages one after the other, with suspicion: lengths are checked
/// against what is left of the enclosing message, and depth and number of messages are bounded.
final class ProtoFields {
    private static final int MOST_DEPTH = 64;
    private static final int MOST_MESSAGES = 5_000_000;

    private final CodedInputStream in;
    private int tag;
    private int depth;
    private int messages;

    /// @param bytes how many there are to read
    ProtoFields(CodedInputStream in, int bytes) throws IOException {
        this.in = in;
        in.setSizeLimit(Integer.MAX_VALUE);
        in.pushLimit(bytes);
    }

    /// Reads the present field, if it knows it.
    interface Field {
        /// @return whether it was read; if not, it is skipped
        boolean read(int number) throws IOException;
    }

    /// Reads all fields of the present message.
    void each(Field field) throws IOException {
        while ((tag = in.readTag()) != 0) {
            int present = tag;
            if (!field.read(WireFormat.getTagFieldNumber(present))) {
                in.skipField(present);
            }
        }
    }

    /// Reads the fields of a message within the present one.
    boolean message(Field field) throws IOException {
        int length = length();
        Require.that(++depth <= MOST_DEPTH, "messages within each other more than %s deep", MOST_DEPTH);
        Require.that(++messages <= MOST_MESSAGES, "more than %s messages", MOST_MESSAGES);
        int outer = in.pushLimit(length);
        each(field);
        in.popLimit(outer);
        depth--;
        return true;
    }

    private void expect(int wireType) {
        int found = WireFormat.getTagWireType(tag);
        String message = "field %s is written as a field of type %s, expected %s";
        Require.that(found == wireType, message, WireFormat.getTagFieldNumber(tag), found, wireType);
    }

    private int length() throws IOException {
        expect(WireFormat.WIRETYPE_LENGTH_DELIMITED);
        int length = in.readRawVarint32();
        int left = in.getBytesUntilLimit();
        String message = "field %s has a length of %s bytes, but %s follow";
        Require.that(
                length >= 0 && length <= left,
                message,
                WireFormat.getTagFieldNumber(tag),
                Integer.toUnsignedString(length),
                left);
        return length;
    }

    private boolean isPacked() {
        return WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED;
    }

    /// A whole number.
    long whole() throws IOException {
        expect(WireFormat.WIRETYPE_VARINT);
        return in.readRawVarint64();
    }

    float number() throws IOException {
        expect(WireFormat.WIRETYPE_FIXED32);
        return in.readFloat();
    }

    /// A text, of which what is no UTF-8 is replaced.
    String text() throws IOException {
        return ByteString.copyFrom(bytes()).toStringUtf8();
    }

    byte[] bytes() throws IOException {
        return in.readRawBytes(length());
    }

    /// Adds the numbers of the present field, of which there are one or, packed, several.
    boolean wholes(LongStream.Builder into) throws IOException {
        if (!isPacked()) {
            into.add(whole());
            return true;
        }
        int outer = in.pushLimit(length());
        while (!in.isAtEnd()) {
            into.add(in.readRawVarint64());
        }
        in.popLimit(outer);
        return true;
    }

    /// Adds the bytes of the present field, whose numbers take so many bytes each.
    boolean fixed(ByteArrayOutputStream into, int width) throws IOException {
        if (!isPacked()) {
            expect(width == Float.BYTES ? WireFormat.WIRETYPE_FIXED32 : WireFormat.WIRETYPE_FIXED64);
        }
        into.writeBytes(in.readRawBytes(isPacked() ? length() : width));
        return true;
    }
}
