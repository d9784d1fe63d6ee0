package fathom.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// What a training was, in one JSON file: enough to do it again, and to see whether it went the same way.
///
/// @param configuration what decides its course, by name: texts, numbers, `true` and `false`, such as
///   [fathom.nn.train.Trainer#configuration] and whatever the model and the data are made from
/// @param environment what it ran on; the weights do not depend on it, their time does
/// @param data a checksum for each file of data, by name
/// @param started when it was begun
/// @param finished when it ended; empty until then
/// @param metrics what came of it, by name
public record RunRecord(
        Map<String, Object> configuration,
        Map<String, String> environment,
        Map<String, String> data,
        Instant started,
        Optional<Instant> finished,
        Map<String, Double> metrics) {
    private static final JsonFactory JSON = new JsonFactory();

    public RunRecord {
        configuration.forEach((name, value) -> {
            if (!(value instanceof String || value instanceof Number || value instanceof Boolean)) {
                throw new IllegalArgumentException("run record: %s is %s, expected a text, a number, true or false"
                        .formatted(name, value.getClass().getName()));
            }
        });
        configuration = copy(configuration);
        environment = copy(environment);
        data = copy(data);
        metrics = copy(metrics);
    }

    private static <T> Map<String, T> copy(Map<String, T> values) {
        return Collections.unmodifiableMap(new LinkedHashMap<>(values));
    }

    /// The record of a training that begins now, on this machine.
    ///
    /// @throws IllegalArgumentException if a value of the configuration is neither text nor number nor
    ///   boolean
    public static RunRecord begun(Map<String, Object> configuration, Map<String, String> data) {
        return new RunRecord(configuration, Environment.here(), data, Instant.now(), Optional.empty(), Map.of());
    }

    /// The same training, ended now.
    public RunRecord finished(Map<String, Double> measured) {
        return new RunRecord(configuration, environment, data, started, Optional.of(Instant.now()), measured);
    }

    /// A value of the configuration, as text.
    ///
    /// @throws IllegalArgumentException if there is none
    public String setting(String name) {
        Object value = configuration.get(name);
        if (value == null) {
            throw new IllegalArgumentException(
                    "run record: no " + name + ", expected one of " + configuration.keySet());
        }
        return value.toString();
    }

    /// The SHA-256 of a file, in hexadecimal.
    ///
    /// @throws UncheckedIOException if it cannot be read
    public static String checksum(Path file) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            try (var in = new DigestInputStream(Files.newInputStream(file), digest)) {
                in.transferTo(java.io.OutputStream.nullOutputStream());
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java runtime has no SHA-256", e);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    // ---- the file ----

    /// Writes the file, or replaces it.
    ///
    /// @throws UncheckedIOException if that fails; the file is then as it was
    public void write(Path file) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.useDefaultPrettyPrinter();
            json.writeStartObject();
            write(json, "configuration", configuration);
            write(json, "environment", environment);
            write(json, "data", data);
            json.writeStringField("started", started.toString());
            if (finished.isPresent()) {
                json.writeStringField("finished", finished.get().toString());
            }
            write(json, "metrics", metrics);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        AtomicFile.write(file, text + "\n");
    }

    private static void write(JsonGenerator json, String name, Map<String, ?> values) throws IOException {
        json.writeObjectFieldStart(name);
        for (var e : values.entrySet()) {
            json.writeFieldName(e.getKey());
            switch (e.getValue()) {
                case Boolean b -> json.writeBoolean(b);
                case Double d when Double.isFinite(d) -> json.writeNumber(d);
                case Integer i -> json.writeNumber(i);
                case Long l -> json.writeNumber(l);
                // NaN and infinities have no number in JSON.
                case Object other -> json.writeString(other.toString());
            }
        }
        json.writeEndObject();
    }

    /// Reads what [#write] wrote.
    ///
    /// @throws IllegalArgumentException if the file holds something else; the message names it
    /// @throws UncheckedIOException if the file cannot be read
    public static RunRecord read(Path file) {
        Map<String, Map<String, Object>> objects = new LinkedHashMap<>();
        Map<String, Object> values = new LinkedHashMap<>();
        try (JsonParser json = JSON.createParser(Files.readString(file))) {
            expect(json.nextToken() == JsonToken.START_OBJECT, file, "no JSON object");
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                if (json.nextToken() == JsonToken.START_OBJECT) {
                    objects.put(name, object(json, file));
                } else {
                    values.put(name, value(json, file));
                }
            }
        } catch (NoSuchFileException e) {
            throw new UncheckedIOException(file + ": no such file", e);
        } catch (JsonProcessingException e) {
            throw misfit(file, e.getOriginalMessage());
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read: " + e.getMessage(), e);
        }
        Map<String, Double> metrics = new LinkedHashMap<>();
        try {
            object(objects, "metrics", file).forEach((name, v) -> metrics.put(name, Double.parseDouble(v.toString())));
            Object started = values.get("started");
            expect(started != null, file, "no started");
            return new RunRecord(
                    object(objects, "configuration", file),
                    texts(object(objects, "environment", file)),
                    texts(object(objects, "data", file)),
                    Instant.parse(String.valueOf(started)),
                    Optional.ofNullable(values.get("finished")).map(v -> Instant.parse(v.toString())),
                    metrics);
        } catch (DateTimeParseException | NumberFormatException e) {
            throw misfit(file, String.valueOf(e.getMessage()));
        }
    }

    private static Map<String, Object> object(JsonParser json, Path file) throws IOException {
        Map<String, Object> values = new LinkedHashMap<>();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            json.nextToken();
            values.put(name, value(json, file));
        }
        return values;
    }

    private static Object value(JsonParser json, Path file) throws IOException {
        return switch (json.currentToken()) {
            case VALUE_NUMBER_INT -> json.getLongValue();
            case VALUE_NUMBER_FLOAT -> json.getDoubleValue();
            case VALUE_STRING -> json.getText();
            case VALUE_TRUE, VALUE_FALSE -> json.getBooleanValue();
            case null, default -> throw misfit(file, json.currentName() + " is neither text nor number nor boolean");
        };
    }

    private static Map<String, Object> object(Map<String, Map<String, Object>> objects, String name, Path file) {
        Map<String, Object> found = objects.get(name);
        if (found == null) {
            throw misfit(file, "no object " + name);
        }
        return found;
    }

    private static Map<String, String> texts(Map<String, Object> values) {
        Map<String, String> texts = new LinkedHashMap<>();
        values.forEach((name, v) -> texts.put(name, v.toString()));
        return texts;
    }

    private static void expect(boolean condition, Path file, String found) {
        if (!condition) {
            throw misfit(file, found);
        }
    }

    private static IllegalArgumentException misfit(Path file, String found) {
        return new IllegalArgumentException(file + ": " + found + ", expected the record of a run");
    }
}
