package fathom.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

class AtomicFileTest {
    @TempDir
    private Path folder;

    private long files() throws IOException {
        try (Stream<Path> there = Files.list(folder)) {
            return there.count();
        }
    }

    @Test
    void contentIsWrittenAndReplaced() throws IOException {
        Path file = folder.resolve("a.txt");
        AtomicFile.write(file, "größer");
        assertThat(file).hasContent("größer");
        AtomicFile.write(file, new byte[] {1, 2, 3});
        assertThat(file).hasBinaryContent(new byte[] {1, 2, 3});
        assertThat(files()).isEqualTo(1);
    }

    @Test
    void whatFailsMidwayChangesNothingAndLeavesNothing() throws IOException {
        Path file = folder.resolve("a.txt");
        AtomicFile.write(file, "before");
        assertThatThrownBy(() -> AtomicFile.write(file, channel -> {
                    channel.write(ByteBuffer.wrap(new byte[100]));
                    throw new IOException("the disk is full");
                }))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage(file + ": cannot be written: the disk is full");
        assertThat(file).hasContent("before");
        assertThat(files()).isEqualTo(1);
    }

    @Test
    void anInterruptedThreadChangesNothing() throws IOException {
        Path file = folder.resolve("a.txt");
        AtomicFile.write(file, "before");
        Thread.currentThread().interrupt();
        try {
            assertThatThrownBy(() -> AtomicFile.write(file, "after")).isInstanceOf(UncheckedIOException.class);
        } finally {
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(file).hasContent("before");
    }

    /// Windows may refuse to replace a file that is being read.
    @Test
    @DisabledOnOs(OS.WINDOWS)
    void whoReadsMeanwhileSeesOneWholeContent() throws IOException {
        Path file = folder.resolve("a.txt");
        AtomicFile.write(file, "0".repeat(10_000));
        CompletableFuture<Void> writer = CompletableFuture.runAsync(() -> {
            for (int i = 1; i <= 100; i++) {
                AtomicFile.write(file, Integer.toString(i % 10).repeat(10_000));
            }
        });
        do {
            String text = Files.readString(file, StandardCharsets.UTF_8);
            assertThat(text).hasSize(10_000);
            assertThat(text.chars().distinct().count()).isEqualTo(1);
        } while (!writer.isDone());
        writer.join();
    }

    @Test
    void aMissingFolderIsNamed() {
        Path file = folder.resolve("none").resolve("a.txt");
        assertThatThrownBy(() -> AtomicFile.write(file, "text"))
                .isInstanceOf(UncheckedIOException.class)
                .hasMessage(file + ": cannot be written: there is no folder " + folder.resolve("none"));
        assertThatThrownBy(() -> AtomicFile.write(folder, "text")).hasMessageContaining("it is a folder");
    }
}
