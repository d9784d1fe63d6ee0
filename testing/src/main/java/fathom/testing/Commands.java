package fathom.testing;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/// Runs other programs, such as those that fetch packages.
public final class Commands {
    private Commands() {}

    /// Runs a program, whose output nobody reads.
    ///
    /// @param folder in which it runs
    /// @param most how long it may take
    /// @return whether it ended well, and in time
    /// @throws IOException if there is no such program
    public static boolean run(Path folder, Duration most, String... command) throws IOException {
        Process process = new ProcessBuilder(command)
                .directory(folder.toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        try {
            if (process.waitFor(most.toMillis(), TimeUnit.MILLISECONDS)) {
                return process.exitValue() == 0;
            }
            process.destroy();
        } catch (InterruptedException e) {
            process.destroy();
            Thread.currentThread().interrupt();
        }
        return false;
    }
}
