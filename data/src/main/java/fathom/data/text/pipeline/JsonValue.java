package fathom.data.text.pipeline;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import fathom.ir.Require;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// A value of a JSON file that knows where it stands, for errors.
///
/// @param where the file, and the way to the value in it
/// @param value a map, a list, a text, a `Long`, a `Double`, a `Boolean`, or null
record JsonValue(String where, @Nullable Object value) {
    private static final int MOST_DEPTH = 64;
    private static final int LONGEST_NUMBER = 100;
    private static final JsonFactory JSON = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(MOST_DEPTH)
                    .maxNumberLength(LONGEST_NUMBER)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    /// Reads a file.
    ///
    /// @throws IllegalArgumentException if it is not JSON
    /// @throws UncheckedIOException if it cannot be read
    static JsonValue read(Path file) {
        try (InputStream in = Files.newInputStream(file);
                JsonParser parser = JSON.createParser(in)) {
            parser.nextToken();
            Object value = value(file, parser);
            Require.that(parser.nextToken() == null, "%s: more than one value, expected one", file);
            return new JsonValue(file.toString(), value);
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
            throw new IllegalArgumentException(file + ":" + line + ": not JSON: " + e.getOriginalMessage(), e);
        } catch (NoSuchFileException e) {
            throw new UncheckedIOException(file + ": no such file", e);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static @Nullable Object value(Path file, JsonParser parser) throws IOException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> {
                Map<String, @Nullable Object> map = new LinkedHashMap<>();
                while (parser.nextToken() == JsonToken.FIELD_NAME) {
                    String name = parser.currentName();
                    parser.nextToken();
                    map.put(name, value(file, parser));
                }
                yield map;
            }
            case START_ARRAY -> {
                List<@Nullable Object> list = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    list.add(value(file, parser));
                }
                yield list;
            }
            case VALUE_STRING -> parser.getText();
            case VALUE_NUMBER_INT -> {
                boolean fits = parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
                yield fits ? (Object) parser.getLongValue() : (Object) parser.getDoubleValue();
            }
            case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            case null, default -> throw new IllegalArgumentException(file + ": nothing, expected JSON");
        };
    }

    /// What is expected here, but is not.
    IllegalArgumentException not(String expected) {
        String found = switch (value) {
            case null -> "nothing";
            case Map<?, ?> map -> "an object";
            case List<?> list -> "a list";
            case Object other -> "'" + other + "'";
        };
        return new IllegalArgumentException("%s: found %s, expected %s".formatted(where, found, expected));
    }

    boolean isNull() {
        return value == null;
    }

    boolean isText() {
        return value instanceof String;
    }

    boolean isObject() {
        return value instanceof Map;
    }

    String text() {
        if (value instanceof String text) {
            return text;
        }
        throw not("a text");
    }

    int integer() {
        if (value instanceof Long number && number == number.intValue()) {
            return number.intValue();
        }
        throw not("an integer");
    }

    double number() {
        if (value instanceof Number number) {
            return number.doubleValue();
        }
        throw not("a number");
    }

    boolean flag() {
        if (value instanceof Boolean flag) {
            return flag;
        }
        throw not("true or false");
    }

    List<JsonValue> items() {
        if (!(value instanceof List<?> list)) {
            throw not("a list");
        }
        List<JsonValue> items = new ArrayList<>(list.size());
        for (int i = 0; i < list.size(); i++) {
            items.add(new JsonValue(where + "[" + i + "]", list.get(i)));
        }
        return items;
    }

    Map<String, JsonValue> fields() {
        if (!(value instanceof Map<?, ?> map)) {
            throw not("an object");
        }
        Map<String, JsonValue> fields = new LinkedHashMap<>();
        map.forEach((key, item) -> fields.put((String) key, new JsonValue(where + "." + key, item)));
        return fields;
    }

    /// A field of an object; one that is not there is null.
    JsonValue field(String name) {
        if (!(value instanceof Map<?, ?> map)) {
            throw not("an object");
        }
        return new JsonValue(where + "." + name, map.get(name));
    }

    boolean flag(String name, boolean otherwise) {
        JsonValue field = field(name);
        return field.isNull() ? otherwise : field.flag();
    }

    String text(String name, String otherwise) {
        JsonValue field = field(name);
        return field.isNull() ? otherwise : field.text();
    }

    int integer(String name, int otherwise) {
        JsonValue field = field(name);
        return field.isNull() ? otherwise : field.integer();
    }

    Optional<String> optionalText(String name) {
        JsonValue field = field(name);
        return field.isNull() ? Optional.empty() : Optional.of(field.text());
    }
}
