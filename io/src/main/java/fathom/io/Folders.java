package fathom.io;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/// Makes folders, and says in words why one cannot be made: the messages of the platform are often no more than
/// a path.
public final class Folders {
    private Folders() {}

    /// Makes a folder and those above it, as far as they are not there.
    ///
    /// @return the folder
    /// @throws UncheckedIOException if that fails; the message names the folder and the reason
    public static Path make(Path folder) {
        try {
            return Files.createDirectories(folder);
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": the folder cannot be made: " + reason(e), e);
        }
    }

    /// Why a folder could not be made or written to.
    public static String reason(IOException e) {
        return switch (e) {
            case FileAlreadyExistsException f -> f.getFile() + " is a file";
            case NoSuchFileException f -> "the file system has no place for " + f.getFile();
            case AccessDeniedException f -> "no permission to write " + f.getFile();
            case FileSystemException f when f.getReason() != null -> f.getReason() + ": " + f.getFile();
            default -> String.valueOf(e.getMessage());
        };
    }
}
