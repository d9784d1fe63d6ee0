package fathom.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.AtomicMoveNotSupportedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.UUID;

/// Writes files so that at every moment, even after a crash, there is either the old content or the
/// whole new one.
public final class AtomicFile {
    private AtomicFile() {}

    /// Writes a file, or replaces it.
    ///
    /// @throws UncheckedIOException if that fails; the file is then as it was
    public static void write(Path file, byte[] content) {
        write(file, channel -> writeFully(channel, ByteBuffer.wrap(content)));
    }

    /// Writes or replaces a file with text in UTF-8.
    ///
    /// @throws UncheckedIOException if that fails; the file is then as it was
    public static void write(Path file, String content) {
        write(file, content.getBytes(StandardCharsets.UTF_8));
    }

    static void writeFully(FileChannel channel, ByteBuffer bytes) throws IOException {
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /// What writes the content.
    public interface Content {
        /// Writes all of it, from where the channel is.
        void writeTo(FileChannel channel) throws IOException;
    }

    /// Writes beside the target, forces that to the disk, and gives it the target's name.
    ///
    /// @throws UncheckedIOException if that fails; the target is then as it was
    public static void write(Path target, Content content) {
        Path folder = target.toAbsolutePath().getParent();
        if (folder == null || Files.isDirectory(target)) {
            throw cannot(target, new IOException("it is a folder, expected the name of a file"));
        }
        if (!Files.isDirectory(folder)) {
            throw cannot(target, new NoSuchFileException("there is no folder " + folder));
        }
        Path temporary = folder.resolve(prefix(target) + UUID.randomUUID() + ".tmp");
        try {
            try (FileChannel channel =
                    FileChannel.open(temporary, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
                content.writeTo(channel);
                channel.force(true);
            }
            move(temporary, target);
            forceFolder(folder);
        } catch (IOException e) {
            throw cannot(target, e);
        } finally {
            deleteQuietly(temporary);
        }
    }

    /// Gives a file another name, in place of what has it now.
    ///
    /// @throws UncheckedIOException if that fails
    static void rename(Path from, Path to) {
        try {
            move(from, to);
        } catch (IOException e) {
            throw cannot(to, e);
        }
    }

    /// Deletes a file, if it is there.
    ///
    /// @throws UncheckedIOException if that fails
    static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be deleted: " + e.getMessage(), e);
        }
    }

    /// Deletes what writers of the target left behind when they were killed. Only for targets that
    /// nobody else is writing at the time.
    static void deleteLeftovers(Path target) {
        Path folder = target.toAbsolutePath().getParent();
        String prefix = prefix(target);
        if (folder == null || !Files.isDirectory(folder)) {
            return;
        }
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, file -> {
            String name = String.valueOf(file.getFileName());
            return name.startsWith(prefix) && name.endsWith(".tmp");
        })) {
            files.forEach(AtomicFile::deleteQuietly);
        } catch (IOException e) {
            throw cannot(target, e);
        }
    }

    private static String prefix(Path target) {
        return "." + target.getFileName() + ".";
    }

    private static void move(Path from, Path to) throws IOException {
        try {
            Files.move(from, to, StandardCopyOption.ATOMIC_MOVE);
        } catch (AtomicMoveNotSupportedException e) {
            Files.move(from, to, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    /// Makes the new name outlast a power cut. Windows cannot open folders and does not need it.
    private static void forceFolder(Path folder) {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        } catch (IOException e) {
            // The file itself is whole and in place.
        }
    }

    private static void deleteQuietly(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            // A leftover harms nobody, and the error before it is the one to report.
        }
    }

    private static UncheckedIOException cannot(Path target, IOException e) {
        return new UncheckedIOException(target + ": cannot be written: " + e.getMessage(), e);
    }
}
