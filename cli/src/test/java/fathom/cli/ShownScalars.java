package fathom.cli;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/// The curves that TensorBoard draws from the event files of a folder, read by its rules and nothing of Fathom:
/// a record that is not complete ends a file, and where a training starts, what was written before of this
/// step and later ones is dropped.
final class ShownScalars {
    private static final int EVENT_STEP = 2;
    private static final int EVENT_SUMMARY = 5;
    private static final int EVENT_SESSION = 7;
    private static final int SUMMARY_VALUE = 1;
    private static final int VALUE_TAG = 1;
    private static final int VALUE_SIMPLE = 2;

    private final Map<String, SortedMap<Long, Float>> curves = new TreeMap<>();

    private ShownScalars() {}

    /// The values by tag and step.
    ///
    /// @throws IllegalStateException if a tag has a step twice
    static Map<String, SortedMap<Long, Float>> in(Path folder) throws IOException {
        ShownScalars shown = new ShownScalars();
        try (Stream<Path> all = Files.list(folder)) {
            List<Path> files = all.filter(f -> f.getFileName().toString().contains("tfevents"))
                    .sorted()
                    .toList();
            for (Path file : files) {
                shown.read(ByteBuffer.wrap(Files.readAllBytes(file)).order(ByteOrder.LITTLE_ENDIAN));
            }
        }
        return shown.curves;
    }

    /// A record is its length, a checksum, the message, and a checksum.
    private void read(ByteBuffer in) {
        int around = Long.BYTES + 2 * Integer.BYTES;
        while (in.remaining() >= around && in.remaining() >= around + in.getLong(in.position())) {
            int length = (int) in.getLong();
            in.getInt();
            event(fields(part(in, length)));
            in.getInt();
        }
    }

    private void event(Map<Integer, Object> event) {
        long step = event.get(EVENT_STEP) instanceof Long s ? s : 0;
        if (event.containsKey(EVENT_SESSION)) {
            curves.values().forEach(c -> c.tailMap(step).clear());
        }
        if (event.get(EVENT_SUMMARY) instanceof ByteBuffer summary
                && fields(summary).get(SUMMARY_VALUE) instanceof ByteBuffer one) {
            Map<Integer, Object> value = fields(one);
            if (value.get(VALUE_TAG) instanceof ByteBuffer tag && value.get(VALUE_SIMPLE) instanceof Float simple) {
                String name = StandardCharsets.UTF_8.decode(tag).toString();
                Float before =
                        curves.computeIfAbsent(name, _ -> new TreeMap<>()).put(step, simple);
                if (before != null) {
                    throw new IllegalStateException(name + ": two values at step " + step);
                }
            }
        }
    }

    /// A protocol buffer message by field number.
    private static Map<Integer, Object> fields(ByteBuffer in) {
        Map<Integer, Object> fields = new HashMap<>();
        while (in.hasRemaining()) {
            int key = (int) varint(in);
            Object value = switch (key & 7) {
                case 0 -> varint(in);
                case 1 -> in.getDouble();
                case 2 -> part(in, (int) varint(in));
                case 5 -> in.getFloat();
                default -> throw new IllegalStateException("a field of kind " + (key & 7));
            };
            fields.put(key >>> 3, value);
        }
        return fields;
    }

    private static ByteBuffer part(ByteBuffer in, int length) {
        ByteBuffer part = in.slice(in.position(), length).order(ByteOrder.LITTLE_ENDIAN);
        in.position(in.position() + length);
        return part;
    }

    private static long varint(ByteBuffer in) {
        long value = 0;
        byte next = -1;
        for (int shift = 0; next < 0; shift += 7) {
            next = in.get();
            value |= (long) (next & 0x7f) << shift;
        }
        return value;
    }
}
