package fathom.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDateTime;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/// Damaged files of a format that each led a reader somewhere else, as a zip file among the resources of
/// a module's tests.
final class Corpus {
    private static final LocalDateTime EPOCH = LocalDateTime.of(1980, 1, 1, 0, 0);
    private static final Path FOLDER = Path.of("src", "test", "resources", "fathom", "fuzz");

    private Corpus() {}

    private static Path file(String format) {
        return FOLDER.resolve(format + ".zip");
    }

    static List<byte[]> read(String format) {
        List<byte[]> files = new ArrayList<>();
        if (!Files.exists(file(format))) {
            return files;
        }
        try (ZipFile zip = new ZipFile(file(format).toFile())) {
            for (ZipEntry entry : Collections.list(zip.entries())) {
                try (var in = zip.getInputStream(entry)) {
                    files.add(in.readAllBytes());
                }
            }
            return files;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void write(String format, List<byte[]> files) {
        try {
            Files.createDirectories(FOLDER);
            try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(file(format)))) {
                for (int i = 0; i < files.size(); i++) {
                    ZipEntry entry = new ZipEntry(String.format(Locale.ROOT, "%03d", i));
                    entry.setTimeLocal(EPOCH); // The same files make the same bytes.
                    zip.putNextEntry(entry);
                    zip.write(files.get(i));
                    zip.closeEntry();
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
