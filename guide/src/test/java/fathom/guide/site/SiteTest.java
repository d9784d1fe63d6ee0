package fathom.guide.site;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import fathom.guide.book.Chapter;
import fathom.guide.book.Course;
import fathom.guide.book.Courses;
import fathom.guide.book.Glossary;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SiteTest {
    private static final List<Integer> WIDTHS = List.of(1280, 390);
    private static final String GROUND = "getComputedStyle(document.body).backgroundColor";

    /// In both colour schemes, at the width of a screen and of a phone: all that is asked of a page.
    @Test
    void everyPageIsWholeInABrowser(@TempDir Path folder) throws IOException {
        Path program = Browser.installed().orElse(null);
        assumeTrue(program != null, "no Chromium here, so the pages are not opened");
        Course course = translated(folder.resolve("course"));
        Path site = folder.resolve("site");
        Site.write(course, site);
        List<String> seen = new ArrayList<>();
        try (Browser browser = Browser.start(program, Files.createDirectories(folder.resolve("browser")))) {
            for (Path page : pages(site)) {
                for (int width : WIDTHS) {
                    browser.see(width, 900, width == 390);
                    browser.open(page.toUri());
                    check(browser, page, width);
                }
                // The system's other scheme without loading anew, then the reader's choice against it.
                assertThat(browser.evaluate(GROUND)).as("dark %s", page).isEqualTo("rgb(13, 17, 23)");
                browser.see(390, 900, false);
                assertThat(browser.evaluate(GROUND)).as("light %s", page).isEqualTo("rgb(255, 255, 255)");
                browser.evaluate("document.getElementById('theme').click()");
                assertThat(browser.evaluate(GROUND)).as("switched %s", page).isEqualTo("rgb(13, 17, 23)");
                browser.evaluate("localStorage.clear()");
                seen.add(site.relativize(page).toString());
            }
            Files.createDirectories(Path.of("target", "screenshots"));
            screenshots(browser, site);
        }
        assertThat(seen).contains("index.html", "glossary.html", "zh/index.html", "zh/03-derivatives.html");
    }

    private static void check(Browser browser, Path page, int width) {
        String name = page + " at " + width;
        browser.evaluate("document.fonts.ready.then(() => true)");
        assertThat(browser.problems()).as(name).isEmpty();
        assertThat(browser.strings("[...document.querySelectorAll('.math')].filter(m =>"
                        + " !m.querySelector('.katex-html')).map(m => m.textContent)"))
                .as("formulas not typeset, %s", name)
                .isEmpty();
        assertThat(browser.strings("[...document.querySelectorAll('.katex-error')].map(m => m.title)"))
                .as("wrong formulas, %s", name)
                .isEmpty();
        assertThat(browser.strings("[...document.images].filter(i => !i.naturalWidth).map(i => i.src)"))
                .as("pictures missing, %s", name)
                .isEmpty();
        assertThat(browser.strings("[...document.querySelectorAll('figure')].filter(f =>"
                        + " f.querySelector('svg').getBoundingClientRect().height < 50).map(f => f.innerText)"))
                .as("figures with nothing to see, %s", name)
                .isEmpty();
        assertThat(((Number) Objects.requireNonNull(browser.evaluate("document.documentElement.scrollWidth")))
                        .intValue())
                .as("width of %s", name)
                .isLessThanOrEqualTo(width);
        for (String link : browser.strings("[...document.querySelectorAll('a[href], link[href], script[src]')]"
                + ".map(e => e.href || e.src).filter(h => !h.startsWith('data:'))")) {
            checkLink(URI.create(link), name);
        }
        assertThat(browser.strings("[...document.querySelectorAll('[id]')].map(e => e.id)"))
                .as("ids of %s", name)
                .doesNotHaveDuplicates();
    }

    /// Everything is on the disk, and an element is where a link says.
    private static void checkLink(URI link, String from) {
        assertThat(link.getScheme()).as("%s on %s", link, from).isEqualTo("file");
        Path file = Path.of(link.getPath());
        assertThat(file).as("link on %s", from).isRegularFile();
        if (link.getFragment() != null) {
            assertThat(content(file)).as("%s on %s", link, from).contains("id=\"" + link.getFragment() + "\"");
        }
    }

    private static String content(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// For the eye: a chapter on a screen and a phone, light and dark.
    private static void screenshots(Browser browser, Path site) throws IOException {
        for (String page : List.of("index", "03-derivatives", "glossary")) {
            for (int width : WIDTHS) {
                for (boolean dark : List.of(false, true)) {
                    browser.see(width, width == 390 ? 844 : 900, dark);
                    browser.open(site.resolve(page + ".html").toUri());
                    browser.evaluate("document.fonts.ready.then(() => true)");
                    String name = "%s-%d-%s.png".formatted(page, width, dark ? "dark" : "light");
                    browser.screenshot(Path.of("target", "screenshots", name));
                }
            }
        }
    }

    private static List<Path> pages(Path site) throws IOException {
        try (Stream<Path> all = Files.walk(site)) {
            return all.filter(f -> f.toString().endsWith(".html")).sorted().toList();
        }
    }

    /// The course with one chapter in another language too: its own text, as there is no other yet.
    private static Course translated(Path folder) throws IOException {
        Course written = Courses.written();
        try (Stream<Path> all = Files.walk(Path.of("chapters"))) {
            for (Path file : all.toList()) {
                Path copy = folder.resolve(file.toString());
                Files.createDirectories(copy.resolveSibling(""));
                if (Files.isRegularFile(file)) {
                    Files.copy(file, copy);
                }
            }
        }
        Path chapter = folder.resolve("chapters")
                .resolve(written.chapter(3).orElseThrow().id());
        Path zh = chapter.resolve("chapter.zh.md");
        if (!Files.exists(zh)) {
            Files.copy(chapter.resolve("chapter.md"), zh);
        }
        Files.copy(Path.of("glossary.csv"), folder.resolve("glossary.csv"));
        return Course.in(folder);
    }

    @Test
    void theLanguageSwitchShowsWhatThereIs(@TempDir Path folder) throws IOException {
        Course course = translated(folder.resolve("course"));
        Site.write(course, folder.resolve("site"));
        String chapter = Files.readString(folder.resolve("site/03-derivatives.html"));
        assertThat(chapter).contains("<a hreflang=\"zh\" lang=\"zh\" href=\"zh/03-derivatives.html\">中文</a>");
        assertThat(Files.readString(folder.resolve("site/zh/03-derivatives.html")))
                .contains("href=\"../03-derivatives.html\">English</a>", "<html lang=\"zh\">", "第 3 章");
        Course english = new Course(
                course.chapters().stream().filter(c -> c.texts().size() == 1).toList(), course.glossary());
        Site.write(english, folder.resolve("english"));
        assertThat(Files.readString(folder.resolve("english/index.html"))).doesNotContain("hreflang");
    }

    @Test
    void theListSaysHowLongARunTakesAndWhatHasToBeDownloaded(@TempDir Path folder) throws IOException {
        Course course = Courses.written();
        Site.write(course, folder);
        String list = Files.readString(folder.resolve("index.html"));
        for (Chapter c : course.chapters()) {
            String more = c.english().data().isEmpty() ? "" : ", after a download";
            String time = "(about " + c.english().minutes() + " min" + more + ")";
            assertThat(list).containsPattern(Pattern.quote(c.english().title()) + "[^(]*" + Pattern.quote(time));
        }
    }

    @Test
    void theGlossaryLeadsBackToWhereATermIsExplained(@TempDir Path folder) throws IOException {
        Course course = Courses.written();
        Site.write(course, folder);
        String glossary = Files.readString(folder.resolve("glossary.html"));
        Chapter chapter = course.chapter(3).orElseThrow();
        for (String term : Glossary.linked(chapter.english())) {
            assertThat(glossary).contains("<div id=\"" + term + "\">", "#term-" + term + "\"");
        }
    }

    @Test
    void markdownHasFormulasTablesAndFigures() {
        Prose prose = Prose.of("""
                ## A *b* `c`

                Let $a_1 * b_1$ and $a_2 * b_2$ cost 5$, and `$x$` is code. [word](term:loss) [again](term:loss)

                $$
                a < b

                - c
                $$

                $$ x $$

                | a | b |
                | --- | --- |
                | $1$ | 2 |

                ![What is "seen"](pictures/p.svg)
                """, Map.of("p", "<svg></svg>"));
        assertThat(prose.sections()).containsExactly(new Prose.Section("a-b-c", "A b c"));
        assertThat(prose.html())
                .contains("<span class=\"math\">a_1 * b_1</span>", "<span class=\"math\">a_2 * b_2</span> cost 5$,")
                .contains("<code>$x$</code>", "<div class=\"math display\">a &lt; b\n\n- c</div>")
                .contains("<div class=\"math display\">x</div>", "<td><span class=\"math\">1</span></td>")
                .contains("<figure><svg></svg><figcaption>What is &quot;seen&quot;</figcaption></figure>")
                .containsOnlyOnce("id=\"term-loss\"");
    }

    @Test
    void whatIsNotThereIsRefused() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Prose.of("![a](pictures/none.svg)", Map.of()))
                .withMessageContaining("pictures/none.svg");
    }
}
