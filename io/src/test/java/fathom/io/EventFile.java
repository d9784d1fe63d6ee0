package fathom.io;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// Reads event files back, with a checksum of its own, into messages of the form field number →
/// values: `Long` for varints, `Double` and `Float` for fixed ones, `byte[]` for the rest.
final class EventFile {
    private EventFile() {}

    /// All records, their checksums verified.
    static List<Map<Integer, List<Object>>> read(Path file) throws IOException {
        ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN);
        List<Map<Integer, List<Object>>> events = new ArrayList<>();
        while (in.hasRemaining()) {
            byte[] length = new byte[8];
            in.get(length);
            assertThat(in.getInt()).isEqualTo(masked(length));
            byte[] data =
                    new byte
                            [Math.toIntExact(
                                    ByteBuffer.wrap(length)
                                            .order(ByteOrder.LITTLE_ENDIAN)
                                            .getLong())];
            in.get(data);
            assertThat(in.getInt()).isEqualTo(masked(data));
            events.add(message(data));
        }
        return events;
    }

    static Map<Integer, List<Object>> message(Object bytes) throws IOException {
        CodedInputStream in = CodedInputStream.newInstance((byte[]) bytes);
        Map<Integer, List<Object>> fields = new TreeMap<>();
        for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
            Object value =
                    switch (WireFormat.getTagWireType(tag)) {
                        case WireFormat.WIRETYPE_VARINT -> in.readInt64();
                        case WireFormat.WIRETYPE_FIXED64 -> in.readDouble();
                        case WireFormat.WIRETYPE_FIXED32 -> in.readFloat();
                        default -> in.readByteArray();
                    };
            fields.computeIfAbsent(WireFormat.getTagFieldNumber(tag), f -> new ArrayList<>())
                    .add(value);
        }
        return fields;
    }

    /// The only value of an event's summary.
    static Map<Integer, List<Object>> value(Map<Integer, List<Object>> event) throws IOException {
        return message(message(event.get(5).getFirst()).get(1).getFirst());
    }

    static double[] doubles(Object packed) {
        ByteBuffer in = ByteBuffer.wrap((byte[]) packed).order(ByteOrder.LITTLE_ENDIAN);
        double[] values = new double[in.remaining() / Double.BYTES];
        in.asDoubleBuffer().get(values);
        return values;
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
