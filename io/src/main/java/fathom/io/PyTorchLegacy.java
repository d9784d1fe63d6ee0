package fathom.io;

import fathom.io.Pickle.Storage;
import fathom.ir.Require;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/// The form of `torch.save` before PyTorch 1.6: pickles of a magic number, a version, a system, the values, and the
/// storages' keys; then the storages.
record PyTorchLegacy(Path file, ByteOrder order, PyTorchContents contents, Map<String, PyTorchStorage> storages)
        implements PyTorchSource {
    private static final String MAGIC = "119547037146038801333356";

    private static final long VERSION = 1001;

    static PyTorchLegacy read(Path file) throws IOException {
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
        PyTorchContents contents = PyTorchContents.of(where, Unpickler.read(where, in));
        Object keys = Unpickler.read(where, in);
        if (!(keys instanceof List<?> list)) {
            throw new IllegalArgumentException(file + ": keys of storages " + Pickle.text(keys) + ", expected a list");
        }
        // How wide elements are stands with the tensors.
        Map<String, Storage> known = new HashMap<>();
        contents.views().values().forEach(view -> known.put(view.storage().key(), view.storage()));
        Map<String, PyTorchStorage> storages = new HashMap<>();
        for (Object key : list) {
            Storage storage = known.get(Pickle.text(key));
            Require.that(storage != null, "%s: a storage '%s' of no tensor", file, Pickle.text(key));
            storages.put(Pickle.text(key), next(file, in.order(order), Objects.requireNonNull(storage)));
        }
        return new PyTorchLegacy(file, order, contents, storages);
    }

    private static PyTorchStorage next(Path file, ByteBuffer in, Storage storage) {
        NpyType type = PyTorchStorage.type(file.toString(), storage.type(), in.order());
        long size = in.remaining() < Long.BYTES ? -1 : in.getLong();
        boolean fits = size == storage.elements()
                && size >= 0
                && size <= in.remaining()
                && size * type.width() <= in.remaining();
        String message = "%s: a storage of %s elements, expected %s, and %s bytes are left";
        Require.that(fits, message, file, size, storage.elements(), in.remaining());
        int length = (int) size * type.width();
        MemorySegment bytes = MemorySegment.ofBuffer(in.slice(in.position(), length));
        in.position(in.position() + length);
        return new PyTorchStorage(type, bytes);
    }

    @Override
    public PyTorchStorage storage(Storage storage) {
        PyTorchStorage found = storages.get(storage.key());
        if (found == null) {
            throw new IllegalArgumentException("%s: no storage '%s'".formatted(file, storage.key()));
        }
        return found;
    }
}
