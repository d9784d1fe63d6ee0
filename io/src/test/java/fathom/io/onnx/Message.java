package fathom.io.onnx;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;

/// Writes small ONNX models, field by field, for tests; also such as no exporter would write.
final class Message {
    private final ByteString.Output bytes = ByteString.newOutput();
    private final CodedOutputStream out = CodedOutputStream.newInstance(bytes);

    private interface Write {
        void to(CodedOutputStream out) throws IOException;
    }

    static Message message() {
        return new Message();
    }

    private Message write(Write write) {
        try {
            write.to(out);
            return this;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Message with(int field, Message inner) {
        return write(o -> o.writeBytes(field, inner.bytes()));
    }

    Message with(int field, String text) {
        return write(o -> o.writeString(field, text));
    }

    Message with(int field, long number) {
        return write(o -> o.writeInt64(field, number));
    }

    Message with(int field, float number) {
        return write(o -> o.writeFloat(field, number));
    }

    Message with(int field, byte[] raw) {
        return write(o -> o.writeByteArray(field, raw));
    }

    ByteString bytes() {
        try {
            out.flush();
            return bytes.toByteString();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    // ---- the messages of ONNX ----

    static Message model(int opset, Message graph, Message... functions) {
        Message model = message()
                .with(1, 8)
                .with(7, graph)
                .with(8, message().with(1, "").with(2, opset))
                .with(8, message().with(1, "local").with(2, 1));
        List.of(functions).forEach(f -> model.with(25, f));
        return model;
    }

    static Message node(String operator, List<String> inputs, List<String> outputs, Message... attributes) {
        Message node = message();
        inputs.forEach(i -> node.with(1, i));
        outputs.forEach(o -> node.with(2, o));
        node.with(4, operator);
        List.of(attributes).forEach(a -> node.with(5, a));
        return node;
    }

    static Message whole(String name, long value) {
        return message().with(1, name).with(3, value).with(20, 2);
    }

    static Message number(String name, float value) {
        return message().with(1, name).with(2, value).with(20, 1);
    }

    static Message text(String name, String value) {
        return message().with(1, name).with(4, value).with(20, 3);
    }

    static Message wholes(String name, long... values) {
        Message a = message().with(1, name);
        for (long v : values) {
            a.with(8, v);
        }
        return a.with(20, 7);
    }

    static Message graphs(String name, Message graph) {
        return message().with(1, name).with(6, graph).with(20, 5);
    }

    static Message elements(String name, Message tensor) {
        return message().with(1, name).with(5, tensor).with(20, 4);
    }

    static Message floats(String name, float[] values, long... shape) {
        ByteBuffer raw = ByteBuffer.allocate(values.length * 4).order(ByteOrder.LITTLE_ENDIAN);
        raw.asFloatBuffer().put(values);
        return tensor(name, 1, raw.array(), shape);
    }

    static Message longs(String name, long[] values, long... shape) {
        ByteBuffer raw = ByteBuffer.allocate(values.length * 8).order(ByteOrder.LITTLE_ENDIAN);
        raw.asLongBuffer().put(values);
        return tensor(name, 7, raw.array(), shape);
    }

    static Message tensor(String name, int type, byte[] raw, long... shape) {
        Message t = message();
        for (long size : shape) {
            t.with(1, size);
        }
        return t.with(2, type).with(8, name).with(9, raw);
    }

    static Message external(String name, String location, String... entries) {
        Message t = message().with(1, 2).with(2, 1).with(8, name).with(13, entry("location", location));
        for (int i = 0; i < entries.length; i += 2) {
            t.with(13, entry(entries[i], entries[i + 1]));
        }
        return t.with(14, 1);
    }

    static Message entry(String key, String value) {
        return message().with(1, key).with(2, value);
    }

    /// An input or output of a type whose shape is not said.
    static Message value(String name, int type) {
        return message().with(1, name).with(2, message().with(1, message().with(1, type)));
    }
}
