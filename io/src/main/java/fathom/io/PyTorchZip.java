package fathom.io;

import fathom.io.Pickle.Storage;
import fathom.ir.Require;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;

/// The zip file that `torch.save` writes today: a pickle, and a file for each storage.
final class PyTorchZip implements PyTorchSource {
    private final Path file;
    private final ZipFile zip;
    private final String folder;
    private final ByteOrder order;
    private final Map<String, PyTorchStorage> read = new HashMap<>();
    private long left;

    private PyTorchZip(Path file, ZipFile zip, String folder, ByteOrder order) throws IOException {
        this.file = file;
        this.zip = zip;
        this.folder = folder;
        this.order = order;
        this.left = Files.size(file);
    }

    static PyTorchZip of(Path file, ZipFile zip) throws IOException {
        String pickle = zip.stream()
                .map(ZipEntry::getName)
                .filter(name -> name.matches("[^/]+/data\\.pkl"))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException(
                        file + ": a zip file without data.pkl, expected one of torch.save"));
        String folder = pickle.substring(0, pickle.indexOf('/') + 1);
        ZipEntry order = zip.getEntry(folder + "byteorder");
        boolean isBig = order != null
                && new String(entry(file, zip, order.getName(), -1), StandardCharsets.US_ASCII).startsWith("big");
        return new PyTorchZip(file, zip, folder, isBig ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN);
    }

    @Override
    public Path file() {
        return file;
    }

    @Override
    public ByteOrder order() {
        return order;
    }

    @Override
    public PyTorchContents contents() throws IOException {
        byte[] pickle = entry(file, zip, folder + "data.pkl", -1);
        return PyTorchContents.of(file.toString(), Unpickler.read(file.toString(), ByteBuffer.wrap(pickle)));
    }

    @Override
    public PyTorchStorage storage(Storage storage) throws IOException {
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
}
