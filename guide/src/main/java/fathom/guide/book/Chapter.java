package fathom.guide.book;

import fathom.data.Csv;
import fathom.data.Table;
import fathom.guide.book.Claim.Bounds;
import fathom.ir.Require;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// A folder with a text, a program, what the text claims of it, and its pictures.
///
/// @param number as in the folder's name, `03-derivatives`
/// @param id the folder's name
/// @param texts by language, English first: `chapter.md`, and `chapter.zh.md` and the like
/// @param program the only source in the folder
/// @param claims by the name of the figure, as in `figures.csv`
/// @param pictures SVG by the name of the file without its ending
public record Chapter(
        int number,
        String id,
        SequencedMap<String, ChapterText> texts,
        ChapterProgram program,
        SequencedMap<String, Claim> claims,
        SequencedMap<String, String> pictures) {
    /// The first language.
    public static final String ENGLISH = "en";

    private static final Pattern ID = Pattern.compile("(\\d\\d)-[a-z0-9-]+");
    private static final Pattern TEXT = Pattern.compile("chapter(?:\\.([a-z]{2}))?\\.md");

    public Chapter {
        texts = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(texts));
        claims = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(claims));
        pictures = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(pictures));
    }

    /// Reads a chapter.
    ///
    /// @throws IllegalArgumentException if something is missing or wrong; the message says where
    /// @throws UncheckedIOException if a file cannot be read
    public static Chapter of(Path folder) {
        String id = name(folder);
        Matcher named = ID.matcher(id);
        Require.that(named.matches(), "%s: expected a name such as 03-derivatives", folder);
        List<Path> sources = files(folder, ".java");
        Require.that(sources.size() == 1, "%s: the programs %s, expected one", folder, sources);
        SequencedMap<String, String> pictures = new LinkedHashMap<>();
        for (Path file : files(folder.resolve("pictures"), ".svg")) {
            pictures.put(name(file).replaceFirst("\\.svg$", ""), read(file));
        }
        return new Chapter(
                Integer.parseInt(named.group(1)),
                id,
                texts(folder),
                ChapterProgram.of(name(sources.getFirst()), read(sources.getFirst())),
                claims(folder.resolve("figures.csv")),
                pictures);
    }

    private static SequencedMap<String, ChapterText> texts(Path folder) {
        SequencedMap<String, ChapterText> texts = new TreeMap<>();
        for (Path file : files(folder, ".md")) {
            Matcher m = TEXT.matcher(name(file));
            Require.that(m.matches(), "%s: expected chapter.md, or chapter.zh.md and the like", file);
            String language = m.group(1) == null ? ENGLISH : m.group(1);
            texts.put(language, ChapterText.of(file.toString(), language, read(file)));
        }
        Require.that(texts.containsKey(ENGLISH), "%s: no chapter.md, expected one", folder);
        SequencedMap<String, ChapterText> englishFirst = new LinkedHashMap<>(texts);
        englishFirst.putFirst(ENGLISH, texts.get(ENGLISH));
        return englishFirst;
    }

    private static SequencedMap<String, Claim> claims(Path file) {
        Table table = Csv.standard().read(file);
        String[] names = table.texts("figure");
        String[] shown = table.texts("shown");
        double[] low = table.numbers("low");
        double[] high = table.numbers("high");
        double[] quickLow = table.numbers("quick low");
        double[] quickHigh = table.numbers("quick high");
        SequencedMap<String, Claim> claims = new LinkedHashMap<>();
        for (int i = 0; i < names.length; i++) {
            Bounds full = new Bounds(low[i], high[i]);
            Bounds quick = Double.isNaN(quickLow[i]) ? full : new Bounds(quickLow[i], quickHigh[i]);
            Claim before = claims.put(names[i], new Claim(names[i], shown[i], full, quick));
            Require.that(before == null, "%s: two figures %s, expected different names", file, names[i]);
        }
        return claims;
    }

    /// The English text.
    public ChapterText english() {
        return text(ENGLISH);
    }

    /// The text in a language, or the English one where there is none.
    public ChapterText text(String language) {
        ChapterText text = texts.get(language);
        return text != null ? text : texts.firstEntry().getValue();
    }

    /// The Markdown in a language, with what its markers stand for.
    ///
    /// @throws IllegalArgumentException if a marker stands for nothing
    public String markdown(String language) {
        return text(language).expanded(program, claims);
    }

    /// What is wrong with the figures of a run: those that lie outside of the bounds, are not claimed, or
    /// are claimed and missing.
    public List<String> complaints(Map<String, Double> figures, boolean quick) {
        TreeSet<String> names = new TreeSet<>(figures.keySet());
        names.addAll(claims.keySet());
        return names.stream().flatMap(name -> complaint(name, figures, quick)).toList();
    }

    private Stream<String> complaint(String name, Map<String, Double> figures, boolean quick) {
        Claim claim = claims.get(name);
        Double value = figures.get(name);
        if (claim == null) {
            return Stream.of("%s = %s: figures.csv does not claim it".formatted(name, value));
        }
        if (value == null) {
            return Stream.of("%s: claimed, but the run has no such figure".formatted(name));
        }
        Bounds bounds = quick ? claim.quick() : claim.full();
        return bounds.hold(value)
                ? Stream.empty()
                : Stream.of("%s = %s, expected from %s to %s".formatted(name, value, bounds.low(), bounds.high()));
    }

    private static List<Path> files(Path folder, String ending) {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(file -> file.toString().endsWith(ending)).sorted().toList();
        } catch (IOException e) {
            throw new UncheckedIOException(folder + ": cannot be read", e);
        }
    }

    static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read", e);
        }
    }

    /// The last part of a path; that of a folder in a jar may end in a slash.
    private static String name(Path path) {
        return String.valueOf(path.getFileName()).replaceFirst("/$", "");
    }
}
