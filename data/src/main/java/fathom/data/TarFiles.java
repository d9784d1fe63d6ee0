package fathom.data;

import fathom.ir.Require;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.BiConsumer;
import java.util.function.Predicate;

/// The files in a tar file, plain or compressed with gzip. Only what names have up to 100 characters is
/// understood, as in the archives of data sets; links and folders are passed over.
final class TarFiles {
    private static final int BLOCK = 512;
    private static final int NAME = 100;
    private static final int SIZE_AT = 124;
    private static final int SIZE_DIGITS = 12;
    private static final int TYPE_AT = 156;

    private TarFiles() {}

    /// Calls back with the path and the bytes of each file that is wanted, in the archive's order.
    ///
    /// @throws IllegalArgumentException if it is damaged
    /// @throws UncheckedIOException if it cannot be read
    static void each(Path archive, Predicate<String> wanted, BiConsumer<String, byte[]> action) {
        try (InputStream in = Gzip.unzipped(Files.newInputStream(archive))) {
            byte[] header = in.readNBytes(BLOCK);
            while (header.length == BLOCK && header[0] != 0) {
                String path = text(header, 0, NAME);
                long size = size(archive, path, header);
                long padding = Math.ceilDiv(size, BLOCK) * BLOCK - size;
                boolean isFile = header[TYPE_AT] == '0' || header[TYPE_AT] == 0;
                if (isFile && wanted.test(path)) {
                    byte[] bytes = in.readNBytes((int) size);
                    Require.that(bytes.length == size, "%s: ends within %s, expected %s bytes", archive, path, size);
                    action.accept(path, bytes);
                    in.skipNBytes(padding);
                } else {
                    in.skipNBytes(size + padding);
                }
                header = in.readNBytes(BLOCK);
            }
            boolean ended = header.length == BLOCK;
            Require.that(ended, "%s: ends after %s bytes of a header, expected a tar file", archive, header.length);
        } catch (EOFException e) {
            throw new IllegalArgumentException(archive + ": ends within a file, expected a whole tar file", e);
        } catch (IOException e) {
            throw new UncheckedIOException(archive + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static long size(Path archive, String path, byte[] header) {
        String digits = text(header, SIZE_AT, SIZE_DIGITS).strip();
        boolean octal = digits.matches("[0-7]{1,11}");
        Require.that(octal, "%s: %s has size '%s', expected octal digits", archive, path, digits);
        long size = Long.parseLong(digits, 8);
        Require.that(
                size <= Integer.MAX_VALUE - BLOCK, "%s: %s has %s bytes, expected below 2^31", archive, path, size);
        return size;
    }

    /// A field that ends with a zero or with its last byte.
    private static String text(byte[] header, int from, int length) {
        int end = from;
        while (end < from + length && header[end] != 0) {
            end++;
        }
        return new String(header, from, end - from, StandardCharsets.UTF_8);
    }
}
