package fathom.data;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.zip.GZIPInputStream;

/// Streams that may be compressed.
final class Gzip {
    private static final int BUFFER = 1 << 16;
    private static final int MAGIC = 0x1f8b;

    private Gzip() {}

    /// What a stream holds, unzipped if it is compressed with gzip.
    static InputStream unzipped(InputStream raw) throws IOException {
        InputStream in = new BufferedInputStream(raw, BUFFER);
        return isCompressed(in) ? new GZIPInputStream(in, BUFFER) : in;
    }

    /// Whether a stream that supports marks starts as gzip does; nothing of it is consumed.
    static boolean isCompressed(InputStream in) throws IOException {
        in.mark(2);
        boolean compressed = (in.read() << 8 | in.read()) == MAGIC;
        in.reset();
        return compressed;
    }

    /// The bytes of a file, unzipped if it is compressed with gzip.
    static byte[] read(Path file) {
        try (InputStream in = unzipped(Files.newInputStream(file))) {
            return in.readAllBytes();
        } catch (NoSuchFileException e) {
            throw new UncheckedIOException(file + ": no such file", e);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }
}
