package fathom.io;

import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.function.Function;
import java.util.zip.ZipException;

/// Reads files, and says in the same words why one cannot be read.
final class Reading {
    private Reading() {}

    /// What reads a file.
    interface Body<T> {
        T read() throws IOException;
    }

    /// What is read of a file.
    ///
    /// @throws IllegalArgumentException if it should be a zip file and is not a sound one
    /// @throws UncheckedIOException if it cannot be read; the message names the file
    static <T> T of(Path file, Body<T> body) {
        try {
            return body.read();
        } catch (NoSuchFileException e) {
            throw new UncheckedIOException(file + ": no such file", e);
        } catch (ZipException | EOFException e) {
            throw new IllegalArgumentException(file + ": not a sound zip file: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    /// What is read of a file's bytes, which are there for as long as that takes.
    ///
    /// @throws UncheckedIOException if it cannot be read; the message names the file
    static <T> T mapped(Path file, Function<MemorySegment, T> body) {
        return of(file, () -> {
            try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ);
                    Arena arena = Arena.ofConfined()) {
                return body.apply(channel.map(MapMode.READ_ONLY, 0, channel.size(), arena));
            }
        });
    }
}
