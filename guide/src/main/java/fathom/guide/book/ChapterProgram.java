package fathom.guide.book;

import fathom.ir.Require;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/// A chapter's program: a compact source, and the regions of it that the text shows.
///
/// A region is what stands between a line `// region NAME` and the next line `// end`.
///
/// @param name of the file
/// @param lines of the file
/// @param parts the program in order, without the lines that mark regions
public record ChapterProgram(String name, List<String> lines, List<Part> parts) {
    private static final String BEGIN = "// region ";
    private static final String END = "// end";
    private static final String MAIN = "void main() {";

    public ChapterProgram {
        lines = List.copyOf(lines);
        parts = List.copyOf(parts);
    }

    /// Lines that stand together.
    ///
    /// @param region the region's name; none for what is between regions
    /// @param inMain whether they are in the main method
    /// @param lines the lines, of which those in the main method stand further left than there
    public record Part(Optional<String> region, boolean inMain, List<String> lines) {
        public Part {
            lines = List.copyOf(lines);
        }

        /// The lines as one text, as far left as they go, with no empty line around it.
        public String text() {
            return String.join("\n", lines)
                    .stripIndent()
                    .replaceFirst("^\n+", "")
                    .stripTrailing();
        }
    }

    /// Reads a program.
    ///
    /// @throws IllegalArgumentException if regions are not closed, stand in each other or share a name, or
    ///   there is no `void main() {` at the start of a line; the message names file and line
    public static ChapterProgram of(String name, String source) {
        List<String> lines = source.lines().toList();
        Require.that(lines.contains(MAIN), "%s: no line '%s', expected one", name, MAIN);
        List<Part> parts = new ArrayList<>();
        List<String> gathered = new ArrayList<>();
        Optional<String> region = Optional.empty();
        boolean inMain = false;
        for (int i = 0; i < lines.size(); i++) {
            String line = lines.get(i);
            String bare = line.strip();
            boolean mainBegins = line.equals(MAIN);
            boolean mainEnds = inMain && line.equals("}");
            if (mainBegins || mainEnds || bare.startsWith(BEGIN) || bare.equals(END)) {
                String wrong = "%s:%s: '%s' %s, expected // region NAME, then // end, and so on";
                boolean fits = bare.equals(END) == region.isPresent();
                Require.that(fits, wrong, name, i + 1, bare, region.isPresent() ? "in a region" : "outside of one");
                add(parts, new Part(region, inMain, List.copyOf(gathered)));
                gathered.clear();
                region = bare.startsWith(BEGIN) ? Optional.of(bare.substring(BEGIN.length())) : Optional.empty();
                inMain = mainBegins || (inMain && !mainEnds);
            } else {
                gathered.add(inMain && line.startsWith("    ") ? line.substring(4) : line);
            }
        }
        Require.that(region.isEmpty(), "%s: the region %s has no end, expected '%s'", name, region.orElse(""), END);
        add(parts, new Part(region, inMain, gathered));
        return new ChapterProgram(name, lines, parts);
    }

    private static void add(List<Part> parts, Part part) {
        if (part.region().isPresent() || part.lines().stream().anyMatch(Predicate.not(String::isBlank))) {
            parts.add(part);
        }
    }

    /// What the text can show, by name.
    ///
    /// @throws IllegalArgumentException if two regions have one name
    public Map<String, String> regions() {
        Map<String, String> regions = new LinkedHashMap<>();
        for (Part part : parts) {
            part.region().ifPresent(region -> {
                boolean fresh = regions.put(region, part.text()) == null;
                Require.that(fresh, "%s: two regions %s, expected different names", name, region);
            });
        }
        return regions;
    }

    /// The file without the lines that mark regions.
    public String text() {
        List<String> kept = lines.stream()
                .filter(line -> !line.strip().startsWith(BEGIN) && !line.strip().equals(END))
                .toList();
        return String.join("\n", kept) + "\n";
    }
}
