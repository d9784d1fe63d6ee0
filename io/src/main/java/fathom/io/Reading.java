package fathom.io;

import fathom.ir.Require;
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
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.zip.ZipException;

/// Reads files, and says in the same words why one cannot be read.
final class Reading {
    /// Names that an error lists.
    private static final int MOST_NAMES = 20;

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

    /// What a file has by a name.
    ///
    /// @throws IllegalArgumentException if there is nothing; the message has names that there are
    static <T> T named(Path file, String name, Map<String, T> all) {
        T found = all.get(name);
        if (found == null) {
            List<String> some = all.keySet().stream()
                    .limit(MOST_NAMES)
                    .map(SafetensorsHeader::quoted)
                    .toList();
            String more = all.size() > MOST_NAMES ? " and " + (all.size() - MOST_NAMES) + " more" : "";
            throw new IllegalArgumentException("%s: no tensor %s, expected one of %s%s"
                    .formatted(file, SafetensorsHeader.quoted(name), some, more));
        }
        return found;
    }

    /// That a file is as long as it was when it was looked into.
    static void checkUnchanged(Path file, long found, long expected) {
        Require.that(found == expected, "%s: %s bytes, but %s when it was opened", file, found, expected);
    }
}
