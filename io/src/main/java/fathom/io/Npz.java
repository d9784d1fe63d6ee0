package fathom.io;

import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/// NumPy's files of several named arrays, `*.npz`: a zip file with an [Npy] file for each.
public final class Npz {
    private static final String ENDING = ".npy";
    private static final int MOST_ARRAY = Integer.MAX_VALUE - 8;

    /// Nothing that is deflated becomes larger by more.
    private static final int MOST_INFLATION = 1100;

    /// The earliest time that a zip file can tell.
    private static final LocalDateTime EPOCH = LocalDateTime.of(1980, 1, 1, 0, 0);

    private Npz() {}

    /// Reads a whole file, compressed or not.
    ///
    /// @return the arrays by name, in their order in the file
    /// @throws IllegalArgumentException if it is not a sound file, or an array is not, or takes more
    ///   memory than there is; the message names the file and the array
    /// @throws UncheckedIOException if the file cannot be read
    public static Map<String, Tensor> read(Path file) {
        Map<String, Tensor> tensors = new LinkedHashMap<>();
        forEach(file, (array, where, in) -> {
            Tensor tensor = Npy.read(where, MemorySegment.ofArray(content(file, where, in)));
            Require.that(tensors.put(array, tensor) == null, "%s: there twice", where);
        });
        return Collections.unmodifiableMap(tensors);
    }

    /// Reads the headers alone: each array is read when it is asked for.
    ///
    /// @throws IllegalArgumentException if it is not a sound file, or an array is not; the message
    ///   names the file and the array
    /// @throws UncheckedIOException if the file cannot be read
    public static TensorFile open(Path file) {
        return NumPyTensors.openZip(file);
    }

    /// Reads one of the arrays.
    static Tensor read(Path file, String name) {
        return Reading.of(file, () -> {
            try (ZipFile zip = new ZipFile(file.toFile(), StandardCharsets.UTF_8)) {
                String where = where(file, name);
                ZipEntry entry = zip.getEntry(name + ENDING);
                ZipEntry there = entry == null ? zip.getEntry(name) : entry;
                Require.that(there != null, "%s: not there any more", where);
                try (InputStream in = zip.getInputStream(Objects.requireNonNull(there))) {
                    return Npy.read(where, MemorySegment.ofArray(content(file, where, in)));
                }
            }
        });
    }

    /// Uses the bytes of an array.
    interface Use {
        void of(String array, String where, InputStream in) throws IOException;
    }

    static void forEach(Path file, Use use) {
        Reading.of(file, () -> {
            try (ZipFile zip = new ZipFile(file.toFile(), StandardCharsets.UTF_8)) {
                for (ZipEntry entry : Collections.list(zip.entries())) {
                    String name = entry.getName();
                    String array = name.endsWith(ENDING) ? name.substring(0, name.length() - ENDING.length()) : name;
                    try (InputStream in = zip.getInputStream(entry)) {
                        use.of(array, where(file, array), in);
                    }
                }
            }
            return file;
        });
    }

    private static String where(Path file, String array) {
        return file + ": array " + SafetensorsHeader.quoted(array);
    }

    /// As many bytes as the array's own header asks for, so that a small file cannot fill the memory.
    private static byte[] content(Path file, String where, InputStream in) throws IOException {
        byte[] start = in.readNBytes(NpyHeader.MOST_BYTES);
        NpyHeader header = NpyHeader.parse(where, ByteBuffer.wrap(start));
        long size =
                header.length() + (long) header.shape().size() * header.type().width();
        long free = Runtime.getRuntime().maxMemory();
        boolean fits = size <= MOST_ARRAY
                && size + header.shape().size() * (long) header.type().dtype().bytes() < free;
        Require.that(fits, "%s: %s bytes, for which %s of memory are not enough", where, size, free);
        long there = Files.size(file);
        String damaged = "%s: %s bytes in a file of %s, more than what is compressed can become";
        Require.that(size / MOST_INFLATION <= there, damaged, where, size, there);
        byte[] all = Arrays.copyOf(start, (int) Math.max(size, start.length));
        int read = start.length + in.readNBytes(all, start.length, all.length - start.length);
        Require.that(read == size && in.read() < 0, "%s: %s bytes, expected %s", where, read, size);
        return all;
    }

    /// Writes named tensors without compression, as `numpy.savez` does, computing them first if need
    /// be. At every moment, even after a crash, the file has either the old content or the whole new
    /// one.
    ///
    /// @throws IllegalArgumentException if a dtype is BF16, which NumPy does not have
    /// @throws UncheckedIOException if the file cannot be written
    public static void write(Path file, Map<String, Tensor> tensors) {
        Tensor.evaluateAll(tensors.values().toArray(Tensor[]::new));
        List<StoredTensor> stored = new ArrayList<>();
        tensors.forEach((name, tensor) -> stored.add(StoredTensor.of(name, tensor)));
        write(file, stored, name -> Objects.requireNonNull(tensors.get(name)));
    }

    /// Writes tensors that are made one after the other, so that not all of them need to be in memory.
    /// At every moment, even after a crash, the file has either the old content or the whole new one.
    ///
    /// @param tensors what is to be written
    /// @param elements gives the tensor of a name, of the dtype and the shape that were said
    /// @throws IllegalArgumentException if a dtype is BF16, which NumPy does not have, or a tensor is
    ///   not what was said
    /// @throws UncheckedIOException if the file cannot be written
    public static void write(Path file, List<StoredTensor> tensors, Function<String, Tensor> elements) {
        List<byte[]> headers = new ArrayList<>();
        for (StoredTensor tensor : tensors) {
            headers.add(Npy.header(where(file, tensor.name()), tensor));
        }
        AtomicFile.write(file, channel -> {
            // Closing it would close the file, which still has to be forced to the disk.
            ZipOutputStream zip = new ZipOutputStream(new BufferedOutputStream(Channels.newOutputStream(channel)));
            zip.setLevel(0);
            for (int i = 0; i < headers.size(); i++) {
                StoredTensor said = tensors.get(i);
                Tensor tensor = elements.apply(said.name());
                Safetensors.checkAsSaid(file, said, tensor);
                ZipEntry entry = new ZipEntry(said.name() + ENDING);
                entry.setTimeLocal(EPOCH); // The same tensors make the same bytes.
                zip.putNextEntry(entry);
                Npy.write(headers.get(i), tensor, (bytes, length) -> zip.write(bytes, 0, length));
                zip.closeEntry();
            }
            zip.finish();
            zip.flush();
        });
    }
}
