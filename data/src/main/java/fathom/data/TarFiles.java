package fathom.data;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BiConsumer;
import java.util.function.Predicate;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/// The files in a tar file, plain or compressed with gzip.
final class TarFiles {
    private TarFiles() {}

    /// Calls back with the path and the bytes of each file that is wanted, in the archive's order.
    ///
    /// @throws IllegalArgumentException if it is damaged
    /// @throws UncheckedIOException if it cannot be read
    static void each(Path archive, Predicate<String> wanted, BiConsumer<String, byte[]> action) {
        try (InputStream file = Files.newInputStream(archive)) {
            read(archive, file, wanted, action);
        } catch (IOException e) {
            throw new UncheckedIOException(archive + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static void read(
            Path archive, InputStream file, Predicate<String> wanted, BiConsumer<String, byte[]> action) {
        try (TarArchiveInputStream in = new TarArchiveInputStream(Gzip.unzipped(file))) {
            TarArchiveEntry entry = in.getNextEntry();
            while (entry != null) {
                if (entry.isFile() && wanted.test(entry.getName())) {
                    action.accept(entry.getName(), in.readAllBytes());
                }
                entry = in.getNextEntry();
            }
        } catch (IOException e) {
            throw new IllegalArgumentException(archive + ": not a whole tar file: " + e.getMessage(), e);
        }
    }
}
