package fathom.guide.notebook;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import fathom.guide.book.Chapter;
import fathom.guide.book.ChapterProgram.Part;
import fathom.guide.book.ChapterText;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A chapter as a Jupyter notebook for a Java kernel: the text, and between it the program in pieces.
///
/// What stands outside of the main method comes first, since all else may use it; where the text shows some
/// of it, that is not run again. What the text does not show of the main method goes along with the region that
/// follows.
///
/// @param cells text and code in order
public record Notebook(List<Cell> cells) {
    /// What a compact source has without saying so.
    private static final String IMPLIED = "import module java.base;";

    private static final Pattern PICTURE = Pattern.compile("(!\\[[^]]*]\\()pictures/([^)]*)\\.svg\\)");
    private static final Pattern TERM = Pattern.compile("\\[([^]]*)]\\(term:[^)]*\\)");

    public Notebook {
        cells = List.copyOf(cells);
    }

    /// A piece.
    ///
    /// @param code whether it is Java; else it is Markdown
    public record Cell(boolean code, String text) {}

    /// The notebook of a chapter in a language.
    ///
    /// @throws IllegalArgumentException if a marker stands for nothing
    public static Notebook of(Chapter chapter, String language) {
        ChapterText text = chapter.text(language);
        List<String> pieces = text.cutAtCode();
        Map<String, String> regions = chapter.program().regions();
        List<Part> left = new ArrayList<>(chapter.program().parts());
        List<Cell> cells = new ArrayList<>();
        add(cells, false, "# " + chapter.number() + " · " + text.title() + "\n\n*" + text.summary() + "*");
        add(cells, true, IMPLIED);
        take(cells, left, left.stream().filter(p -> !p.inMain()).toList());
        for (int i = 0; i < pieces.size(); i++) {
            String piece = pieces.get(i);
            if (i % 2 == 0) {
                add(cells, false, prose(text.withFigures(piece, chapter.claims()), chapter.pictures()));
            } else if (left.stream().anyMatch(p -> isRegion(p, piece))) {
                takeThrough(cells, left, piece);
            } else {
                add(cells, false, "```java\n" + regions.get(piece) + "\n```");
            }
        }
        take(cells, left, List.copyOf(left));
        return new Notebook(cells);
    }

    private static boolean isRegion(Part part, String name) {
        return part.region().filter(name::equals).isPresent();
    }

    /// Takes a region, and what is there before it.
    private static void takeThrough(List<Cell> cells, List<Part> left, String region) {
        int count = 1;
        while (!isRegion(left.get(count - 1), region)) {
            count++;
        }
        take(cells, left, List.copyOf(left.subList(0, count)));
    }

    private static void take(List<Cell> cells, List<Part> left, List<Part> parts) {
        parts.forEach(part -> add(cells, true, part.text()));
        left.removeAll(parts);
    }

    private static void add(List<Cell> cells, boolean code, String text) {
        if (!text.isBlank()) {
            cells.add(new Cell(code, text.strip()));
        }
    }

    /// Pictures go along in the text, and terms are words: the glossary is somewhere else.
    private static String prose(String markdown, Map<String, String> pictures) {
        String words = TERM.matcher(markdown).replaceAll("$1");
        return PICTURE.matcher(words).replaceAll(m -> {
            byte[] svg = pictures.getOrDefault(m.group(2), "").getBytes(StandardCharsets.UTF_8);
            String data = "data:image/svg+xml;base64," + Base64.getEncoder().encodeToString(svg);
            return Matcher.quoteReplacement(m.group(1) + data + ")");
        });
    }

    /// The notebook in format 4.5.
    public String json() {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.setPrettyPrinter(new DefaultPrettyPrinter());
            json.writeStartObject();
            json.writeNumberField("nbformat", 4);
            json.writeNumberField("nbformat_minor", 5);
            json.writeObjectFieldStart("metadata");
            json.writeObjectFieldStart("kernelspec");
            json.writeStringField("name", "java");
            json.writeStringField("display_name", "Java");
            json.writeStringField("language", "java");
            json.writeEndObject();
            json.writeObjectFieldStart("language_info");
            json.writeStringField("name", "Java");
            json.writeEndObject();
            json.writeEndObject();
            json.writeArrayFieldStart("cells");
            for (int i = 0; i < cells.size(); i++) {
                write(json, i, cells.get(i));
            }
            json.writeEndArray();
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text + "\n";
    }

    private static void write(JsonGenerator json, int index, Cell cell) throws IOException {
        json.writeStartObject();
        json.writeStringField("cell_type", cell.code ? "code" : "markdown");
        json.writeStringField("id", "cell-" + index);
        json.writeObjectFieldStart("metadata");
        json.writeEndObject();
        if (cell.code) {
            json.writeNullField("execution_count");
            json.writeArrayFieldStart("outputs");
            json.writeEndArray();
        }
        json.writeStringField("source", cell.text);
        json.writeEndObject();
    }
}
