package fathom.guide.site;

import fathom.guide.book.Chapter;
import fathom.guide.book.Course;
import fathom.guide.notebook.Notebook;
import fathom.io.AtomicFile;
import fathom.io.Folders;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The course as a folder of pages, which a browser opens from the disk and without a network.
public final class Site {
    private static final Pattern FONT = Pattern.compile("fonts/[A-Za-z0-9_-]+\\.woff2");
    private static final List<String> ASSETS = List.of(
            "site.css",
            "site.js",
            "katex/katex.min.js",
            "katex/katex.min.css",
            "katex/LICENSE",
            "highlight/highlight.min.js");

    private Site() {}

    /// Writes the pages, notebooks and what they need.
    ///
    /// @param folder made if need be; files of the same names are replaced
    /// @return the page to begin with
    /// @throws IllegalArgumentException if a marker, term or picture in a text stands for nothing
    /// @throws UncheckedIOException if something cannot be written
    public static Path write(Course course, Path folder) {
        List<String> unknown = course.glossary().unknown(course.chapters());
        if (!unknown.isEmpty()) {
            throw new IllegalArgumentException("terms " + unknown + " are in no line of glossary.csv");
        }
        String template = new String(resource("page.html"), StandardCharsets.UTF_8);
        for (Page page : pages(course)) {
            write(folder.resolve(page.path()), page.html(course, template).getBytes(StandardCharsets.UTF_8));
        }
        for (Chapter chapter : course.chapters()) {
            String notebook = Notebook.of(chapter, Chapter.ENGLISH).json();
            write(
                    folder.resolve("notebooks").resolve(chapter.id() + ".ipynb"),
                    notebook.getBytes(StandardCharsets.UTF_8));
        }
        for (String asset : ASSETS) {
            write(folder.resolve("assets").resolve(asset), resource("assets/" + asset));
        }
        String styles = new String(resource("assets/katex/katex.min.css"), StandardCharsets.UTF_8);
        FONT.matcher(styles)
                .results()
                .map(m -> "katex/" + m.group())
                .distinct()
                .forEach(font -> write(folder.resolve("assets").resolve(font), resource("assets/" + font)));
        return folder.resolve("index.html");
    }

    private static List<Page> pages(Course course) {
        List<Page> pages = new ArrayList<>();
        for (String language : course.languages()) {
            pages.add(Page.index(course, language));
            pages.add(Page.glossary(course, language));
            Stream<Chapter> translated =
                    course.chapters().stream().filter(c -> c.texts().containsKey(language));
            translated.forEach(c -> pages.add(Page.chapter(course, c, language)));
        }
        return pages;
    }

    private static byte[] resource(String name) {
        try (InputStream in = Site.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException(name + ": missing from the module");
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void write(Path file, byte[] content) {
        Folders.make(file.toAbsolutePath().resolveSibling(""));
        AtomicFile.write(file, content);
    }
}
