package fathom.data.text;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import fathom.ir.Require;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;

/// A vocabulary as a JSON object of tokens and their numbers: `vocab.json`.
final class VocabularyJson {
    private static final JsonFactory JSON = new JsonFactory();

    private VocabularyJson() {}

    static Vocabulary read(Path file) {
        TreeMap<Integer, String> tokens = new TreeMap<>();
        try (InputStream in = Files.newInputStream(file);
                JsonParser parser = JSON.createParser(in)) {
            expect(parser.nextToken() == JsonToken.START_OBJECT, file, parser, "an object of tokens and numbers");
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                String token = parser.currentName();
                expect(parser.nextToken() == JsonToken.VALUE_NUMBER_INT, file, parser, "a token's number");
                int id = parser.getIntValue();
                expect(tokens.put(id, token) == null, file, parser, "each number once, found twice " + id);
            }
            expect(parser.currentToken() == JsonToken.END_OBJECT, file, parser, "the object's end");
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
            throw new IllegalArgumentException(file + ":" + line + ": not JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read: " + e.getMessage(), e);
        }
        boolean dense = !tokens.isEmpty() && tokens.firstKey() == 0 && tokens.lastKey() == tokens.size() - 1;
        Require.that(dense, "%s: numbers with gaps, expected 0 to %s", file, tokens.size() - 1);
        return Vocabulary.of(List.copyOf(tokens.values()));
    }

    private static void expect(boolean condition, Path file, JsonParser parser, String what) {
        Require.that(
                condition, "%s:%s: expected %s", file, parser.currentLocation().getLineNr(), what);
    }

    static void write(Vocabulary vocabulary, Path file) {
        try (OutputStream out = Files.newOutputStream(file);
                JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartObject();
            for (String token : vocabulary.tokens()) {
                json.writeNumberField(token, vocabulary.id(token));
            }
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be written: " + e.getMessage(), e);
        }
    }
}
