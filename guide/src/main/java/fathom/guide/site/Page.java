package fathom.guide.site;

import fathom.guide.book.Chapter;
import fathom.guide.book.Course;
import fathom.guide.book.Glossary;
import fathom.guide.book.Glossary.Term;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/// One page of the site.
///
/// @param file its name, without the folder of its language
/// @param language of its text
/// @param title of the page
/// @param body what is read
/// @param sections the parts of the body
/// @param languages those that the page is there in
record Page(
        String file, String language, String title, String body, List<Prose.Section> sections, List<String> languages) {
    static final String GLOSSARY = "glossary.html";
    static final String TERM = "term-";
    private static final String INDEX = "index.html";

    Page {
        sections = List.copyOf(sections);
        languages = List.copyOf(languages);
    }

    static String file(Chapter chapter) {
        return chapter.id() + ".html";
    }

    static String escaped(String text) {
        return text.replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;")
                .replace("\"", "&quot;");
    }

    /// The list of chapters, each with a line.
    static Page index(Course course, String language) {
        Words words = Words.of(language);
        String rows = course.chapters().stream()
                .map(c -> "<li value=\"%d\"><a href=\"%s\">%s</a><p>%s <span class=\"time\">%s</span></p></li>"
                        .formatted(
                                c.number(),
                                link(c, language),
                                escaped(c.text(language).title()),
                                escaped(c.text(language).summary()),
                                words.get(c.english().data().isEmpty() ? "minutes" : "minutes.data")
                                        .formatted(c.english().minutes())))
                .collect(Collectors.joining("\n", "<ol class=\"chapters\">\n", "\n</ol>\n"));
        String body = "<h1>%s</h1>\n<p class=\"lead\">%s</p>\n%s<p><a href=\"%s\">%s</a></p>\n"
                .formatted(words.get("title"), words.get("lead"), rows, GLOSSARY, words.get("glossary"));
        return new Page(INDEX, language, words.get("title"), body, List.of(), course.languages());
    }

    /// A chapter: its text, what to do with the program, the whole program.
    static Page chapter(Course course, Chapter chapter, String language) {
        Words words = Words.of(language);
        Prose prose = Prose.of(chapter.markdown(language), chapter.pictures());
        String title = chapter.text(language).title();
        String head = "<p class=\"number\">%s</p>\n<h1>%s</h1>\n<p class=\"lead\">%s</p>\n"
                .formatted(
                        words.get("chapter").formatted(chapter.number()),
                        escaped(title),
                        escaped(chapter.text(language).summary()));
        String tools =
                "<p class=\"tools\"><code>./fathom guide run %d</code> <a href=\"%snotebooks/%s.ipynb\" download>%s</a></p>\n"
                        .formatted(chapter.number(), up(language), chapter.id(), words.get("notebook"));
        String program =
                "<details class=\"program\"><summary>%s</summary><pre><code class=\"language-java\">%s</code></pre></details>\n"
                        .formatted(
                                words.get("program"), escaped(chapter.program().text()));
        String body = head + tools + prose.html() + program + turning(course.neighbours(chapter), language, words);
        List<String> languages = List.copyOf(chapter.texts().keySet());
        return new Page(file(chapter), language, chapter.number() + " · " + title, body, prose.sections(), languages);
    }

    private static String turning(Course.Neighbours near, String language, Words words) {
        return "<nav class=\"turn\">%s%s</nav>\n"
                .formatted(
                        turn(near.before(), language, "prev", words.get("previous")),
                        turn(near.after(), language, "next", words.get("next")));
    }

    private static String turn(Optional<Chapter> to, String language, String direction, String word) {
        return to.map(c -> "<a rel=\"%s\" href=\"%s\"><small>%s</small>%d · %s</a>"
                        .formatted(
                                direction,
                                link(c, language),
                                word,
                                c.number(),
                                escaped(c.text(language).title())))
                .orElse("<span></span>");
    }

    /// The terms, in both languages on every page.
    static Page glossary(Course course, String language) {
        Words words = Words.of(language);
        String rows = course.glossary().terms().stream()
                .map(term -> entry(term, course, language, words))
                .collect(Collectors.joining("\n"));
        String body = "<h1>%s</h1>\n<p class=\"lead\">%s</p>\n<dl class=\"glossary\">\n%s\n</dl>\n"
                .formatted(words.get("glossary"), words.get("glossary.lead"), rows);
        return new Page(GLOSSARY, language, words.get("glossary"), body, List.of(), course.languages());
    }

    private static String entry(Term term, Course course, String language, Words words) {
        String where = Glossary.explains(term, course.chapters())
                .map(c -> " <a class=\"where\" href=\"%s#%s%s\">%s</a>"
                        .formatted(
                                link(c, language),
                                TERM,
                                term.id(),
                                words.get("chapter").formatted(c.number())))
                .orElse("");
        return "<div id=\"%s\"><dt>%s <span lang=\"zh\">%s</span>%s</dt><dd>%s</dd><dd lang=\"zh\">%s</dd></div>"
                .formatted(
                        term.id(),
                        escaped(term.english()),
                        escaped(term.chinese()),
                        where,
                        escaped(term.meaning()),
                        escaped(term.chineseMeaning()));
    }

    /// From a page in a language to a chapter: in that language if there is such a text.
    private static String link(Chapter chapter, String language) {
        return chapter.texts().containsKey(language) ? file(chapter) : up(language) + file(chapter);
    }

    /// From a page in a language to the site's first folder.
    private static String up(String language) {
        return language.equals(Chapter.ENGLISH) ? "" : "../";
    }

    /// Where the page is, seen from the site's first folder.
    String path() {
        return path(language);
    }

    private String path(String of) {
        return of.equals(Chapter.ENGLISH) ? file : of + "/" + file;
    }

    /// The whole page.
    String html(Course course, String template) {
        Words words = Words.of(language);
        return template.replace("{language}", language)
                .replace("{title}", escaped(title) + (file.equals(INDEX) ? "" : " · " + words.get("title")))
                .replace("{home}", words.get("title"))
                .replace("{up}", up(language))
                .replace("{menu}", words.get("menu"))
                .replace("{theme}", words.get("theme"))
                .replace("{languages}", languageLinks())
                .replace("{contents}", contents(course, words))
                .replace("{body}", body);
    }

    private String languageLinks() {
        return languages.stream()
                .filter(other -> !other.equals(language))
                .map(other -> "<a hreflang=\"%s\" lang=\"%1$s\" href=\"%s%s\">%s</a>"
                        .formatted(other, up(language), path(other), Words.name(other)))
                .collect(Collectors.joining());
    }

    private String contents(Course course, Words words) {
        String chapters = course.chapters().stream()
                .map(c -> "<li value=\"%d\"%s><a href=\"%s\">%s</a>%s</li>"
                        .formatted(
                                c.number(),
                                file.equals(file(c)) ? " class=\"here\"" : "",
                                link(c, language),
                                escaped(c.text(language).title()),
                                file.equals(file(c)) ? parts() : ""))
                .collect(Collectors.joining("\n"));
        return "<ol>\n%s\n</ol>\n<p><a href=\"%s\">%s</a></p>".formatted(chapters, GLOSSARY, words.get("glossary"));
    }

    private String parts() {
        return sections.stream()
                .map(s -> "<li><a href=\"#%s\">%s</a></li>".formatted(s.id(), escaped(s.title())))
                .collect(Collectors.joining("", "<ul>", "</ul>"));
    }
}
