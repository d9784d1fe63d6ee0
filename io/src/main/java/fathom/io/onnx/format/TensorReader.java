package fathom.io.onnx.format;

import fathom.ir.Require;
import fathom.tensor.Shape;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/// Reads one `TensorProto`, whose fields may be in any order.
final class TensorReader {
    private static final int EXTERNAL = 1;

    private final ProtoFields fields;
    private final LongStream.Builder sizes = LongStream.builder();
    private long code;
    private String name = "";
    private byte @Nullable [] raw;
    private final ByteArrayOutputStream floats = new ByteArrayOutputStream();
    private final ByteArrayOutputStream doubles = new ByteArrayOutputStream();
    private final LongStream.Builder wholes = LongStream.builder();
    private int strings;
    private boolean external;
    private final Map<String, String> entries = new LinkedHashMap<>();

    private TensorReader(ProtoFields fields) {
        this.fields = fields;
    }

    /// The tensor that is the present field.
    static TensorProto read(ProtoFields fields) throws IOException {
        TensorReader reader = new TensorReader(fields);
        fields.message(reader::field);
        return reader.tensor();
    }

    /// A tensor that is a file of its own, as tests have them.
    static TensorProto readAll(ProtoFields fields) throws IOException {
        TensorReader reader = new TensorReader(fields);
        fields.each(reader::field);
        return reader.tensor();
    }

    private boolean field(int number) throws IOException {
        switch (number) {
            case 1 -> fields.wholes(sizes);
            case 2 -> code = fields.whole();
            case 4 -> fields.fixed(floats, Float.BYTES);
            case 5, 7, 11 -> fields.wholes(wholes);
            case 6 -> {
                fields.bytes();
                strings++;
            }
            case 8 -> name = fields.text();
            case 9 -> raw = fields.bytes();
            case 10 -> fields.fixed(doubles, Double.BYTES);
            case 13 -> ModelReader.entry(fields, entries);
            case 14 -> external = fields.whole() == EXTERNAL;
            default -> {
                return false;
            }
        }
        return true;
    }

    private TensorProto tensor() {
        try {
            OnnxType type = OnnxType.of(code)
                    .orElseThrow(() -> new IllegalArgumentException("element type " + code + ", expected 1 to 26"));
            List<Integer> shape = new ArrayList<>();
            long[] all = sizes.build().toArray();
            for (long size : all) {
                Require.that(size == (int) size, "shape %s, expected sizes below 2^31", Arrays.toString(all));
                shape.add((int) size);
            }
            return new TensorProto(
                    name, type, shape, content(type, Shape.of(shape).size()));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("tensor '" + name + "': " + e.getMessage(), e);
        }
    }

    private TensorProto.Content content(OnnxType type, int count) {
        if (external) {
            return new TensorProto.External(entries);
        }
        if (type == OnnxType.STRING) {
            return new TensorProto.Strings(strings);
        }
        if (!type.isSupported()) {
            return new TensorProto.Unreadable();
        }
        if (raw != null) {
            return new TensorProto.Inline(ElementsReader.raw(type, ByteBuffer.wrap(raw), count));
        }
        return new TensorProto.Inline(
                switch (type) {
                    case FLOAT -> ElementsReader.raw(type, ByteBuffer.wrap(floats.toByteArray()), count);
                    case DOUBLE -> ElementsReader.raw(type, ByteBuffer.wrap(doubles.toByteArray()), count);
                    default -> ElementsReader.numbers(type, wholes.build().toArray(), count);
                });
    }
}
