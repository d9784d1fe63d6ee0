package fathom.io;

import fathom.io.Pickle.Storage;
import fathom.io.Pickle.View;
import fathom.tensor.Tensor;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.zip.ZipFile;

/// An open file of `torch.save`.
interface PyTorchSource {
    Path file();

    ByteOrder order();

    PyTorchContents contents() throws IOException;

    PyTorchStorage storage(Storage storage) throws IOException;

    default Tensor read(String name, View view) throws IOException {
        return storage(view.storage()).tensor(where(file(), name), view);
    }

    /// A tensor in errors.
    static String where(Path file, String name) {
        return file + ": tensor " + SafetensorsHeader.quoted(name);
    }

    /// Uses an open file.
    interface Use<T> {
        T of(PyTorchSource source) throws IOException;
    }

    /// What is made of a file, in either form.
    static <T> T use(Path file, Use<T> use) {
        return Reading.of(file, () -> {
            if (!isZip(file)) {
                return use.of(PyTorchLegacy.read(file));
            }
            try (ZipFile zip = new ZipFile(file.toFile(), StandardCharsets.UTF_8)) {
                return use.of(PyTorchZip.of(file, zip));
            }
        });
    }

    private static boolean isZip(Path file) throws IOException {
        try (InputStream in = Files.newInputStream(file)) {
            byte[] start = in.readNBytes(2);
            return start.length == 2 && start[0] == 'P' && start[1] == 'K';
        }
    }
}
