package fathom.cli;

import fathom.nn.train.ConsoleProgress;
import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;
import picocli.CommandLine.UnmatchedArgumentException;

/// The `fathom` command.
@Command(
        name = "fathom",
        description = "Deep learning for the JVM in plain Java.",
        mixinStandardHelpOptions = true,
        versionProvider = Version.class,
        subcommands = {
            TrainCommand.class,
            PredictCommand.class,
            BenchCommand.class,
            ExplainCommand.class,
            InspectCommand.class,
            ConvertCommand.class,
            ExportCommand.class,
            RunCommand.class,
            EmbedCommand.class,
            GenerateCommand.class,
            GuideCommand.class
        },
        footer = {
            "",
            "Exit codes: 0 done, 1 failed at work, 2 something given is wrong,",
            "130 interrupted (what was begun can be resumed).",
            "",
            "Begin with: fathom train mnist, or fathom guide"
        })
public final class Main implements Runnable {
    /// Done.
    static final int OK = 0;

    /// What was asked for was right, but could not be done.
    static final int FAILED = 1;

    /// Something that was given is wrong.
    static final int USAGE = 2;

    /// Stopped by the user.
    static final int INTERRUPTED = 130;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    private final PrintStream out;
    private final ConsoleProgress progress;

    private Main(PrintStream out, ConsoleProgress progress) {
        this.out = out;
        this.progress = progress;
    }

    public static void main(String[] args) {
        if (System.getProperty("java.awt.headless") == null) {
            System.setProperty("java.awt.headless", "true");
        }
        Locale.setDefault(Locale.ROOT);
        System.exit(run(args, System.out, System.err, ConsoleProgress.standard()));
    }

    /// Runs the command.
    ///
    /// @param args what stands after `fathom` on the command line
    /// @param out gets results, and progress line by line
    /// @param err gets errors
    /// @return the exit code
    public static int run(String[] args, PrintStream out, PrintStream err) {
        return run(args, out, err, new ConsoleProgress(out, false));
    }

    private static int run(String[] args, PrintStream out, PrintStream err, ConsoleProgress progress) {
        PrintWriter errors = new PrintWriter(err, true, err.charset());
        CommandLine line = Converters.on(new CommandLine(new Main(out, progress)))
                .setOut(new PrintWriter(out, true, out.charset()))
                .setErr(errors)
                .setParameterExceptionHandler((e, given) -> wrongUsage(e, errors))
                .setExecutionExceptionHandler((e, command, given) -> failure(e, errors));
        int code;
        try {
            code = line.execute(args);
        } catch (OutOfMemoryError e) {
            code = fail(
                    errors,
                    "not enough memory ("
                            + e.getMessage()
                            + "); a smaller --batch-size or a larger heap"
                            + " (FATHOM_JAVA_OPTIONS=-Xmx8g) may help");
        }
        line.getOut().flush();
        errors.flush();
        return code;
    }

    /// The command that a subcommand belongs to.
    static Main of(CommandSpec spec) {
        return (Main) spec.root().userObject();
    }

    /// Where results go.
    PrintStream out() {
        return out;
    }

    /// How progress is shown.
    ConsoleProgress progress() {
        return progress;
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    private static int wrongUsage(ParameterException e, PrintWriter err) {
        String command = e.getCommandLine().getCommandSpec().qualifiedName();
        String message = oneLine(e.getMessage());
        if (e instanceof UnmatchedArgumentException unmatched) {
            List<String> near = unmatched.getSuggestions();
            message = unmatched.isUnknownOption()
                    ? "unknown option " + unmatched.getUnmatched().getFirst()
                    : "unknown argument '" + unmatched.getUnmatched().getFirst() + "'";
            if (!near.isEmpty()) {
                message += ", did you mean " + String.join(" or ", near) + "?";
            }
        }
        err.println(command + ": " + message + " (see " + command + " --help)");
        return USAGE;
    }

    private static int failure(Exception e, PrintWriter err) {
        return switch (e) {
            case UserError wrong -> {
                err.println("fathom: " + oneLine(wrong.getMessage()));
                yield USAGE;
            }
            case Failure failed -> fail(err, oneLine(failed.getMessage()));
            case UncheckedIOException io -> fail(err, oneLine(io.getMessage()));
            default -> {
                err.println("fathom: this should not have happened, please report it:");
                e.printStackTrace(err);
                yield FAILED;
            }
        };
    }

    private static int fail(PrintWriter err, String message) {
        err.println("fathom: " + message);
        return FAILED;
    }

    private static String oneLine(@Nullable String message) {
        return String.valueOf(message).strip().replaceAll("\\s*\\R\\s*", " ").replaceAll("\\p{Cc}", " ");
    }
}
