package fathom.io.onnx.format;

import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// What a file says about a value: its name, and perhaps type and shape.
///
/// @param name what it is called
/// @param kind `tensor`, or what else it is: `sequence`, `map`, `optional`, `sparse tensor`
/// @param type the type of a tensor's elements, if it is said and one that exists
/// @param shape the sizes of a tensor's axes, if they are said
public record ValueInfo(String name, String kind, Optional<OnnxType> type, Optional<List<Dimension>> shape) {
    /// The kind of tensors.
    public static final String TENSOR = "tensor";

    /// The size of an axis.
    public sealed interface Dimension {}

    /// A size that is always the same.
    public record Fixed(long size) implements Dimension {
        @Override
        public String toString() {
            return Long.toString(size);
        }
    }

    /// A size that may be any; those of one name are equal. The name may be "".
    public record Symbolic(String name) implements Dimension {
        @Override
        public String toString() {
            return name.isEmpty() ? "?" : name;
        }
    }

    /// Name, type and shape: `x float[batch, 3, 224, 224]`.
    @Override
    public String toString() {
        String sizes = shape.map(s -> s.stream().map(Dimension::toString).collect(Collectors.joining(", ", "[", "]")))
                .orElse("");
        return name + " " + (kind.equals(TENSOR) ? "" : kind + " ")
                + type.map(OnnxType::toString).orElse("?") + sizes;
    }
}
