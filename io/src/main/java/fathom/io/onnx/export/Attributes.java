package fathom.io.onnx.export;

import fathom.io.onnx.format.AttributeValue;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;

/// Makes the attributes of a node.
final class Attributes {
    private final Map<String, AttributeValue> all = new TreeMap<>();

    private Attributes() {}

    static Attributes none() {
        return new Attributes();
    }

    Attributes with(String name, AttributeValue value) {
        all.put(name, value);
        return this;
    }

    Attributes with(String name, long value) {
        return with(name, new AttributeValue.Whole(value));
    }

    Attributes with(String name, double value) {
        return with(name, new AttributeValue.Number((float) value));
    }

    Attributes with(String name, String value) {
        return with(name, new AttributeValue.Text(value));
    }

    Attributes with(String name, long... values) {
        return with(
                name, new AttributeValue.Wholes(Arrays.stream(values).boxed().toList()));
    }

    Attributes with(String name, int[] values) {
        return with(name, Arrays.stream(values).asLongStream().toArray());
    }

    Map<String, AttributeValue> map() {
        return Map.copyOf(all);
    }
}
