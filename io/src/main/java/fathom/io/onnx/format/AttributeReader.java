package fathom.io.onnx.format;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/// Reads one `AttributeProto`.
final class AttributeReader {
    private final ProtoFields fields;
    private final Graphs graphs;
    private String name = "";
    private String reference = "";
    private long type;
    private long whole;
    private float number;
    private String text = "";
    private final ByteArrayOutputStream numbers = new ByteArrayOutputStream();
    private final LongStream.Builder wholes = LongStream.builder();
    private final List<String> texts = new ArrayList<>();
    private @Nullable TensorProto tensor;
    private @Nullable GraphProto graph;

    /// Reads the graph that is the present field.
    interface Graphs {
        GraphProto read() throws IOException;
    }

    AttributeReader(ProtoFields fields, Graphs graphs) {
        this.fields = fields;
        this.graphs = graphs;
    }

    void read(Map<String, AttributeValue> into) throws IOException {
        fields.message(this::field);
        into.put(name, reference.isEmpty() ? value() : new AttributeValue.Reference(reference));
    }

    private boolean field(int n) throws IOException {
        switch (n) {
            case 1 -> name = fields.text();
            case 2 -> number = fields.number();
            case 3 -> whole = fields.whole();
            case 4 -> text = fields.text();
            case 5 -> tensor = TensorReader.read(fields);
            case 6 -> graph = graphs.read();
            case 7 -> fields.fixed(numbers, Float.BYTES);
            case 8 -> fields.wholes(wholes);
            case 9 -> texts.add(fields.text());
            case 20 -> type = fields.whole();
            case 21 -> reference = fields.text();
            default -> {
                return false;
            }
        }
        // Files of the first versions do not say the type.
        if (type == 0 && n >= 2 && n <= 9) {
            type = n - 1;
        }
        return true;
    }

    private AttributeValue value() {
        return switch ((int) type) {
            case 1 -> new AttributeValue.Number(number);
            case 2 -> new AttributeValue.Whole(whole);
            case 3 -> new AttributeValue.Text(text);
            case 4 ->
                tensor == null ? new AttributeValue.Other("tensor without value") : new AttributeValue.Elements(tensor);
            case 5 ->
                graph == null ? new AttributeValue.Other("graph without value") : new AttributeValue.Subgraph(graph);
            case 6 -> {
                List<Float> all = new ArrayList<>();
                ByteBuffer in = ByteBuffer.wrap(numbers.toByteArray()).order(ByteOrder.LITTLE_ENDIAN);
                while (in.remaining() >= Float.BYTES) {
                    all.add(in.getFloat());
                }
                yield new AttributeValue.Numbers(all);
            }
            case 7 -> new AttributeValue.Wholes(wholes.build().boxed().toList());
            case 8 -> new AttributeValue.Texts(texts);
            default -> new AttributeValue.Other("attribute of type " + type);
        };
    }
}
