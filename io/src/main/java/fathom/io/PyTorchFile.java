package fathom.io;

import fathom.io.Pickle.Storage;
import fathom.io.Pickle.Tuple;
import fathom.io.Pickle.View;
import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.jspecify.annotations.Nullable;

/// The tensors in a file of `torch.save`, `*.pt` or `*.pth`: a state dictionary, or a checkpoint with one in it. Both
/// forms are read, the zip file of today and the one of PyTorch before 1.6.
///
/// Nothing in the file is executed: what wants more than tensors in plain containers is refused, and the error says
/// what it wanted. Short integers become I32.
///
/// @param tensors by name; nested dictionaries make names with dots, as in `model.layer.weight`, and a tensor alone is
///   `tensor`
/// @param metadata all other values, such as the number of an epoch, as texts by name
public record PyTorchFile(Map<String, Tensor> tensors, Map<String, String> metadata) {
    /// Nobody nests deeper, or has more values, but for harm.
    private static final int MOST_DEPTH = 64;

    private static final int MOST_VALUES = 1_000_000;

    /// What older files begin with.
    private static final String MAGIC = "119547037146038801333356";

    private static final long VERSION = 1001;

    public PyTorchFile {
        tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
        metadata = Collections.unmodifiableMap(new LinkedHashMap<>(metadata));
    }

    /// Reads a whole file.
    ///
    /// @throws IllegalArgumentException if it is damaged, or holds what is refused; the message names the file,
    ///   what was found and what was expected
    /// @throws UncheckedIOException if the file cannot be read
    public static PyTorchFile read(Path file) {
        return Reading.of(file, () -> isZip(file) ? readZip(file) : readLegacy(file));
    }

    private static boolean isZip(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] start = in.readNBytes(2);
            return start.length == 2 && start[0] == 'P' && start[1] == 'K';
        }
    }

    // ---- the zip file of today ----

    private static PyTorchFile readZip(Path file) throws IOException {
        try (ZipFile zip = new ZipFile(file.toFile(), StandardCharsets.UTF_8)) {
            String pickle = zip.stream()
                    .map(ZipEntry::getName)
                    .filter(name -> name.matches("[^/]+/data\\.pkl"))
                    .findFirst()
                    .orElseThrow(() -> new IllegalArgumentException(
                            file + ": a zip file without data.pkl, expected one of torch.save"));
            String folder = pickle.substring(0, pickle.indexOf('/') + 1);
            Object root = Unpickler.read(file.toString(), ByteBuffer.wrap(entry(file, zip, pickle, -1)));
            ZipEntry order = zip.getEntry(folder + "byteorder");
            boolean isBig = order != null
                    && new String(entry(file, zip, order.getName(), -1), StandardCharsets.US_ASCII).startsWith("big");
            ByteOrder bytes = isBig ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
            return new Reader(file, new ZippedStorages(file, zip, folder, bytes)).read(root);
        }
    }

    private static final class ZippedStorages implements Storages {
        private final Path file;
        private final ZipFile zip;
        private final String folder;
        private final ByteOrder order;
        private final Map<String, PyTorchStorage> read = new HashMap<>();
        private long left;

        ZippedStorages(Path file, ZipFile zip, String folder, ByteOrder order) throws IOException {
            this.file = file;
            this.zip = zip;
            this.folder = folder;
            this.order = order;
            this.left = Files.size(file);
        }

        @Override
        public PyTorchStorage of(Storage storage) throws IOException {
            PyTorchStorage known = read.get(storage.key());
            if (known == null) {
                NpyType type = PyTorchStorage.type(file.toString(), storage.type(), order);
                long size = storage.elements() * type.width();
                // Entries that lie above each other could fill the memory.
                left -= size;
                boolean fits = storage.elements() >= 0 && storage.elements() < Integer.MAX_VALUE && left >= 0;
                Require.that(fits, "%s: storages of more bytes than the file has", file);
                byte[] content = entry(file, zip, folder + "data/" + storage.key(), size);
                known = new PyTorchStorage(type, MemorySegment.ofArray(content));
                read.put(storage.key(), known);
            }
            return known;
        }
    }

    /// @param size how many bytes there have to be, or -1
    private static byte[] entry(Path file, ZipFile zip, String name, long size) throws IOException {
        ZipEntry entry = zip.getEntry(name);
        Require.that(entry != null, "%s: no %s in the zip file", file, name);
        // What is compressed may be far larger than the file, and PyTorch compresses nothing.
        long there = Objects.requireNonNull(entry).getSize();
        boolean plain = entry.getMethod() == ZipEntry.STORED && there <= Files.size(file);
        Require.that(plain, "%s: %s is compressed, expected as it is", file, name);
        Require.that(size < 0 || size == there, "%s: %s has %s bytes, expected %s", file, name, there, size);
        try (InputStream in = zip.getInputStream(entry)) {
            return in.readAllBytes();
        }
    }

    // ---- the form before ----

    /// Pickles of a magic number, a version, a system, the values, and the storages' keys; then the storages.
    private static PyTorchFile readLegacy(Path file) throws IOException {
        String where = file.toString();
        Require.that(Files.size(file) < Integer.MAX_VALUE, "%s: 2 GiB and more in the old form", file);
        ByteBuffer in = ByteBuffer.wrap(Files.readAllBytes(file));
        String none = "%s: neither a zip file nor the older form of torch.save";
        Require.that(in.remaining() > 1 && in.get(0) == (byte) 0x80, none, file);
        Require.that(Unpickler.read(where, in).equals(MAGIC), none, file);
        Object version = Unpickler.read(where, in);
        Require.that(version.equals(VERSION), "%s: version %s, expected %s", file, Pickle.text(version), VERSION);
        Object system = Unpickler.read(where, in);
        boolean isBig = system instanceof Map<?, ?> map && Boolean.FALSE.equals(map.get("little_endian"));
        ByteOrder order = isBig ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        Object root = Unpickler.read(where, in);
        Object keys = Unpickler.read(where, in);
        if (!(keys instanceof List<?> list)) {
            throw new IllegalArgumentException(file + ": keys of storages " + Pickle.text(keys) + ", expected a list");
        }
        // How wide elements are stands with the tensors, so first find all storages.
        Map<String, Storage> known = new HashMap<>();
        new Reader(file, storage -> {
                    known.put(storage.key(), storage);
                    return null;
                })
                .read(root);
        Map<String, PyTorchStorage> storages = new HashMap<>();
        for (Object key : list) {
            Storage storage = known.get(Pickle.text(key));
            Require.that(storage != null, "%s: a storage '%s' of no tensor", file, Pickle.text(key));
            NpyType type =
                    PyTorchStorage.type(where, Objects.requireNonNull(storage).type(), order);
            long size = in.remaining() < Long.BYTES ? -1 : in.order(order).getLong();
            boolean fits = size == storage.elements()
                    && size >= 0
                    && size <= in.remaining()
                    && size * type.width() <= in.remaining();
            String message = "%s: a storage of %s elements, expected %s, and %s bytes are left";
            Require.that(fits, message, file, size, storage.elements(), in.remaining());
            int length = (int) size * type.width();
            MemorySegment bytes = MemorySegment.ofBuffer(in.slice(in.position(), length));
            storages.put(storage.key(), new PyTorchStorage(type, bytes));
            in.position(in.position() + length);
        }
        return new Reader(file, storage -> {
                    PyTorchStorage found = storages.get(storage.key());
                    Require.that(found != null, "%s: no storage '%s'", file, storage.key());
                    return found;
                })
                .read(root);
    }

    // ---- values to names ----

    /// Finds the bytes of a storage; null where only the storages are looked for.
    private interface Storages {
        @Nullable
        PyTorchStorage of(Storage storage) throws IOException;
    }

    private static final class Reader {
        private final Path file;
        private final Storages storages;
        private final Map<String, Tensor> tensors = new LinkedHashMap<>();
        private final Map<String, String> metadata = new LinkedHashMap<>();
        private long bytes;
        private int visits;

        Reader(Path file, Storages storages) {
            this.file = file;
            this.storages = storages;
        }

        PyTorchFile read(Object root) throws IOException {
            add(root instanceof View ? "tensor" : "", root, 0);
            return new PyTorchFile(tensors, metadata);
        }

        private void add(String name, Object value, int depth) throws IOException {
            boolean fits = depth <= MOST_DEPTH && ++visits <= MOST_VALUES;
            Require.that(fits, "%s: values nested too deeply, or too many", file);
            switch (value) {
                case Map<?, ?> map -> {
                    for (Map.Entry<?, ?> entry : map.entrySet()) {
                        add(join(name, entry.getKey()), entry.getValue(), depth + 1);
                    }
                }
                case Tuple tuple -> addAll(name, tuple.items(), depth);
                case List<?> list -> addAll(name, list, depth);
                case View view -> {
                    PyTorchStorage storage = storages.of(view.storage());
                    if (storage != null) {
                        Tensor tensor = storage.tensor(file + ": tensor " + SafetensorsHeader.quoted(name), view);
                        bytes += (long) tensor.size() * tensor.dtype().bytes();
                        long most = Runtime.getRuntime().maxMemory();
                        Require.that(bytes < most, "%s: tensors of more than the %s bytes of memory", file, most);
                        tensors.put(name, tensor);
                    }
                }
                default -> metadata.put(name, Pickle.text(value));
            }
        }

        /// Plain values in a list are one text, such as a pair of rates.
        private void addAll(String name, List<?> items, int depth) throws IOException {
            boolean plain = items.stream()
                    .noneMatch(i -> i instanceof View || i instanceof Map || i instanceof List || i instanceof Tuple);
            if (plain) {
                metadata.put(name, Pickle.text(items));
                return;
            }
            for (int i = 0; i < items.size(); i++) {
                add(join(name, i), items.get(i), depth + 1);
            }
        }

        private static String join(String name, Object key) {
            return name.isEmpty() ? key.toString() : name + "." + key;
        }
    }
}
