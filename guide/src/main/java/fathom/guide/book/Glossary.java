package fathom.guide.book;

import fathom.data.Csv;
import fathom.data.Table;
import fathom.ir.Require;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/// The terms of the course in English and Chinese.
///
/// A text links to one by `[words](term:ID)`; the first chapter that does so is where it is explained.
///
/// @param terms in alphabetical order
public record Glossary(List<Term> terms) {
    private static final Pattern LINK = Pattern.compile("\\]\\(term:([^)]*)\\)");

    public Glossary {
        TreeMap<String, Term> sorted = new TreeMap<>();
        for (Term term : terms) {
            Term before = sorted.put(term.id(), term);
            Require.that(before == null, "glossary: two terms %s, expected different ones", term.id());
        }
        terms = List.copyOf(sorted.values());
    }

    /// A term.
    ///
    /// @param english in English
    /// @param chinese the usual word in Chinese
    /// @param meaning one sentence in English
    /// @param chineseMeaning one sentence in Chinese
    public record Term(String english, String chinese, String meaning, String chineseMeaning) {
        public Term {
            for (String part : List.of(english, chinese, meaning, chineseMeaning)) {
                Require.that(!part.isBlank(), "glossary: %s has an empty field, expected all four", english);
            }
        }

        /// What links call it: lower case, with hyphens.
        public String id() {
            String lower = english.toLowerCase(Locale.ROOT);
            return lower.replaceAll("[^a-z0-9]+", "-").replaceAll("^-|-$", "");
        }
    }

    /// Reads a table with the columns `english`, `chinese`, `meaning` and `chinese meaning`.
    ///
    /// @throws IllegalArgumentException if it is another one, or a term is there twice
    public static Glossary of(Path file) {
        Table table = Csv.standard().missing("").read(file);
        String[] english = table.texts("english");
        String[] chinese = table.texts("chinese");
        String[] meaning = table.texts("meaning");
        String[] chineseMeaning = table.texts("chinese meaning");
        List<Term> terms = new ArrayList<>();
        for (int i = 0; i < english.length; i++) {
            terms.add(new Term(english[i], chinese[i], meaning[i], chineseMeaning[i]));
        }
        return new Glossary(terms);
    }

    /// The term that a link names.
    public Optional<Term> term(String id) {
        return terms.stream().filter(t -> t.id().equals(id)).findFirst();
    }

    /// The terms that a text links to, in its order.
    public static List<String> linked(ChapterText text) {
        return LINK.matcher(text.body()).results().map(m -> m.group(1)).toList();
    }

    /// The first chapter that links to a term.
    public static Optional<Chapter> explains(Term term, List<Chapter> chapters) {
        return chapters.stream()
                .filter(c -> linked(c.english()).contains(term.id()))
                .findFirst();
    }

    /// What the texts link to and is not there.
    public List<String> unknown(List<Chapter> chapters) {
        Stream<ChapterText> texts = chapters.stream().flatMap(c -> c.texts().values().stream());
        List<String> names = texts.flatMap(t -> linked(t).stream()).distinct().toList();
        return names.stream().filter(name -> term(name).isEmpty()).toList();
    }
}
