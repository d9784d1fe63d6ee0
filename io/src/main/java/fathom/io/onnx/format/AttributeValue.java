package fathom.io.onnx.format;

import java.util.List;

/// What a node says besides its inputs.
public sealed interface AttributeValue {
    /// A whole number.
    record Whole(long value) implements AttributeValue {}

    /// A number.
    record Number(float value) implements AttributeValue {}

    /// A text.
    record Text(String value) implements AttributeValue {}

    /// A tensor.
    record Elements(TensorProto value) implements AttributeValue {}

    /// A graph that the node runs.
    record Subgraph(GraphProto value) implements AttributeValue {}

    /// Whole numbers.
    record Wholes(List<Long> values) implements AttributeValue {
        public Wholes {
            values = List.copyOf(values);
        }
    }

    /// Numbers.
    record Numbers(List<Float> values) implements AttributeValue {
        public Numbers {
            values = List.copyOf(values);
        }
    }

    /// Texts.
    record Texts(List<String> values) implements AttributeValue {
        public Texts {
            values = List.copyOf(values);
        }
    }

    /// Inside of a function: the attribute of that name of the node that calls it.
    record Reference(String name) implements AttributeValue {}

    /// Something that no supported operator has.
    record Other(String kind) implements AttributeValue {}
}
