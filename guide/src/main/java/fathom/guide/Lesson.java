package fathom.guide;

import fathom.io.AtomicFile;
import fathom.io.Folders;
import fathom.ir.Require;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/// One run of a chapter's program: how large it is to be, and what it leaves.
///
/// ```
/// var lesson = Lesson.begin();
/// int epochs = lesson.choose(60, 2);
/// ...
/// lesson.figure("r-squared", rSquared);
/// lesson.picture("loss", Plot.of("The loss falls").line("training", losses));
/// ```
///
/// Figures go to `figures.csv` in the run's folder, pictures to `pictures/NAME.svg` there. That folder is
/// the one that the environment variable `FATHOM_GUIDE_OUT` names, else the current one. The run is at
/// full size unless `FATHOM_GUIDE` is `quick`.
public final class Lesson {
    /// The environment variable that says how large a run is.
    public static final String SETTING = "FATHOM_GUIDE";

    /// The environment variable that says where a run leaves its files.
    public static final String FOLDER = "FATHOM_GUIDE_OUT";

    /// The value of [#SETTING] for a small run.
    public static final String QUICK = "quick";

    private static final String NAME = "[a-z][a-z0-9]*(-[a-z0-9]+)*";

    private final boolean quick;
    private final Path folder;
    private final Map<String, Double> figures = new LinkedHashMap<>();

    private Lesson(boolean quick, Path folder) {
        this.quick = quick;
        this.folder = folder;
    }

    /// Begins a run as the environment says. A file that cannot be read or fetched then ends the program with a
    /// line that says so, in place of a stack trace.
    ///
    /// @throws IllegalArgumentException if that names a setting that there is not
    public static Lesson begin() {
        String setting = System.getenv().getOrDefault(SETTING, "full");
        boolean known = setting.equals("full") || setting.equals(QUICK);
        Require.that(known, "lesson: %s is '%s', expected full or quick", SETTING, setting);
        Thread.currentThread().setUncaughtExceptionHandler((_, e) -> explain(e, System.err));
        return in(Path.of(System.getenv().getOrDefault(FOLDER, "")), setting.equals(QUICK));
    }

    /// Says why a program ends. Whoever tries something in a chapter needs to see where it failed; whoever has no
    /// network needs to see what to do.
    static void explain(Throwable e, PrintStream err) {
        if (e instanceof UncheckedIOException) {
            err.println(e.getMessage());
        } else {
            e.printStackTrace(err);
        }
    }

    /// A run with its files in a folder.
    static Lesson in(Path folder, boolean quick) {
        return new Lesson(quick, folder);
    }

    /// Whether the run is a small one, for tests.
    public boolean isQuick() {
        return quick;
    }

    /// A number that depends on how large the run is.
    public int choose(int full, int forQuick) {
        return quick ? forQuick : full;
    }

    /// Notes a result that the chapter's text tells: prints it, and adds it to `figures.csv`.
    ///
    /// @param name in lower case, with hyphens between words
    /// @throws IllegalArgumentException if the name is another one or has been given before, or the value
    ///   is not finite
    /// @throws UncheckedIOException if the file cannot be written
    public void figure(String name, double value) {
        checkName("figure", name);
        Require.that(Double.isFinite(value), "figure %s: %s, expected a finite number", name, value);
        Require.that(!figures.containsKey(name), "figure %s: noted before, expected each name once", name);
        figures.put(name, value);
        IO.println(name + " = " + value);
        String lines = figures.entrySet().stream()
                .map(f -> f.getKey() + "," + f.getValue() + "\n")
                .collect(Collectors.joining("", "figure,value\n", ""));
        AtomicFile.write(Folders.make(folder.toAbsolutePath()).resolve("figures.csv"), lines);
    }

    /// Writes a picture.
    ///
    /// @param name of the file, without its ending: in lower case, with hyphens between words
    /// @throws IllegalArgumentException if the name is another one
    /// @throws UncheckedIOException if the file cannot be written
    public void picture(String name, Picture picture) {
        checkName("picture", name);
        Path file = Folders.make(folder.toAbsolutePath().resolve("pictures")).resolve(name + ".svg");
        AtomicFile.write(file, picture.svg());
        IO.println("drawn: pictures/" + name + ".svg");
    }

    private static void checkName(String what, String name) {
        String message = "%s '%s': expected a name in lower case, with hyphens between words";
        Require.that(name.matches(NAME), message, what, name);
    }
}
