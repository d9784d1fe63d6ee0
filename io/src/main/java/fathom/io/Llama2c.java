package fathom.io;

import fathom.ir.Buffer;
import fathom.ir.Require;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/// A file of llama2.c, `*.bin`, in which small language models are published: sizes, then the weights in a fixed order
/// as F32. Version 0, which has no mark of its own, and version 1. Karpathy: *llama2.c* (2023).
///
/// Tensors have the names of Meta's own checkpoints, as in `layers.0.attention.wq.weight`, and matrices are
/// `[out, in]`. Version 0 also has tables of sines and cosines, which follow from the sizes and are left out.
public final class Llama2c implements TensorFile {
    /// What version 1 begins with.
    private static final int MARK = 0x616b3432;

    private static final int HEADER_BYTES = 256;
    private static final int SIZES = 7;
    private static final int MOST_LAYERS = 10_000;
    private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Path path;
    private final Sizes sizes;
    private final Map<String, Place> places;

    /// The sizes in the header.
    ///
    /// @param width of the vectors between layers
    /// @param hidden of the dense layers
    /// @param keyHeads of keys and values
    /// @param isTied whether the table of tokens is also the head's matrix
    record Sizes(
            int version,
            int width,
            int hidden,
            int layers,
            int heads,
            int keyHeads,
            int vocabulary,
            int context,
            boolean isTied) {
        private int keyWidth() {
            return width / heads * keyHeads;
        }
    }

    /// Where a tensor's bytes begin.
    private record Place(StoredTensor tensor, long offset) {}

    private Llama2c(Path path, Sizes sizes, Map<String, Place> places) {
        this.path = path;
        this.sizes = sizes;
        this.places = places;
    }

    /// Reads the sizes.
    ///
    /// @throws IllegalArgumentException if it is not a sound file of these versions; the message names
    ///   the file, what was found and what was expected
    /// @throws UncheckedIOException if the file cannot be read
    public static Llama2c open(Path file) {
        return Reading.mapped(file, bytes -> {
            Sizes sizes = sizes(file, bytes);
            Map<String, Place> places = new LinkedHashMap<>();
            long end = new Layout(sizes, places).end();
            String message = "%s: %s bytes, expected %s for %s: truncated, or not a file of llama2.c";
            Require.that(bytes.byteSize() == end, message, file, bytes.byteSize(), end, sizes);
            return new Llama2c(file, sizes, places);
        });
    }

    private static Sizes sizes(Path file, MemorySegment bytes) {
        long most = bytes.byteSize();
        Require.that(most >= HEADER_BYTES, "%s: %s bytes, expected a file of llama2.c", file, most);
        boolean isMarked = bytes.get(INT, 0) == MARK;
        int version = isMarked ? bytes.get(INT, Integer.BYTES) : 0;
        boolean known = version == (isMarked ? 1 : 0);
        Require.that(known, "%s: version %s of llama2.c, expected 0 or 1: others are quantised", file, version);
        int[] all = new int[SIZES];
        MemorySegment.copy(bytes, INT, isMarked ? 2L * Integer.BYTES : 0, all, 0, SIZES);
        boolean isTied = isMarked
                ? bytes.get(ValueLayout.JAVA_BYTE, (2L + SIZES) * Integer.BYTES) != 0
                // A sign is all that version 0 has room for.
                : all[5] > 0;
        int vocabulary = isMarked ? all[5] : Math.abs(all[5]);
        Sizes s = new Sizes(version, all[0], all[1], all[2], all[3], all[4], vocabulary, all[6], isTied);
        // No tensor can have more elements than the file has room for, so products stay below 2^62.
        long room = Math.min(most / Float.BYTES, Integer.MAX_VALUE);
        boolean fits = isWithin(s.width, room)
                && isWithin(s.hidden, room / s.width)
                && isWithin(s.layers, MOST_LAYERS)
                && isWithin(s.heads, s.width)
                && isWithin(s.keyHeads, s.heads)
                && s.width % (2 * s.heads) == 0
                && s.heads % s.keyHeads == 0
                && isWithin(s.vocabulary, room / s.width)
                && isWithin(s.context, room);
        Require.that(fits && (long) s.width * s.width <= room, "%s: %s: not a file of llama2.c", file, s);
        return s;
    }

    private static boolean isWithin(int size, long most) {
        return size >= 1 && size <= most;
    }

    /// Puts one tensor after the other.
    private static final class Layout {
        private final Sizes sizes;
        private final Map<String, Place> places;
        private long at;

        Layout(Sizes sizes, Map<String, Place> places) {
            this.sizes = sizes;
            this.places = places;
        }

        /// Where the last tensor ends.
        long end() {
            int width = sizes.width;
            boolean isFirst = sizes.version == 0;
            at = isFirst ? (long) SIZES * Integer.BYTES : HEADER_BYTES;
            if (isFirst) {
                add("tok_embeddings.weight", sizes.vocabulary, width);
                each("attention_norm.weight", width);
            } else {
                each("attention_norm.weight", width);
                each("ffn_norm.weight", width);
                add("norm.weight", width);
                add("tok_embeddings.weight", sizes.vocabulary, width);
            }
            each("attention.wq.weight", width, width);
            each("attention.wk.weight", sizes.keyWidth(), width);
            each("attention.wv.weight", sizes.keyWidth(), width);
            each("attention.wo.weight", width, width);
            if (isFirst) {
                each("ffn_norm.weight", width);
            }
            each("feed_forward.w1.weight", sizes.hidden, width);
            each("feed_forward.w2.weight", width, sizes.hidden);
            each("feed_forward.w3.weight", sizes.hidden, width);
            if (isFirst) {
                add("norm.weight", width);
                // Half a head's width of cosines for each place, and as many sines.
                at += (long) sizes.context * (width / sizes.heads) * Float.BYTES;
            }
            if (!sizes.isTied) {
                add("output.weight", sizes.vocabulary, width);
            }
            return at;
        }

        private void each(String name, int... shape) {
            for (int layer = 0; layer < sizes.layers; layer++) {
                add("layers." + layer + "." + name, shape);
            }
        }

        private void add(String name, int... sizes) {
            Shape shape = Shape.of(sizes);
            long bytes = (long) shape.size() * Float.BYTES;
            places.put(name, new Place(new StoredTensor(name, shape, "F32", DType.F32, bytes), at));
            at += bytes;
        }
    }

    @Override
    public Path path() {
        return path;
    }

    @Override
    public String format() {
        return "llama2.c " + sizes.version;
    }

    /// The sizes, under the names that llama2.c has for them: `dim`, `hidden_dim`, `n_layers`, `n_heads`,
    /// `n_kv_heads`, `vocab_size`, `max_seq_len`, and the flag `shared_classifier`.
    public ModelConfiguration configuration() {
        Map<String, Object> values = new LinkedHashMap<>();
        values.put("dim", (long) sizes.width);
        values.put("hidden_dim", (long) sizes.hidden);
        values.put("n_layers", (long) sizes.layers);
        values.put("n_heads", (long) sizes.heads);
        values.put("n_kv_heads", (long) sizes.keyHeads);
        values.put("vocab_size", (long) sizes.vocabulary);
        values.put("max_seq_len", (long) sizes.context);
        values.put("shared_classifier", sizes.isTied);
        return new ModelConfiguration(path.toString(), values);
    }

    @Override
    public Map<String, String> metadata() {
        Map<String, String> texts = new LinkedHashMap<>();
        configuration().values().forEach((key, value) -> texts.put(key, value.toString()));
        return Collections.unmodifiableMap(texts);
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
        StoredTensor tensor = place.tensor();
        return Reading.mapped(path, bytes -> {
            boolean isThere = place.offset() + tensor.bytes() <= bytes.byteSize();
            Require.that(isThere, "%s: %s bytes, fewer than when it was opened", path, bytes.byteSize());
            Buffer elements = Buffer.allocate(DType.F32, tensor.shape().size());
            ElementBytes.read(bytes, place.offset(), elements);
            return Tensor.of(elements, tensor.shape());
        });
    }
}
