package fathom.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/// The outcome of one call of the command.
///
/// @param code the exit code
/// @param out what went to standard output
/// @param err what went to standard error
record Cli(int code, String out, String err) {
    static Cli run(Object... args) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ByteArrayOutputStream err = new ByteArrayOutputStream();
        String[] words = new String[args.length];
        for (int i = 0; i < args.length; i++) {
            words[i] = args[i].toString();
        }
        int code = Main.run(
                words,
                new PrintStream(out, true, StandardCharsets.UTF_8),
                new PrintStream(err, true, StandardCharsets.UTF_8));
        return new Cli(code, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
    }

    /// Asserts that what was given was refused in one line.
    ///
    /// @param parts what the line says
    void isRefused(String... parts) {
        assertThat(err.strip().lines()).as("lines of the error").hasSize(1);
        assertThat(err).startsWith("fathom").contains(parts);
        assertThat(out).isEmpty();
        assertThat(code).isEqualTo(Main.USAGE);
    }
}
