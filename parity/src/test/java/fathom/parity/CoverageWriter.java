package fathom.parity;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestPlan;

/// Writes `docs/coverage.md` after all tests, with the errors that they saw, if asked to by
/// `-Dfathom.coverage=write`.
public final class CoverageWriter implements TestExecutionListener {
    @Override
    public void testPlanExecutionFinished(TestPlan plan) {
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
