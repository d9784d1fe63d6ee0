package fathom.io.onnx.format;

import com.google.protobuf.CodedInputStream;
import fathom.ir.Require;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.LongStream;

/// Reads the messages of ONNX. The numbers are those of the fields in the format's specification,
/// `onnx.proto`.
public final class ModelReader {
    private final ProtoFields fields;

    private ModelReader(ProtoFields fields) {
        this.fields = fields;
    }

    private interface Body<T> {
        T read(ProtoFields fields) throws IOException;
    }

    /// The model in a file.
    ///
    /// @throws IllegalArgumentException if the file is not a sound one; the message names it
    /// @throws UncheckedIOException if it cannot be read; the message names it
    public static ModelProto read(Path file) {
        return read(file, fields -> new ModelReader(fields).model());
    }

    /// The tensor that is all of a file, as in the test data of ONNX.
    ///
    /// @throws IllegalArgumentException if the file is not a sound one; the message names it
    /// @throws UncheckedIOException if it cannot be read; the message names it
    public static TensorProto readTensor(Path file) {
        return read(file, TensorReader::readAll);
    }

    private static <T> T read(Path file, Body<T> body) {
        try (InputStream in = Files.newInputStream(file)) {
            long bytes = Files.size(file);
            Require.that(bytes < Integer.MAX_VALUE, "%s bytes, expected fewer than 2^31", bytes);
            return body.read(new ProtoFields(CodedInputStream.newInstance(in, 1 << 16), (int) bytes));
        } catch (NoSuchFileException e) {
            throw new UncheckedIOException(file + ": no such file", e);
        } catch (com.google.protobuf.InvalidProtocolBufferException e) {
            throw new IllegalArgumentException(file + ": not a sound ONNX file: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read: " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(file + ": not a sound ONNX file: " + e.getMessage(), e);
        }
    }

    private ModelProto model() throws IOException {
        long[] version = {0};
        String[] producer = {"", ""};
        List<GraphProto> graphs = new ArrayList<>();
        Map<String, Long> opsets = new LinkedHashMap<>();
        List<FunctionProto> functions = new ArrayList<>();
        Map<String, String> metadata = new LinkedHashMap<>();
        fields.each(n -> {
            switch (n) {
                case 1 -> version[0] = fields.whole();
                case 2 -> producer[0] = fields.text();
                case 3 -> producer[1] = fields.text();
                case 7 -> graphs.add(graph());
                case 8 -> opset(opsets);
                case 14 -> entry(fields, metadata);
                case 25 -> functions.add(function());
                default -> {
                    return false;
                }
            }
            return true;
        });
        Require.that(graphs.size() == 1, "%s graphs, expected one", graphs.size());
        String program = (producer[0] + " " + producer[1]).strip();
        return new ModelProto(version[0], program, graphs.getFirst(), opsets, functions, metadata);
    }

    private GraphProto graph() throws IOException {
        String[] name = {""};
        List<NodeProto> nodes = new ArrayList<>();
        List<ValueInfo> inputs = new ArrayList<>();
        List<ValueInfo> outputs = new ArrayList<>();
        List<TensorProto> initializers = new ArrayList<>();
        fields.message(n -> {
            switch (n) {
                case 1 -> nodes.add(node());
                case 2 -> name[0] = fields.text();
                case 5 -> initializers.add(TensorReader.read(fields));
                case 11 -> inputs.add(ValueInfoReader.read(fields));
                case 12 -> outputs.add(ValueInfoReader.read(fields));
                case 15 -> initializers.add(sparse());
                default -> {
                    return false;
                }
            }
            return true;
        });
        return new GraphProto(name[0], nodes, inputs, outputs, initializers);
    }

    /// A sparse tensor: its name and type are those of its values.
    private TensorProto sparse() throws IOException {
        List<TensorProto> parts = new ArrayList<>();
        LongStream.Builder sizes = LongStream.builder();
        fields.message(n -> {
            switch (n) {
                case 1, 2 -> parts.add(TensorReader.read(fields));
                case 3 -> fields.wholes(sizes);
                default -> {
                    return false;
                }
            }
            return true;
        });
        Require.that(parts.size() == 2, "a sparse tensor of %s parts, expected values and indices", parts.size());
        return SparseTensors.dense(parts.get(0), parts.get(1), sizes.build().toArray());
    }

    private NodeProto node() throws IOException {
        String[] texts = {"", "", "", ""};
        List<String> inputs = new ArrayList<>();
        List<String> outputs = new ArrayList<>();
        Map<String, AttributeValue> attributes = new LinkedHashMap<>();
        fields.message(n -> {
            switch (n) {
                case 1 -> inputs.add(fields.text());
                case 2 -> outputs.add(fields.text());
                case 3 -> texts[0] = fields.text();
                case 4 -> texts[1] = fields.text();
                case 5 -> new AttributeReader(fields, this::graph).read(attributes);
                case 7 -> texts[2] = fields.text();
                case 8 -> texts[3] = fields.text();
                default -> {
                    return false;
                }
            }
            return true;
        });
        return new NodeProto(texts[0], domain(texts[2]), texts[1], texts[3], inputs, outputs, attributes);
    }

    private FunctionProto function() throws IOException {
        String[] texts = {"", "", ""};
        List<String> inputs = new ArrayList<>();
        List<String> outputs = new ArrayList<>();
        List<String> attributes = new ArrayList<>();
        Map<String, AttributeValue> defaults = new LinkedHashMap<>();
        List<NodeProto> nodes = new ArrayList<>();
        Map<String, Long> opsets = new LinkedHashMap<>();
        fields.message(n -> {
            switch (n) {
                case 1 -> texts[0] = fields.text();
                case 4 -> inputs.add(fields.text());
                case 5 -> outputs.add(fields.text());
                case 6 -> attributes.add(fields.text());
                case 7 -> nodes.add(node());
                case 9 -> opset(opsets);
                case 10 -> texts[1] = fields.text();
                case 11 -> new AttributeReader(fields, this::graph).read(defaults);
                case 13 -> texts[2] = fields.text();
                default -> {
                    return false;
                }
            }
            return true;
        });
        return new FunctionProto(
                domain(texts[1]), texts[0], texts[2], inputs, outputs, attributes, defaults, nodes, opsets);
    }

    private void opset(Map<String, Long> opsets) throws IOException {
        String[] domain = {""};
        long[] version = {1};
        fields.message(n -> {
            switch (n) {
                case 1 -> domain[0] = fields.text();
                case 2 -> version[0] = fields.whole();
                default -> {
                    return false;
                }
            }
            return true;
        });
        opsets.put(domain(domain[0]), version[0]);
    }

    /// The standard domain has two names.
    private static String domain(String domain) {
        return domain.equals("ai.onnx") ? "" : domain;
    }

    /// Reads a key and its value.
    static void entry(ProtoFields fields, Map<String, String> into) throws IOException {
        String[] texts = {"", ""};
        fields.message(n -> {
            if (n == 1 || n == 2) {
                texts[n - 1] = fields.text();
                return true;
            }
            return false;
        });
        into.put(texts[0], texts[1]);
    }
}
