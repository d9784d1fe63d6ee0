package fathom.parity.onnx;

import com.google.protobuf.CodedOutputStream;
import fathom.io.onnx.OnnxModel;
import fathom.io.onnx.format.OnnxType;
import fathom.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A model of one node, with its inputs. The numbers of fields are those of `onnx.proto`.
final class SmallModel {
    private static final String MICROSOFT = "com.microsoft";

    private final String operator;
    private final String domain;
    private final int opset;
    private final List<String> inputs = new ArrayList<>();
    private final List<String> outputs = new ArrayList<>();
    private final Map<String, Tensor> given = new LinkedHashMap<>();
    private final Map<String, Object> attributes = new LinkedHashMap<>();
    private final List<byte[]> initializers = new ArrayList<>();
    private final List<byte[]> inputInfos = new ArrayList<>();
    private final List<byte[]> outputInfos = new ArrayList<>();

    private SmallModel(String operator, String domain, int opset) {
        this.operator = operator;
        this.domain = domain;
        this.opset = opset;
    }

    static SmallModel of(String operator, int opset) {
        return new SmallModel(operator, "", opset);
    }

    /// An operator of ONNX Runtime's own.
    static SmallModel microsoft(String operator) {
        return new SmallModel(operator, MICROSOFT, 1);
    }

    /// The next input.
    SmallModel in(Tensor x) {
        String name = "in" + inputs.size();
        inputs.add(name);
        given.put(name, x);
        inputInfos.add(info(name, OnnxType.of(x.dtype()), x.shape().dims()));
        return this;
    }

    /// The next input, left out.
    SmallModel none() {
        inputs.add("");
        return this;
    }

    /// The next input, as an initialiser.
    SmallModel constant(OnnxType type, Tensor x) {
        String name = "in" + inputs.size();
        inputs.add(name);
        double[] values = x.toDoubles();
        initializers.add(bytes(o -> {
            for (int size : x.shape().dims()) {
                o.writeInt64(1, size);
            }
            o.writeInt32(2, type.code());
            o.writeString(8, name);
            for (double v : values) {
                switch (type) {
                    case FLOAT -> o.writeFloat(4, (float) v);
                    case INT64 -> o.writeInt64(7, (long) v);
                    default -> o.writeInt32(5, (int) v);
                }
            }
        }));
        return this;
    }

    SmallModel constant(long... values) {
        return constant(OnnxType.INT64, Tensor.of(values));
    }

    SmallModel constant(float... values) {
        return constant(OnnxType.FLOAT, Tensor.of(values));
    }

    /// So many outputs of a type more.
    SmallModel out(OnnxType type, int count) {
        for (int i = 0; i < count; i++) {
            String name = "out" + outputs.size();
            outputs.add(name);
            outputInfos.add(info(name, type));
        }
        return this;
    }

    SmallModel out() {
        return out(OnnxType.FLOAT, 1);
    }

    /// The next output, left out.
    SmallModel noOut() {
        outputs.add("");
        return this;
    }

    SmallModel with(String attribute, Object value) {
        attributes.put(attribute, value);
        return this;
    }

    /// Checks that Fathom gives what ONNX Runtime does.
    void check(double tolerance) {
        byte[] model = bytes();
        try (OnnxRuntime runtime = new OnnxRuntime(model)) {
            Map<String, Tensor> expected = runtime.run(given);
            Path file = Files.createTempFile("small", ".onnx");
            try {
                Files.write(file, model);
                Map<String, Tensor> found = OnnxModel.read(file).run(given);
                Tensor.evaluateAll(found.values().toArray(Tensor[]::new));
                OnnxRuntime.compare(toString(), found, expected, tolerance);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private interface Writing {
        void write(CodedOutputStream out) throws IOException;
    }

    private static byte[] bytes(Writing writing) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            writing.write(out);
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static byte[] info(String name, OnnxType type, int... sizes) {
        byte[] shape = bytes(o -> {
            for (int size : sizes) {
                o.writeByteArray(1, bytes(d -> d.writeInt64(1, size)));
            }
        });
        byte[] tensor = bytes(o -> {
            o.writeInt32(1, type.code());
            if (sizes.length > 0) {
                o.writeByteArray(2, shape);
            }
        });
        return bytes(o -> {
            o.writeString(1, name);
            o.writeByteArray(2, bytes(t -> t.writeByteArray(1, tensor)));
        });
    }

    private byte[] bytes() {
        byte[] node = bytes(o -> {
            for (String s : inputs) {
                o.writeString(1, s);
            }
            for (String s : outputs) {
                o.writeString(2, s);
            }
            o.writeString(4, operator);
            o.writeString(7, domain);
            for (Map.Entry<String, Object> a : attributes.entrySet()) {
                o.writeByteArray(5, attribute(a.getKey(), a.getValue()));
            }
        });
        byte[] graph = bytes(o -> {
            o.writeByteArray(1, node);
            o.writeString(2, operator);
            writeAll(o, 5, initializers);
            writeAll(o, 11, inputInfos);
            writeAll(o, 12, outputInfos);
        });
        return bytes(o -> {
            o.writeInt64(1, opset >= 24 ? 11 : opset >= 21 ? 10 : 8);
            o.writeByteArray(7, graph);
            o.writeByteArray(8, opset("", domain.isEmpty() ? opset : 17));
            if (!domain.isEmpty()) {
                o.writeByteArray(8, opset(domain, opset));
            }
        });
    }

    private static void writeAll(CodedOutputStream out, int field, List<byte[]> all) throws IOException {
        for (byte[] one : all) {
            out.writeByteArray(field, one);
        }
    }

    private static byte[] opset(String domain, int version) {
        return bytes(o -> {
            o.writeString(1, domain);
            o.writeInt64(2, version);
        });
    }

    private static byte[] attribute(String name, Object value) {
        return bytes(o -> {
            o.writeString(1, name);
            switch (value) {
                case Integer i -> {
                    o.writeInt64(3, i);
                    o.writeInt32(20, 2);
                }
                case Double d -> {
                    o.writeFloat(2, d.floatValue());
                    o.writeInt32(20, 1);
                }
                case String s -> {
                    o.writeString(4, s);
                    o.writeInt32(20, 3);
                }
                case int[] all -> {
                    for (int i : all) {
                        o.writeInt64(8, i);
                    }
                    o.writeInt32(20, 7);
                }
                case double[] all -> {
                    for (double d : all) {
                        o.writeFloat(7, (float) d);
                    }
                    o.writeInt32(20, 6);
                }
                case String[] all -> {
                    for (String s : all) {
                        o.writeString(9, s);
                    }
                    o.writeInt32(20, 8);
                }
                default -> throw new IllegalArgumentException(name + ": " + value.getClass());
            }
        });
    }

    @Override
    public String toString() {
        return operator + " " + opset + " " + attributes.keySet();
    }
}
