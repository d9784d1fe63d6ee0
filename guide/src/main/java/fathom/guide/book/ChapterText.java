package fathom.guide.book;

import fathom.ir.Require;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A chapter's text in one language: Markdown with markers.
///
/// On a line of its own, `{code:NAME}` stands for a region of the program; anywhere `{figure:NAME}` stands
/// for a figure as the chapter claims it.
///
/// @param language as in `en`
/// @param title of the chapter
/// @param summary one line
/// @param minutes that a full run of the program takes on two cores
/// @param data the files that the program downloads, as they are called in the folder of downloads
/// @param body the Markdown
public record ChapterText(String language, String title, String summary, int minutes, List<String> data, String body) {
    private static final String FENCE = "---";
    private static final Pattern WORD = Pattern.compile("\\S+");
    private static final Pattern CODE = Pattern.compile("^\\{code:([^}]*)}$", Pattern.MULTILINE);
    private static final Pattern FIGURE = Pattern.compile("\\{figure:([^}]*)}");
    private static final Pattern PICTURE = Pattern.compile("!\\[[^]]*]\\(pictures/([^)]*)\\.svg\\)");

    public ChapterText {
        data = List.copyOf(data);
    }

    /// Reads a text, which begins with `title`, `summary`, `minutes` (of a full run) and, if there are any, `data`
    /// (the downloads, with spaces between them) between two lines of `---`.
    ///
    /// @param name of the file, for errors
    /// @throws IllegalArgumentException if these are missing
    static ChapterText of(String name, String language, String source) {
        List<String> lines = source.lines().toList();
        int end = lines.size() < 2 ? -1 : lines.subList(1, lines.size()).indexOf(FENCE) + 1;
        boolean fits = end > 0 && lines.getFirst().equals(FENCE);
        Require.that(fits, "%s: no head, expected title, summary and minutes between two lines of ---", name);
        Map<String, String> head = new LinkedHashMap<>();
        for (String line : lines.subList(1, end)) {
            String[] parts = line.split(":", 2);
            head.put(parts[0].strip(), parts.length == 2 ? parts[1].strip() : "");
        }
        for (String key : List.of("title", "summary", "minutes")) {
            Require.that(head.containsKey(key), "%s: no %s in its head, which has %s", name, key, head.keySet());
        }
        String minutes = head.getOrDefault("minutes", "");
        Require.that(minutes.matches("[1-9][0-9]?"), "%s: %s minutes, expected from 1 to 99", name, minutes);
        return new ChapterText(
                language,
                head.getOrDefault("title", ""),
                head.getOrDefault("summary", ""),
                Integer.parseInt(minutes),
                WORD.matcher(head.getOrDefault("data", ""))
                        .results()
                        .map(MatchResult::group)
                        .toList(),
                String.join("\n", lines.subList(end + 1, lines.size())).strip() + "\n");
    }

    /// The Markdown with what the markers stand for.
    ///
    /// @throws IllegalArgumentException if there is no such region or figure
    public String expanded(ChapterProgram program, Map<String, Claim> claims) {
        return CODE.matcher(withFigures(body, claims))
                .replaceAll(m -> Matcher.quoteReplacement("```java\n" + region(program, m.group(1)) + "\n```"));
    }

    /// A piece of the Markdown with the figures in it.
    ///
    /// @throws IllegalArgumentException if there is no such figure
    public String withFigures(String markdown, Map<String, Claim> claims) {
        return FIGURE.matcher(markdown).replaceAll(m -> {
            Claim claim = claims.get(m.group(1));
            String message = "chapter '%s': {figure:%s}, expected one of %s";
            if (claim == null) {
                throw new IllegalArgumentException(message.formatted(title, m.group(1), claims.keySet()));
            }
            return Matcher.quoteReplacement(claim.shown());
        });
    }

    private String region(ChapterProgram program, String name) {
        String region = program.regions().get(name);
        if (region == null) {
            throw new IllegalArgumentException("chapter '%s': {code:%s}, expected one of %s in %s"
                    .formatted(title, name, program.regions().keySet(), program.name()));
        }
        return region;
    }

    /// The regions that it shows, in order.
    public List<String> regions() {
        return found(CODE);
    }

    /// The figures that it tells.
    public List<String> figures() {
        return found(FIGURE);
    }

    /// The pictures that it shows, without folder and ending.
    public List<String> pictures() {
        return found(PICTURE);
    }

    private List<String> found(Pattern pattern) {
        return pattern.matcher(body).results().map(m -> m.group(1)).toList();
    }

    /// The body cut where it shows code: text, the name of a region, text, and so on.
    public List<String> cutAtCode() {
        List<String> pieces = new ArrayList<>();
        Matcher m = CODE.matcher(body);
        int from = 0;
        while (m.find()) {
            pieces.add(body.substring(from, m.start()));
            pieces.add(m.group(1));
            from = m.end();
        }
        pieces.add(body.substring(from));
        return pieces;
    }
}
