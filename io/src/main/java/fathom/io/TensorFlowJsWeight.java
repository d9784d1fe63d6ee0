package fathom.io;

import fathom.ir.Buffer;
import fathom.ir.Require;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/// One weight of a model of TensorFlow.js.
///
/// @param stored its encoding is that of the elements in the files
/// @param shards the files of its group
/// @param begin its first byte in these, taken together
/// @param scale what elements are multiplied by after they were read, if they are quantised to integers
/// @param least what is then added
record TensorFlowJsWeight(StoredTensor stored, List<Shard> shards, long begin, Optional<Double> scale, double least) {
    private static final int BYTE = 0xFF;

    /// A file of weights.
    ///
    /// @param begin its first byte among those of the group
    /// @param size its length when the model was looked into
    record Shard(Path file, long begin, long size) {}

    // ---- what the JSON says ----

    /// @param file for errors
    static TensorFlowJsWeight parse(Path file, ModelConfiguration json, List<Shard> shards, long begin) {
        String name = json.text("name");
        String type = json.text("dtype");
        DType dtype = switch (type) {
            case "float32" -> DType.F32;
            case "int32" -> DType.I32;
            case "uint8" -> DType.U8;
            case "bool" -> DType.BOOL;
            default ->
                throw error(
                        file,
                        name,
                        "dtype " + SafetensorsHeader.quoted(type) + ", expected float32, int32, uint8 or bool");
        };
        Optional<ModelConfiguration> quantization = json.object("quantization");
        String encoding = quantization.map(q -> q.text("dtype")).orElse(type);
        int width = quantization.isPresent() ? quantizedWidth(file, name, encoding, dtype) : dtype.bytes();
        boolean isScaled = quantization.isPresent() && !encoding.equals("float16");
        Optional<Double> scale = quantization.filter(_ -> isScaled).map(q -> finite(q, "scale"));
        double least = isScaled ? quantization.map(q -> finite(q, "min")).orElse(0.0) : 0;
        Shape shape = shape(file, name, json.list("shape"));
        StoredTensor stored = new StoredTensor(name, shape, encoding, dtype, (long) shape.size() * width);
        return new TensorFlowJsWeight(stored, shards, begin, scale, least);
    }

    private static int quantizedWidth(Path file, String name, String encoding, DType dtype) {
        boolean fits = dtype == DType.F32 || dtype == DType.I32 && !encoding.equals("float16");
        String message = "%s: tensor %s: %s quantised to %s, expected float32, or int32 to integers";
        Require.that(fits, message, file, SafetensorsHeader.quoted(name), dtype, SafetensorsHeader.quoted(encoding));
        return switch (encoding) {
            case "uint8" -> Byte.BYTES;
            case "uint16", "float16" -> Short.BYTES;
            default ->
                throw error(
                        file,
                        name,
                        "quantised to " + SafetensorsHeader.quoted(encoding) + ", expected uint8, uint16 or float16");
        };
    }

    private static double finite(ModelConfiguration quantization, String key) {
        double number = quantization.number(key);
        Require.that(Double.isFinite(number), "%s: '%s' is %s, expected a number", quantization.where(), key, number);
        return number;
    }

    private static Shape shape(Path file, String name, List<?> sizes) {
        List<Integer> dims = new ArrayList<>();
        long elements = 1;
        for (Object size : sizes) {
            if (!(size instanceof Long n) || n < 0 || n > Integer.MAX_VALUE) {
                throw error(file, name, "shape " + sizes + ", expected sizes from 0 to 2147483647");
            }
            // At most 2^31 before, so this cannot overflow.
            elements = Math.min(elements * n, 1L << 31);
            dims.add(n.intValue());
        }
        if (elements > Integer.MAX_VALUE) {
            throw error(file, name, "shape " + sizes + ", expected fewer than 2^31 elements in one tensor");
        }
        return Shape.of(dims);
    }

    private static IllegalArgumentException error(Path file, String name, String what) {
        return SafetensorsHeader.error(file.toString(), name, what);
    }

    // ---- elements ----

    /// @param file for errors
    Tensor read(Path file) {
        if (stored.bytes() > Integer.MAX_VALUE - Long.BYTES) {
            throw error(file, stored.name(), stored.bytes() + " bytes, expected fewer than 2^31");
        }
        byte[] bytes = bytes();
        Buffer elements = Buffer.allocate(stored.dtype(), stored.shape().size());
        if (scale.isPresent()) {
            dequantize(bytes, scale.get(), elements);
        } else if (stored.encoding().equals("float16")) {
            for (int i = 0; i < elements.size(); i++) {
                ((float[]) elements.array())[i] = Float.float16ToFloat((short) integer(bytes, i, Short.BYTES));
            }
        } else {
            ElementBytes.read(MemorySegment.ofArray(bytes), 0, elements);
            ElementBytes.checkBooleans(file + ": tensor " + SafetensorsHeader.quoted(stored.name()), elements);
        }
        return Tensor.of(elements, stored.shape());
    }

    /// In double precision and rounded at the end, as TensorFlow.js does it.
    private void dequantize(byte[] bytes, double factor, Buffer into) {
        int width = stored.encoding().equals("uint8") ? Byte.BYTES : Short.BYTES;
        switch (into.array()) {
            case float[] floats -> {
                for (int i = 0; i < floats.length; i++) {
                    floats[i] = (float) (integer(bytes, i, width) * factor + least);
                }
            }
            case int[] ints -> {
                for (int i = 0; i < ints.length; i++) {
                    ints[i] = (int) Math.round(integer(bytes, i, width) * factor + least);
                }
            }
            default -> throw new IllegalStateException("quantised " + into.dtype());
        }
    }

    private static int integer(byte[] bytes, int i, int width) {
        int low = bytes[i * width] & BYTE;
        return width == Byte.BYTES ? low : low | (bytes[i * width + 1] & BYTE) << Byte.SIZE;
    }

    /// The weight's bytes, from as many files as they are in.
    private byte[] bytes() {
        byte[] all = new byte[(int) stored.bytes()];
        long end = begin + all.length;
        for (Shard shard : shards) {
            long from = Math.max(begin, shard.begin());
            long to = Math.min(end, shard.begin() + shard.size());
            if (from < to) {
                Reading.mapped(shard.file(), there -> {
                    Reading.checkUnchanged(shard.file(), there.byteSize(), shard.size());
                    MemorySegment.copy(
                            there, ValueLayout.JAVA_BYTE, from - shard.begin(), all, (int) (from - begin), (int)
                                    (to - from));
                    return all;
                });
            }
        }
        return all;
    }
}
