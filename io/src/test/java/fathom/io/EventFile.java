package fathom.io;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Reads event files back, with a checksum of its own.
final class EventFile {
    private EventFile() {}

    /// A message by field number: `Long` for varints, `Double` and `Float` for fixed ones, `byte[]`
    /// for the rest.
    record Message(Map<Integer, List<Object>> fields) {
        /// All values of a field.
        List<Object> all(int field) {
            return fields.getOrDefault(field, List.of());
        }

        /// The only value of a field.
        Object only(int field) {
            assertThat(all(field)).hasSize(1);
            return all(field).getFirst();
        }

        /// The only value of a field, as text.
        String text(int field) {
            return new String((byte[]) only(field), StandardCharsets.UTF_8);
        }

        /// The only value of a field, which is a message itself.
        Message message(int field) throws IOException {
            return EventFile.message((byte[]) only(field));
        }

        /// The only value of a field, which is a packed list.
        double[] doubles(int field) {
            ByteBuffer in = ByteBuffer.wrap((byte[]) only(field)).order(ByteOrder.LITTLE_ENDIAN);
            double[] values = new double[in.remaining() / Double.BYTES];
            in.asDoubleBuffer().get(values);
            return values;
        }

        /// The only value of an event's summary.
        Message value() throws IOException {
            return message(5).message(1);
        }
    }

    /// All records, their checksums verified.
    static List<Message> read(Path file) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        List<Message> events = new ArrayList<>();
        while (in.hasRemaining()) {
            byte[] length = new byte[8];
            in.get(length);
            assertThat(in.getInt()).isEqualTo(masked(length));
            byte[] data = new byte
                    [Math.toIntExact(ByteBuffer.wrap(length)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .getLong())];
            in.get(data);
            assertThat(in.getInt()).isEqualTo(masked(data));
            events.add(message(data));
        }
        return events;
    }

    private static Message message(byte[] bytes) throws IOException {
        CodedInputStream in = CodedInputStream.newInstance(bytes);
        Map<Integer, List<Object>> fields = new TreeMap<>();
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            Object value = switch (WireFormat.getTagWireType(tag)) {
                case WireFormat.WIRETYPE_VARINT -> in.readInt64();
                case WireFormat.WIRETYPE_FIXED64 -> in.readDouble();
                case WireFormat.WIRETYPE_FIXED32 -> in.readFloat();
                default -> in.readByteArray();
            };
            fields.computeIfAbsent(WireFormat.getTagFieldNumber(tag), f -> new ArrayList<>())
                    .add(value);
        }
        return new Message(fields);
    }

    /// CRC-32C bit by bit, as its definition has it, and the mask of TensorFlow's record format.
    static int masked(byte[] bytes) {
        int crc = ~0;
        for (byte b : bytes) {
            crc ^= b & 0xff;
            for (int bit = 0; bit < 8; bit++) {
                crc = crc >>> 1 ^ ((crc & 1) == 0 ? 0 : 0x82f63b78);
            }
        }
        crc = ~crc;
        return (crc >>> 15 | crc << 17) + 0xa282ead8;
    }
}
