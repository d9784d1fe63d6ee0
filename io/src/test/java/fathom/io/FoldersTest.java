package fathom.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FoldersTest {
    @Test
    void foldersAreMadeWithThoseAboveThem(@TempDir Path folder) {
        Path deep = folder.resolve("a").resolve("b");
        assertThat(Folders.make(deep)).isEqualTo(deep).isDirectory();
        assertThat(Folders.make(deep)).isDirectory();
    }

    @Test
    void aFileInTheWayIsNamed(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve("notes.txt"), "here first");
        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> Folders.make(file))
                .withMessage(file + ": the folder cannot be made: " + file + " is a file");
        assertThatExceptionOfType(UncheckedIOException.class)
                .isThrownBy(() -> Folders.make(file.resolve("a")))
                .withMessageStartingWith(file.resolve("a") + ": the folder cannot be made: ");
        assertThat(file).hasContent("here first");
    }

    @Test
    void theReasonIsMoreThanThePath() {
        assertThat(Folders.reason(new NoSuchFileException("x"))).isEqualTo("the file system has no place for x");
        assertThat(Folders.reason(new AccessDeniedException("x"))).isEqualTo("no permission to write x");
        assertThat(Folders.reason(new IOException("full"))).isEqualTo("full");
    }
}
