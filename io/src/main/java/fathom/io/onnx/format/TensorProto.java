package fathom.io.onnx.format;

import fathom.ir.Buffer;
import java.util.List;
import java.util.Map;

/// A tensor in a file.
///
/// @param name what it is called, perhaps nothing
/// @param type the type of its elements
/// @param shape the sizes of its axes
/// @param content where the elements are
public record TensorProto(String name, OnnxType type, List<Integer> shape, Content content) {
    public TensorProto {
        shape = List.copyOf(shape);
    }

    /// Where the elements of a tensor are.
    public sealed interface Content {}

    /// Numbers, in the carrier of the tensor's type.
    public record Inline(Buffer elements) implements Content {}

    /// Texts; not decoded, since nothing here computes with them.
    public record Strings(int count) implements Content {}

    /// Bytes of another file.
    ///
    /// @param entries where: `location`, and perhaps `offset` and `length`
    public record External(Map<String, String> entries) implements Content {
        public External {
            entries = Map.copyOf(entries);
        }
    }

    /// Complex numbers, which nothing here computes with.
    public record Unreadable() implements Content {}
}
