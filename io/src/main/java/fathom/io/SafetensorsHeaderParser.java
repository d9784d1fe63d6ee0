package fathom.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonParser.NumberType;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import fathom.ir.Require;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Reads a safetensors header, which may have been made to do harm: every deviation from the format
/// is an error.
final class SafetensorsHeaderParser {
    // Two keys with one name could be read differently by different programs. Names are not kept in
    // a table, which a file could have made to overflow.
    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxStringLength(SafetensorsHeader.MOST_BYTES)
                    .build())
            .build();

    private final String file;
    private final JsonParser json;

    private SafetensorsHeaderParser(String file, JsonParser json) {
        this.file = file;
        this.json = json;
    }

    /// Parses a header; that the entries fit the data is not checked yet.
    ///
    /// @param file for errors
    /// @throws IllegalArgumentException if it is not a safetensors header
    static SafetensorsHeader parse(String file, ByteBuffer header) {
        String text;
        try {
            text = StandardCharsets.UTF_8.newDecoder().decode(header).toString();
        } catch (CharacterCodingException e) {
            throw new IllegalArgumentException(file + ": the header is not valid UTF-8, expected JSON", e);
        }
        String first = text.isEmpty() ? "nothing" : SafetensorsHeader.quoted(text.substring(0, 1));
        Require.that(text.startsWith("{"), "%s: the header starts with %s, expected '{'", file, first);
        try (JsonParser json = JSON.createParser(text)) {
            return new SafetensorsHeaderParser(file, json).header();
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(file + ": the header is not as expected: " + problem(e), e);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static String problem(JsonProcessingException e) {
        // Limits such as that on nesting are reported without a place.
        JsonLocation place = e.getLocation();
        return SafetensorsHeader.quoted(String.valueOf(e.getOriginalMessage()))
                + (place == null ? "" : " at character " + place.getCharOffset());
    }

    private SafetensorsHeader header() throws IOException {
        List<SafetensorsHeader.Entry> entries = new ArrayList<>();
        Map<String, String> metadata = new LinkedHashMap<>();
        json.nextToken();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            json.nextToken();
            if (name.equals(SafetensorsHeader.METADATA)) {
                metadata(metadata);
            } else {
                entries.add(entry(name));
            }
        }
        String more = "%s: more after the header's closing brace, expected only spaces";
        Require.that(json.nextToken() == null, more, file);
        return new SafetensorsHeader(entries, metadata);
    }

    private void metadata(Map<String, String> into) throws IOException {
        boolean object = json.currentToken() == JsonToken.START_OBJECT;
        Require.that(object, "%s: __metadata__ is %s, expected an object", file, found());
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String key = json.currentName();
            if (json.nextToken() != JsonToken.VALUE_STRING) {
                throw new IllegalArgumentException("%s: __metadata__ %s is %s, expected a string"
                        .formatted(file, SafetensorsHeader.quoted(key), found()));
            }
            into.put(key, json.getText());
        }
    }

    private SafetensorsHeader.Entry entry(String name) throws IOException {
        if (json.currentToken() != JsonToken.START_OBJECT) {
            throw SafetensorsHeader.error(file, name, "is " + found() + ", expected an object");
        }
        String dtype = null;
        List<Long> shape = null;
        List<Long> offsets = null;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String key = json.currentName();
            json.nextToken();
            switch (key) {
                case "dtype" -> dtype = text(name);
                case "shape" -> shape = numbers(name, key);
                case "data_offsets" -> offsets = numbers(name, key);
                default -> json.skipChildren();
            }
        }
        return SafetensorsHeader.entry(
                file,
                name,
                present(name, "dtype", dtype),
                present(name, "shape", shape),
                present(name, "data_offsets", offsets));
    }

    private <T> T present(String name, String key, @Nullable T value) {
        if (value == null) {
            throw SafetensorsHeader.error(file, name, "has no " + key + ", expected one");
        }
        return value;
    }

    private String text(String name) throws IOException {
        if (json.currentToken() != JsonToken.VALUE_STRING) {
            throw SafetensorsHeader.error(file, name, "dtype is " + found() + ", expected a string");
        }
        return json.getText();
    }

    private List<Long> numbers(String name, String key) throws IOException {
        if (json.currentToken() != JsonToken.START_ARRAY) {
            throw SafetensorsHeader.error(file, name, key + " is " + found() + ", expected an array");
        }
        List<Long> numbers = new ArrayList<>();
        while (json.nextToken() != JsonToken.END_ARRAY) {
            if (json.currentToken() != JsonToken.VALUE_NUMBER_INT || json.getNumberType() == NumberType.BIG_INTEGER) {
                throw SafetensorsHeader.error(
                        file, name, key + " has " + found() + ", expected whole numbers below 2^63");
            }
            numbers.add(json.getLongValue());
        }
        return List.copyOf(numbers);
    }

    private String found() throws IOException {
        return switch (json.currentToken()) {
            case null -> "missing";
            case START_OBJECT -> "an object";
            case START_ARRAY -> "an array";
            default -> SafetensorsHeader.quoted(json.getText());
        };
    }
}
