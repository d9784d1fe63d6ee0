package fathom.cli;

import fathom.cli.mnist.RunFolder;
import fathom.guide.book.Chapter;
import fathom.guide.book.ChapterRun;
import fathom.guide.book.Course;
import fathom.guide.notebook.Notebook;
import fathom.guide.site.Site;
import fathom.io.AtomicFile;
import fathom.io.Folders;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/// `fathom guide`: the course.
@Command(
        name = "guide",
        description = {
            "A course of deep learning in chapters that run. Without a command it lists them, each with the"
                    + " time that it takes on two cores.",
        },
        mixinStandardHelpOptions = true,
        sortOptions = false,
        footer = {
            "",
            "Begin with: fathom guide site, then open guide-site/index.html in a browser.",
        })
final class GuideCommand implements Runnable {
    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        PrintStream out = Main.of(spec).out();
        for (Chapter c : Course.carried().chapters()) {
            out.printf(
                    "%3d  %s (about %d min%s)%n",
                    c.number(),
                    c.english().title(),
                    c.english().minutes(),
                    c.english().data().isEmpty() ? "" : ", after a download");
            out.printf("     %s%n", c.english().summary());
        }
    }

    @Command(
            name = "run",
            description = "Runs a chapter's program at full size and draws its pictures.",
            mixinStandardHelpOptions = true,
            sortOptions = false,
            footer = {
                "",
                "The folder gets figures.csv, pictures/*.svg and the program. In the end each figure is"
                        + " compared with what the chapter's text says; the exit code is 1 if one is off.",
            })
    int run(
            @Parameters(paramLabel = "CHAPTER", description = "The number of the chapter.") int number,
            @Option(names = "--quick", description = "A small run of seconds, as the tests do it.") boolean quick,
            @Option(
                            names = "--out",
                            paramLabel = "DIR",
                            description = "Where to leave what the program makes (default: runs/guide-CHAPTER-TIME).")
                    @Nullable
                    Path folder) {
        Chapter chapter = chapter(number);
        Path made = made(folder == null ? RunFolder.defaultPath("guide-" + chapter.id()) : folder);
        ChapterRun run = new ChapterRun(chapter, made, quick);
        PrintStream out = Main.of(spec).out();
        int code = run.run(Redirect.INHERIT);
        if (code != 0) {
            throw new Failure("the program of chapter %d ended with %d".formatted(number, code));
        }
        List<String> complaints = chapter.complaints(run.figures(), quick);
        complaints.forEach(out::println);
        out.println((complaints.isEmpty() ? "all figures are as the text says; see " : "see ") + made);
        return complaints.isEmpty() ? Main.OK : Main.FAILED;
    }

    @Command(
            name = "site",
            description = "Writes the course as pages for a browser, which need no network.",
            mixinStandardHelpOptions = true)
    void site(
            @Option(
                            names = "--out",
                            paramLabel = "DIR",
                            defaultValue = "guide-site",
                            description = "The folder of the pages (default: ${DEFAULT-VALUE}).")
                    Path folder) {
        Main.of(spec).out().println("written: " + Site.write(Course.carried(), made(folder)));
    }

    @Command(
            name = "notebooks",
            description = "Writes each chapter as a notebook for Jupyter with a Java kernel, such as JJava.",
            mixinStandardHelpOptions = true,
            footer = {
                "",
                "The kernel needs Fathom's modules. What it prints last are two lines for the shell that"
                        + " starts Jupyter; they are for JJava (org.dflib.jjava).",
            })
    void notebooks(
            @Option(
                            names = "--out",
                            paramLabel = "DIR",
                            defaultValue = "guide-notebooks",
                            description = "The folder of the notebooks (default: ${DEFAULT-VALUE}).")
                    Path folder) {
        PrintStream out = Main.of(spec).out();
        made(folder);
        for (Chapter c : Course.carried().chapters()) {
            Path file = folder.resolve(c.id() + ".ipynb");
            AtomicFile.write(file, Notebook.of(c, Chapter.ENGLISH).json());
            out.println("written: " + file);
        }
        String modules = String.join(" ", ChapterRun.modules());
        out.println("export JJAVA_JVM_OPTS='" + modules + "'");
        out.println("export JJAVA_COMPILER_OPTS='" + modules + "'");
    }

    private static Chapter chapter(int number) {
        Course course = Course.carried();
        return course.chapter(number).orElseThrow(() -> {
            String there = course.chapters().stream()
                    .map(c -> Integer.toString(c.number()))
                    .collect(Collectors.joining(", "));
            return new UserError("guide run %d: no such chapter, expected one of %s".formatted(number, there));
        });
    }

    private static Path made(Path folder) {
        try {
            return Folders.make(folder);
        } catch (UncheckedIOException e) {
            throw new UserError("--out " + e.getMessage(), e);
        }
    }
}
