package fathom.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import fathom.ir.Require;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// Values by key, such as the configuration that a published model comes with, in JSON or in the model's file. What
/// is asked for and is not there, or is something else, is an error that names file and key.
///
/// @param where the file and the place in it, for errors
/// @param values strings, [Long], [Double], [Boolean], lists and objects of the same by key; what is null in JSON is
///   left out
public record ModelConfiguration(String where, Map<String, Object> values) {
    // Names are not kept in a table, which a file could have made to overflow.
    private static final JsonFactory JSON = JsonFactory.builder()
            .disable(JsonFactory.Feature.CANONICALIZE_FIELD_NAMES)
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    /// Nobody has more in such a file but for harm.
    private static final long MOST_BYTES = 100_000_000;

    private static final BigInteger MOST = BigInteger.valueOf(Long.MAX_VALUE);

    public ModelConfiguration {
        values = Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /// Reads a JSON file that is one object.
    ///
    /// @throws IllegalArgumentException if it is not; the message names the file and the line
    /// @throws UncheckedIOException if the file cannot be read
    public static ModelConfiguration read(Path file) {
        return Reading.of(file, () -> {
            long size = Files.size(file);
            checkSize(file.toString(), size);
            try (InputStream in = Files.newInputStream(file)) {
                return parse(file.toString(), in);
            }
        });
    }

    /// Reads JSON that was somewhere within a file.
    ///
    /// @param where for errors
    static ModelConfiguration parse(String where, byte[] json) {
        checkSize(where, json.length);
        try (InputStream in = new ByteArrayInputStream(json)) {
            return parse(where, in);
        } catch (IOException e) {
            // Nothing is read from a disk: these are no letters.
            throw new IllegalArgumentException(
                    where + ": not JSON: " + SafetensorsHeader.quoted(String.valueOf(e.getMessage())), e);
        }
    }

    private static void checkSize(String where, long size) {
        Require.that(size <= MOST_BYTES, "%s: %s bytes of JSON, expected at most %s", where, size, MOST_BYTES);
    }

    private static ModelConfiguration parse(String where, InputStream in) throws IOException {
        try (JsonParser parser = JSON.createParser(in)) {
            return parse(where, parser);
        } catch (JsonProcessingException e) {
            JsonLocation place = e.getLocation();
            String line = place == null ? "" : ":" + place.getLineNr();
            throw new IllegalArgumentException(
                    where + line + ": not JSON: " + SafetensorsHeader.quoted(e.getOriginalMessage()), e);
        }
    }

    private static ModelConfiguration parse(String where, JsonParser parser) throws IOException {
        boolean isObject = parser.nextToken() == JsonToken.START_OBJECT;
        Require.that(isObject, "%s: expected a JSON object", where);
        ModelConfiguration object = object(where, parser);
        Require.that(parser.nextToken() == null, "%s: more after the object, expected nothing", where);
        return object;
    }

    private static ModelConfiguration object(String where, JsonParser parser) throws IOException {
        Map<String, Object> values = new LinkedHashMap<>();
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String key = parser.currentName();
            parser.nextToken();
            Object value = value(where + ": " + SafetensorsHeader.quoted(key), parser);
            if (value != null) {
                values.put(key, value);
            }
        }
        return new ModelConfiguration(where, values);
    }

    private static @Nullable Object value(String where, JsonParser parser) throws IOException {
        return switch (parser.currentToken()) {
            case START_OBJECT -> object(where, parser);
            case START_ARRAY -> {
                List<Object> items = new ArrayList<>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    Object item = value(where, parser);
                    if (item != null) {
                        items.add(item);
                    }
                }
                yield List.copyOf(items);
            }
            case VALUE_NUMBER_INT -> {
                BigInteger number = parser.getBigIntegerValue();
                Require.that(number.abs().compareTo(MOST) <= 0, "%s: expected a number below 2^63", where);
                yield number.longValueExact();
            }
            case VALUE_NUMBER_FLOAT -> parser.getDoubleValue();
            case VALUE_TRUE -> true;
            case VALUE_FALSE -> false;
            case VALUE_NULL -> null;
            case VALUE_STRING -> parser.getText();
            default -> throw new IllegalArgumentException(where + ": expected a JSON value");
        };
    }

    // ---- values ----

    /// Whether there is a value, other than null.
    public boolean has(String key) {
        return values.containsKey(key);
    }

    /// @throws IllegalArgumentException if there is no string of that key
    public String text(String key) {
        return required(key, "a string", optional(key, String.class, "a string"));
    }

    /// @throws IllegalArgumentException if there is something else of that key
    public String text(String key, String otherwise) {
        return optional(key, String.class, "a string").orElse(otherwise);
    }

    /// @throws IllegalArgumentException if there is no whole number of that key, or one beyond 32 bits
    public int integer(String key) {
        return narrow(key, required(key, "a whole number", optional(key, Long.class, "a whole number")));
    }

    /// @throws IllegalArgumentException if there is something else of that key, or a number beyond 32 bits
    public int integer(String key, int otherwise) {
        return narrow(key, optional(key, Long.class, "a whole number").orElse((long) otherwise));
    }

    private int narrow(String key, long number) {
        Require.that(number == (int) number, "%s: '%s' is %s, expected a number below 2^31", where, key, number);
        return (int) number;
    }

    /// @throws IllegalArgumentException if there is no number of that key
    public double number(String key) {
        return required(key, "a number", optional(key, Number.class, "a number"))
                .doubleValue();
    }

    /// @throws IllegalArgumentException if there is something else of that key
    public double number(String key, double otherwise) {
        return optional(key, Number.class, "a number").orElse(otherwise).doubleValue();
    }

    /// @throws IllegalArgumentException if there is something else of that key
    public boolean flag(String key, boolean otherwise) {
        return optional(key, Boolean.class, "true or false").orElse(otherwise);
    }

    /// @throws IllegalArgumentException if there is something else of that key
    public Optional<ModelConfiguration> object(String key) {
        return optional(key, ModelConfiguration.class, "an object");
    }

    /// The items of an array, empty if there is none.
    ///
    /// @throws IllegalArgumentException if there is something else of that key
    public List<?> list(String key) {
        Optional<? extends List<?>> list = optional(key, List.class, "an array").map(l -> (List<?>) l);
        return list.isPresent() ? list.get() : List.of();
    }

    private <T> T required(String key, String expected, Optional<T> value) {
        return value.orElseThrow(
                () -> new IllegalArgumentException("%s: no '%s', expected %s".formatted(where, key, expected)));
    }

    private <T> Optional<T> optional(String key, Class<T> type, String expected) {
        Object value = values.get(key);
        boolean fits = value == null || type.isInstance(value);
        Require.that(fits, "%s: '%s' is %s, expected %s", where, key, shown(value), expected);
        return Optional.ofNullable(value).map(type::cast);
    }

    private static String shown(@Nullable Object value) {
        return switch (value) {
            case ModelConfiguration _ -> "an object";
            case List<?> _ -> "an array";
            case null, default -> SafetensorsHeader.quoted(String.valueOf(value));
        };
    }
}
