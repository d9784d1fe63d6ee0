package fathom.guide.book;

import fathom.data.Csv;
import fathom.data.Table;
import fathom.guide.Lesson;
import fathom.io.AtomicFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// A chapter's program in a virtual machine of its own, with the options of this one.
///
/// @param chapter whose program
/// @param folder where it leaves its figures and pictures, and its source as it was run
/// @param quick whether it is to be a small run
public record ChapterRun(Chapter chapter, Path folder, boolean quick) {
    /// What this virtual machine was given and the other one is not to get: the archive of its classes is
    /// for another main class, and what is patched into modules here are tests.
    private static final List<String> OWN =
            List.of("-XX:SharedArchiveFile", "-XX:ArchiveClassesAtExit", "-Xlog:aot", "-Xlog:cds", "-javaagent", "--");

    /// Runs the program to its end, with the environment of this one.
    ///
    /// @param output where what it prints goes; its errors go there too, unless that is inherited
    /// @return the exit code
    /// @throws UncheckedIOException if it cannot be started, or its source cannot be written
    public int run(Redirect output) {
        return run(output, Map.of());
    }

    /// Runs the program to its end.
    ///
    /// @param output where what it prints goes; its errors go there too, unless that is inherited
    /// @param environment variables that it gets beside those of this one
    /// @return the exit code
    /// @throws UncheckedIOException if it cannot be started, or its source cannot be written
    public int run(Redirect output, Map<String, String> environment) {
        Path source = folder.resolve(chapter.program().name());
        AtomicFile.write(source, chapter.program().text());
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options());
        command.add(source.toString());
        ProcessBuilder builder = new ProcessBuilder(command).redirectOutput(output);
        if (output == Redirect.INHERIT) {
            builder.inheritIO();
        } else {
            builder.redirectErrorStream(true);
        }
        builder.environment().putAll(environment);
        builder.environment().put(Lesson.FOLDER, folder.toAbsolutePath().toString());
        builder.environment().put(Lesson.SETTING, quick ? Lesson.QUICK : "full");
        try {
            return await(builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot run " + source, e);
        }
    }

    /// The options of a virtual machine that runs, or compiles, programs of chapters.
    public static List<String> options() {
        List<String> options = new ArrayList<>();
        ManagementFactory.getRuntimeMXBean().getInputArguments().stream()
                .filter(given -> OWN.stream().noneMatch(given::startsWith))
                .forEach(options::add);
        options.addAll(modules());
        return options;
    }

    /// The options that say where the modules are. The command itself has them on its class path, where it starts
    /// sooner.
    public static List<String> modules() {
        String path = System.getProperty("jdk.module.path", System.getProperty("java.class.path"));
        return List.of("--module-path", path, "--add-modules", "fathom.guide");
    }

    private static int await(Process process) {
        try {
            return process.waitFor();
        } catch (InterruptedException e) {
            process.destroy();
            Thread.currentThread().interrupt();
            return 130;
        }
    }

    /// The figures that it left, by name.
    ///
    /// @throws UncheckedIOException if there are none
    public Map<String, Double> figures() {
        Table table = Csv.standard().read(folder.resolve("figures.csv"));
        String[] names = table.texts("figure");
        double[] values = table.numbers("value");
        Map<String, Double> figures = new LinkedHashMap<>();
        for (int i = 0; i < names.length; i++) {
            figures.put(names[i], values[i]);
        }
        return figures;
    }

    /// A picture that it left.
    ///
    /// @throws UncheckedIOException if there is none
    public String picture(String name) {
        return Chapter.read(folder.resolve("pictures").resolve(name + ".svg"));
    }
}
