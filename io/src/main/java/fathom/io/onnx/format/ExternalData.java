package fathom.io.onnx.format;

import fathom.ir.Buffer;
import fathom.ir.Require;
import fathom.tensor.Shape;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// Reads tensors that a model has in files beside it. A model may have been made to read others: so only
/// files in the model's folder are opened, by relative paths that do not go up and links that do not lead
/// elsewhere.
public final class ExternalData {
    private final Path model;
    private final Path folder;

    private ExternalData(Path model) {
        this.model = model;
        Path parent = model.toAbsolutePath().normalize().getParent();
        this.folder = parent == null ? model.toAbsolutePath() : parent;
    }

    /// The model with all tensors in it.
    ///
    /// @param file the model's own file
    /// @throws IllegalArgumentException if a tensor is in a file elsewhere, or not as long as it should be
    /// @throws UncheckedIOException if a file cannot be read
    public static ModelProto resolve(ModelProto model, Path file) {
        ExternalData data = new ExternalData(file);
        return new ModelProto(
                model.irVersion(),
                model.producer(),
                data.resolve(model.graph()),
                model.opsets(),
                model.functions().stream().map(data::resolve).toList(),
                model.metadata());
    }

    private FunctionProto resolve(FunctionProto f) {
        return new FunctionProto(
                f.domain(),
                f.name(),
                f.overload(),
                f.inputs(),
                f.outputs(),
                f.attributes(),
                attributes(f.defaults()),
                nodes(f.nodes()),
                f.opsets());
    }

    private GraphProto resolve(GraphProto g) {
        List<TensorProto> initializers =
                g.initializers().stream().map(this::resolve).toList();
        return new GraphProto(g.name(), nodes(g.nodes()), g.inputs(), g.outputs(), initializers);
    }

    private List<NodeProto> nodes(List<NodeProto> nodes) {
        return nodes.stream()
                .map(n -> new NodeProto(
                        n.name(),
                        n.domain(),
                        n.operator(),
                        n.overload(),
                        n.inputs(),
                        n.outputs(),
                        attributes(n.attributes())))
                .toList();
    }

    private Map<String, AttributeValue> attributes(Map<String, AttributeValue> attributes) {
        Map<String, AttributeValue> resolved = new LinkedHashMap<>();
        attributes.forEach((name, value) -> resolved.put(name, switch (value) {
            case AttributeValue.Elements e -> new AttributeValue.Elements(resolve(e.value()));
            case AttributeValue.Subgraph s -> new AttributeValue.Subgraph(resolve(s.value()));
            default -> value;
        }));
        return resolved;
    }

    private TensorProto resolve(TensorProto tensor) {
        if (!(tensor.content() instanceof TensorProto.External external) || !tensor.type().isSupported()) {
            return tensor;
        }
        try {
            Buffer elements = read(external.entries(), tensor);
            return new TensorProto(tensor.name(), tensor.type(), tensor.shape(), new TensorProto.Inline(elements));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "%s: tensor '%s': %s".formatted(model, tensor.name(), e.getMessage()), e);
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "%s: tensor '%s': cannot be read: %s".formatted(model, tensor.name(), e), e);
        }
    }

    private Buffer read(Map<String, String> entries, TensorProto tensor) throws IOException {
        Path file = located(entries.getOrDefault("location", ""));
        int count = Shape.of(tensor.shape()).size();
        long expected = Math.ceilDiv((long) count * tensor.type().bits(), Byte.SIZE);
        long offset = number(entries, "offset", 0);
        long length = number(entries, "length", expected);
        Require.that(length == expected, "%s bytes in %s, expected %s", length, file, expected);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
                Arena arena = Arena.ofConfined()) {
            boolean fits = offset >= 0 && offset <= channel.size() && length <= channel.size() - offset;
            String message = "%s bytes from %s on in %s, which has %s: it is truncated";
            Require.that(fits, message, length, offset, file, channel.size());
            Require.that(length <= Integer.MAX_VALUE, "%s bytes, expected fewer than 2^31", length);
            MemorySegment bytes = channel.map(MapMode.READ_ONLY, offset, length, arena);
            return ElementsReader.raw(tensor.type(), bytes.asByteBuffer(), count);
        }
    }

    private static long number(Map<String, String> entries, String key, long otherwise) {
        String text = entries.get(key);
        if (text == null) {
            return otherwise;
        }
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(key + " '" + text + "', expected a number", e);
        }
    }

    /// The file that a location names.
    private Path located(String location) throws IOException {
        String message = "its elements are in '%s', expected a file in the model's folder";
        Path file;
        try {
            file = folder.resolve(location).normalize();
        } catch (InvalidPathException e) {
            throw new IllegalArgumentException(message.formatted(location), e);
        }
        boolean relative = !location.isEmpty()
                && !location.startsWith("/")
                && location.indexOf('\\') < 0
                && location.indexOf(':') < 0
                && !Path.of(location).isAbsolute();
        Require.that(relative && file.startsWith(folder) && !file.equals(folder), message, location);
        Require.that(Files.isRegularFile(file), "its elements are in '%s', which is no file", location);
        // Stores of models keep files elsewhere, all in one folder, and link to them.
        Path real = file.toRealPath();
        Path beside = model.toRealPath().getParent();
        boolean inside = real.startsWith(folder.toRealPath())
                || beside != null && real.getParent() != null && beside.equals(real.getParent());
        Require.that(inside, message, location);
        return file;
    }
}
