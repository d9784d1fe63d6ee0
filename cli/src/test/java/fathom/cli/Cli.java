package fathom.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;

/// The outcome of one call of the command.
///
/// @param code the exit code
/// @param out what went to standard output
/// @param err what went to standard error
record Cli(int code, String out, String err) {
    static Cli run(Object... args) {
        StringWriter out = new StringWriter();
        StringWriter err = new StringWriter();
        String[] words = new String[args.length];
        for (int i = 0; i < args.length; i++) {
            words[i] = args[i].toString();
        }
        int code = Main.run(words, new PrintWriter(out), new PrintWriter(err));
        return new Cli(code, out.toString(), err.toString());
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
