package fathom.parity;

import fathom.io.Safetensors;
import fathom.tensor.DType;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.CRC32;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// Writes the same weights in the forms in which checkpoints are published.
final class Checkpoints {
    private Checkpoints() {}

    /// Weights drawn from a normal distribution.
    static final class Drawn {
        private final RandomStream random;
        private final Map<String, Tensor> weights = new LinkedHashMap<>();

        Drawn(long seed) {
            random = RandomStream.of(seed);
        }

        Drawn add(String name, double spread, double mean, int... shape) {
            Tensor drawn = random.normal(Shape.of(shape)).mul(spread).add(mean);
            weights.put(name, drawn.evaluate().detach());
            return this;
        }

        Map<String, Tensor> weights() {
            return weights;
        }
    }

    static Path text(Path file, String content) {
        try {
            return Files.writeString(file, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Path bytes(Path file, byte[] content) {
        try {
            return Files.write(file, content);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A folder with the configuration.
    static Path folder(Path parent, String name, String configuration) {
        Path folder = parent.resolve(name);
        try {
            Files.createDirectory(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        text(folder.resolve("config.json"), configuration);
        return folder;
    }

    /// `model.safetensors`.
    static void whole(Path folder, Map<String, Tensor> weights) {
        Safetensors.write(folder.resolve("model.safetensors"), weights, Map.of("format", "pt"));
    }

    /// Three files and their index.
    static void sharded(Path folder, Map<String, Tensor> weights) {
        int count = 3;
        StringBuilder index = new StringBuilder();
        List<Map<String, Tensor>> shards = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            shards.add(new LinkedHashMap<>());
        }
        int place = 0;
        for (Map.Entry<String, Tensor> weight : weights.entrySet()) {
            int shard = place++ * count / weights.size();
            shards.get(shard).put(weight.getKey(), weight.getValue());
            index.append(index.isEmpty() ? "" : ", ").append("\"%s\": \"%s\"".formatted(weight.getKey(), name(shard)));
        }
        for (int i = 0; i < count; i++) {
            Safetensors.write(folder.resolve(name(i)), shards.get(i));
        }
        text(
                folder.resolve("model.safetensors.index.json"),
                "{\"metadata\": {\"total_size\": 1}, \"weight_map\": {%s}}".formatted(index));
    }

    private static String name(int shard) {
        return "model-0000%s-of-00003.safetensors".formatted(shard + 1);
    }

    /// `pytorch_model.bin`, in the pickle that `torch.save` writes: libtorch's own has no dictionaries from
    /// Java.
    static void pyTorch(Path folder, Map<String, Tensor> weights) {
        Little pickle = new Little().raw("\u0080\u0002}(");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            int storage = 0;
            for (Map.Entry<String, Tensor> weight : weights.entrySet()) {
                Tensor tensor = weight.getValue();
                pickle.name(weight.getKey()).raw("ctorch._utils\n_rebuild_tensor_v2\n((");
                pickle.name("storage")
                        .raw("ctorch\nFloatStorage\n")
                        .name(String.valueOf(storage))
                        .name("cpu");
                pickle.raw("J").ints(tensor.size()).raw("tQK\0(");
                int[] sizes = tensor.shape().dims();
                for (int size : sizes) {
                    pickle.raw("J").ints(size);
                }
                pickle.raw("t(");
                for (int axis = 0; axis < sizes.length; axis++) {
                    pickle.raw("J").ints(tensor.shape().size(axis + 1, sizes.length));
                }
                pickle.raw("t\u0089ccollections\nOrderedDict\n)RtR");
                store(
                        zip,
                        "model/data/" + storage++,
                        new Little().elements(tensor).toBytes());
            }
            store(zip, "model/data.pkl", pickle.raw("u.").toBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        bytes(folder.resolve("pytorch_model.bin"), bytes.toByteArray());
    }

    private static void store(ZipOutputStream zip, String name, byte[] content) throws IOException {
        ZipEntry entry = new ZipEntry(name);
        entry.setMethod(ZipEntry.STORED);
        entry.setSize(content.length);
        CRC32 crc = new CRC32();
        crc.update(content);
        entry.setCrc(crc.getValue());
        zip.putNextEntry(entry);
        zip.write(content);
    }

    /// Bytes in little-endian order.
    static final class Little {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        private static ByteBuffer buffer(int size) {
            return ByteBuffer.allocate(size).order(ByteOrder.LITTLE_ENDIAN);
        }

        Little ints(int... values) {
            ByteBuffer bytes = buffer(4 * values.length);
            bytes.asIntBuffer().put(values);
            out.writeBytes(bytes.array());
            return this;
        }

        Little longs(long... values) {
            ByteBuffer bytes = buffer(8 * values.length);
            bytes.asLongBuffer().put(values);
            out.writeBytes(bytes.array());
            return this;
        }

        Little elements(Tensor tensor) {
            if (tensor.dtype() == DType.F16) {
                short[] halves = (short[]) tensor.buffer().array();
                ByteBuffer bytes = buffer(2 * tensor.size());
                bytes.asShortBuffer().put(halves, 0, tensor.size());
                out.writeBytes(bytes.array());
                return this;
            }
            ByteBuffer bytes = buffer(4 * tensor.size());
            bytes.asFloatBuffer().put(tensor.toFloats());
            out.writeBytes(bytes.array());
            return this;
        }

        /// Letters as bytes.
        Little raw(String letters) {
            out.writeBytes(letters.getBytes(StandardCharsets.ISO_8859_1));
            return this;
        }

        /// A text in a pickle.
        Little name(String text) {
            return raw("X").ints(text.length()).raw(text);
        }

        Little text(String text) {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            longs(bytes.length);
            out.writeBytes(bytes);
            return this;
        }

        Little align(int alignment) {
            while (out.size() % alignment != 0) {
                out.write(0);
            }
            return this;
        }

        int size() {
            return out.size();
        }

        byte[] toBytes() {
            return out.toByteArray();
        }
    }

    /// A GGUF file of version 3, with values that are texts, 32-bit integers and floats.
    static Path gguf(Path file, Map<String, Object> values, Map<String, Tensor> weights) {
        Little out = new Little().ints(0x46554747, 3).longs(weights.size(), values.size());
        values.forEach((key, value) -> {
            out.text(key);
            switch (value) {
                case String text -> out.ints(8).text(text);
                case Integer number -> out.ints(4, number);
                case Float number -> out.ints(6, Float.floatToIntBits(number));
                default -> throw new IllegalArgumentException(key);
            }
        });
        Little data = new Little();
        weights.forEach((name, tensor) -> {
            out.text(name).ints(tensor.rank());
            for (int axis = tensor.rank() - 1; axis >= 0; axis--) {
                out.longs(tensor.dim(axis));
            }
            out.ints(tensor.dtype() == DType.F16 ? 1 : 0).longs(data.align(32).size());
            data.elements(tensor);
        });
        out.align(32);
        out.out.writeBytes(data.toBytes());
        return bytes(file, out.toBytes());
    }
}
