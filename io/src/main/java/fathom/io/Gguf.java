package fathom.io;

import fathom.ir.Buffer;
import fathom.tensor.DType;
import fathom.tensor.Tensor;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/// A file of ggml's format, versions 2 and 3: a language model's tensors, its configuration and its vocabulary in one
/// file, `*.gguf`. Tensors may be quantised in blocks; they become F32 when they are read, the others stay what they
/// are.
public final class Gguf implements TensorFile {
    /// Bytes that are decoded at a time, up to a block.
    private static final int CHUNK = 1 << 20;

    /// Items of a list that its text shows.
    private static final int MOST_SHOWN = 8;

    private final Path path;
    private final int version;
    private final ModelConfiguration configuration;
    private final Map<String, Place> places;
    private final long data;
    private final long size;

    /// Where a tensor's bytes are.
    ///
    /// @param offset from the beginning of the data
    record Place(StoredTensor tensor, GgufType type, long offset) {}

    Gguf(Path path, int version, ModelConfiguration configuration, Map<String, Place> places, long data, long size) {
        this.path = path;
        this.version = version;
        this.configuration = configuration;
        this.places = places;
        this.data = data;
        this.size = size;
    }

    /// Reads what comes before the tensors' elements.
    ///
    /// @throws IllegalArgumentException if it is not a sound GGUF file of these versions, or has a tensor of a type
    ///   that is not read; the message names the file, what was found and what was expected
    /// @throws UncheckedIOException if the file cannot be read
    public static Gguf open(Path file) {
        return Reading.mapped(file, bytes -> GgufParser.parse(file, bytes));
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public String format() {
        return "GGUF " + version;
    }

    /// The values that the file has besides its tensors, as in `llama.block_count` or `tokenizer.ggml.tokens`.
    public ModelConfiguration configuration() {
        return configuration;
    }

    @Override
    public Map<String, String> metadata() {
        Map<String, String> texts = new LinkedHashMap<>();
        configuration.values().forEach((key, value) -> texts.put(key, text(value)));
        return Collections.unmodifiableMap(texts);
    }

    private static String text(Object value) {
        if (!(value instanceof List<?> list)) {
            return value.toString();
        }
        String more = list.size() > MOST_SHOWN ? ", ... (%s items)]".formatted(list.size()) : "]";
        return list.stream().limit(MOST_SHOWN).map(Gguf::text).collect(Collectors.joining(", ", "[", more));
    }

    @Override
    public Map<String, StoredTensor> tensors() {
        Map<String, StoredTensor> tensors = new LinkedHashMap<>();
        places.forEach((name, place) -> tensors.put(name, place.tensor()));
        return Collections.unmodifiableMap(tensors);
    }

    @Override
    public Tensor read(String name) {
        Place place = Reading.named(path, name, places);
        return Reading.mapped(path, bytes -> {
            Reading.checkUnchanged(path, bytes.byteSize(), size);
            Buffer elements =
                    Buffer.allocate(place.type().dtype(), place.tensor().shape().size());
            if (place.type().isQuantized()) {
                decode(bytes, place, elements);
            } else {
                ElementBytes.read(bytes, data + place.offset(), elements);
            }
            return Tensor.of(elements, place.tensor().shape());
        });
    }

    private void decode(MemorySegment bytes, Place place, Buffer into) {
        GgufType type = place.type();
        if (!(into.array() instanceof float[] floats)) {
            throw new AssertionError(DType.F32);
        }
        int most = CHUNK / type.bytes();
        byte[] chunk = new byte[most * type.bytes()];
        int blocks = into.size() / type.block();
        for (int from = 0; from < blocks; from += most) {
            int count = Math.min(most, blocks - from);
            long at = data + place.offset() + (long) from * type.bytes();
            MemorySegment.copy(bytes, ValueLayout.JAVA_BYTE, at, chunk, 0, count * type.bytes());
            GgufBlocks.decode(type, chunk, 0, count, floats, from * type.block());
        }
    }
}
