package fathom.io.onnx.format;

import com.google.protobuf.CodedOutputStream;
import fathom.io.AtomicFile;
import fathom.ir.Require;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// Writes the messages of ONNX. The numbers are those of the fields in the format's specification,
/// `onnx.proto`.
public final class ModelWriter {
    /// A message may not be longer than this, so what is larger keeps its tensors beside it.
    private static final long LONGEST = Integer.MAX_VALUE - (1L << 20);

    /// Tensors of fewer bytes stay in the model, whose shapes are often computed from them.
    private static final long SMALLEST_OUTSIDE = 1024;

    private static final int ALIGNMENT = 4096;

    private ModelWriter() {}

    /// Writes a model in one file, or, if that would take more than 2 GB, its larger tensors in a file beside
    /// it that is called like it with `.data` behind. Each of the files has at every moment either the old
    /// content or the whole new one.
    ///
    /// @param outside whether larger tensors are to be in the file beside the model in any case
    /// @throws IllegalArgumentException if the model holds something that cannot be written
    /// @throws UncheckedIOException if a file cannot be written
    public static void write(Path file, ModelProto model, boolean outside) {
        ProtoMessage whole = outside ? null : message(model);
        if (whole != null && whole.size() < LONGEST) {
            AtomicFile.write(file, channel -> copy(whole, channel));
            return;
        }
        Path name = file.getFileName();
        Require.that(name != null, "%s: expected the name of a file", file);
        Path beside = file.resolveSibling(name + ".data");
        List<TensorProto> moved = new ArrayList<>();
        ModelProto light = withoutElements(model, String.valueOf(beside.getFileName()), moved);
        AtomicFile.write(beside, channel -> {
            long place = 0;
            for (TensorProto tensor : moved) {
                channel.position(aligned(place));
                place = aligned(place) + TensorWriter.bytes(tensor);
                copy(TensorWriter.body(tensor), channel);
            }
        });
        ProtoMessage small = message(light);
        Require.that(small.size() < LONGEST, "%s: a graph of %s bytes, expected fewer than 2^31", file, small.size());
        AtomicFile.write(file, channel -> copy(small, channel));
    }

    private static void copy(ProtoMessage message, FileChannel channel) throws IOException {
        copy(message::writeTo, channel);
    }

    private static void copy(ProtoMessage.Body body, FileChannel channel) throws IOException {
        OutputStream stream = Channels.newOutputStream(channel);
        CodedOutputStream out = CodedOutputStream.newInstance(stream, 1 << 16);
        body.writeTo(out);
        out.flush();
    }

    private static long aligned(long place) {
        return Math.ceilDiv(place, (long) ALIGNMENT) * ALIGNMENT;
    }

    private static ModelProto withoutElements(ModelProto model, String location, List<TensorProto> moved) {
        GraphProto g = model.graph();
        List<TensorProto> light = new ArrayList<>();
        long place = 0;
        for (TensorProto t : g.initializers()) {
            long length = TensorWriter.bytes(t);
            if (!(t.content() instanceof TensorProto.Inline) || length < SMALLEST_OUTSIDE) {
                light.add(t);
                continue;
            }
            moved.add(t);
            Map<String, String> entries = new LinkedHashMap<>();
            entries.put("location", location);
            entries.put("offset", Long.toString(aligned(place)));
            entries.put("length", Long.toString(length));
            light.add(new TensorProto(t.name(), t.type(), t.shape(), new TensorProto.External(entries)));
            place = aligned(place) + length;
        }
        GraphProto graph = new GraphProto(g.name(), g.nodes(), g.inputs(), g.outputs(), light);
        return new ModelProto(
                model.irVersion(), model.producer(), graph, model.opsets(), model.functions(), model.metadata());
    }

    private static ProtoMessage message(ModelProto model) {
        Require.that(model.functions().isEmpty(), "functions of a model, expected none: they cannot be written");
        ProtoMessage m = new ProtoMessage().whole(1, model.irVersion());
        int space = model.producer().indexOf(' ');
        m.text(2, space < 0 ? model.producer() : model.producer().substring(0, space));
        m.text(3, space < 0 ? "" : model.producer().substring(space + 1));
        m.message(7, graph(model.graph()));
        model.opsets().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(
                        e -> m.message(8, new ProtoMessage().text(1, e.getKey()).whole(2, e.getValue())));
        model.metadata().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(e ->
                        m.message(14, new ProtoMessage().text(1, e.getKey()).text(2, e.getValue())));
        return m;
    }

    private static ProtoMessage graph(GraphProto graph) {
        ProtoMessage m = new ProtoMessage();
        graph.nodes().forEach(n -> m.message(1, node(n)));
        m.text(2, graph.name());
        graph.initializers().forEach(t -> m.message(5, TensorWriter.message(t)));
        graph.inputs().forEach(v -> m.message(11, value(v)));
        graph.outputs().forEach(v -> m.message(12, value(v)));
        return m;
    }

    private static ProtoMessage node(NodeProto node) {
        ProtoMessage m = new ProtoMessage();
        node.inputs().forEach(i -> m.always(1, i));
        node.outputs().forEach(o -> m.always(2, o));
        m.text(3, node.name()).text(4, node.operator());
        node.attributes().entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(e -> m.message(5, attribute(e.getKey(), e.getValue())));
        return m.text(7, node.domain()).text(8, node.overload());
    }

    private static ProtoMessage attribute(String name, AttributeValue value) {
        ProtoMessage m = new ProtoMessage().text(1, name);
        return switch (value) {
            case AttributeValue.Number v -> m.number(2, v.value()).whole(20, 1);
            case AttributeValue.Whole v -> m.whole(3, v.value()).whole(20, 2);
            case AttributeValue.Text v -> m.always(4, v.value()).whole(20, 3);
            case AttributeValue.Elements v ->
                m.message(5, TensorWriter.message(v.value())).whole(20, 4);
            case AttributeValue.Subgraph v -> m.message(6, graph(v.value())).whole(20, 5);
            case AttributeValue.Numbers v -> {
                v.values().forEach(n -> m.number(7, n));
                yield m.whole(20, 6);
            }
            case AttributeValue.Wholes v -> {
                v.values().forEach(n -> m.whole(8, n));
                yield m.whole(20, 7);
            }
            case AttributeValue.Texts v -> {
                v.values().forEach(t -> m.always(9, t));
                yield m.whole(20, 8);
            }
            case AttributeValue.Reference v -> m.text(21, v.name());
            case AttributeValue.Other v ->
                throw new IllegalArgumentException(
                        "attribute '" + name + "': " + v.kind() + ", expected one that can be written");
        };
    }

    private static ProtoMessage value(ValueInfo value) {
        ProtoMessage m = new ProtoMessage().text(1, value.name());
        Require.that(
                value.kind().equals(ValueInfo.TENSOR), "value '%s': %s, expected a tensor", value.name(), value.kind());
        ProtoMessage tensor = new ProtoMessage();
        value.type().ifPresent(t -> tensor.whole(1, t.code()));
        Optional<List<ValueInfo.Dimension>> shape = value.shape();
        if (shape.isPresent()) {
            ProtoMessage sizes = new ProtoMessage();
            for (ValueInfo.Dimension d : shape.get()) {
                ProtoMessage size = new ProtoMessage();
                switch (d) {
                    case ValueInfo.Fixed f -> size.whole(1, f.size());
                    case ValueInfo.Symbolic s -> size.text(2, s.name());
                }
                sizes.message(1, size);
            }
            tensor.message(2, sizes);
        }
        return m.message(2, new ProtoMessage().message(1, tensor));
    }
}
