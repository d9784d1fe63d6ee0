package fathom.parity;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// Writes `docs/coverage.md` after all tests, with the errors that they saw, if asked to by
/// `-Dfathom.coverage=write`.
final class CoverageWriter implements AutoCloseable {
    @Override
    public void close() {
        if (!"write".equals(System.getProperty("fathom.coverage"))) {
            return;
        }
        Path document = Path.of("../docs/coverage.md");
        try {
            Files.writeString(document, Coverage.read().markdown());
        } catch (IOException e) {
            throw new UncheckedIOException(document.toString(), e);
        }
    }
}
