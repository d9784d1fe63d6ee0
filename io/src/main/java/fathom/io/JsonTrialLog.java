package fathom.io;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import fathom.nn.search.Candidate;
import fathom.nn.search.Trial;
import fathom.nn.search.TrialLog;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// A log of trials in a file, one JSON object on each line, which any program can read while the
/// search goes on.
///
/// Each line is forced to the disk when its trial ends. A last line without its end, left by a crash,
/// is not read and overwritten.
public final class JsonTrialLog implements TrialLog {
    private static final JsonFactory JSON = new JsonFactory();

    private final Path file;

    private JsonTrialLog(Path file) {
        this.file = file;
    }

    /// A log in a file, which is made by the first trial.
    public static JsonTrialLog in(Path file) {
        return new JsonTrialLog(file);
    }

    /// {@inheritDoc}
    ///
    /// @throws IllegalArgumentException if the file holds something else; the message names the line
    /// @throws UncheckedIOException if the file cannot be read
    @Override
    public List<Trial> trials() {
        List<Trial> trials = new ArrayList<>();
        int number = 0;
        for (String line : whole().lines().toList()) {
            trials.add(parse(line, ++number));
        }
        return trials;
    }

    /// {@inheritDoc}
    ///
    /// @throws UncheckedIOException if the file cannot be written
    @Override
    public void add(Trial trial) {
        int end = whole().getBytes(StandardCharsets.UTF_8).length;
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            channel.truncate(end).position(end);
            ByteBuffer line = StandardCharsets.UTF_8.encode(write(trial) + "\n");
            while (line.hasRemaining()) {
                channel.write(line);
            }
            channel.force(true);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be written: " + e.getMessage(), e);
        }
    }

    /// The lines that are complete.
    private String whole() {
        if (!Files.exists(file)) {
            return "";
        }
        try {
            String text = Files.readString(file);
            return text.substring(0, text.lastIndexOf('\n') + 1);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    private static String write(Trial trial) throws IOException {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = JSON.createGenerator(text)) {
            json.writeStartObject();
            json.writeObjectFieldStart("settings");
            for (var e : trial.candidate().values().entrySet()) {
                switch (e.getValue()) {
                    case Integer i -> json.writeNumberField(e.getKey(), i);
                    case Double d -> json.writeNumberField(e.getKey(), d);
                    default -> json.writeStringField(e.getKey(), e.getValue().toString());
                }
            }
            json.writeEndObject();
            json.writeNumberField("budget", trial.budget());
            if (Double.isFinite(trial.value())) {
                json.writeNumberField("value", trial.value());
            } else {
                json.writeStringField("value", Double.toString(trial.value()));
            }
            json.writeNumberField("seconds", trial.seconds());
            if (trial.failure().isPresent()) {
                json.writeStringField("failure", trial.failure().get());
            }
            json.writeEndObject();
        }
        return text.toString();
    }

    private Trial parse(String line, int number) {
        Map<String, Object> settings = new LinkedHashMap<>();
        Map<String, Object> fields = new LinkedHashMap<>();
        try (JsonParser json = JSON.createParser(line)) {
            expect(json.nextToken() == JsonToken.START_OBJECT, number, line);
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                if (name.equals("settings")) {
                    expect(json.nextToken() == JsonToken.START_OBJECT, number, line);
                    while (json.nextToken() == JsonToken.FIELD_NAME) {
                        String setting = json.currentName();
                        settings.put(setting, value(json, number, line));
                    }
                } else {
                    fields.put(name, value(json, number, line));
                }
            }
        } catch (JsonProcessingException e) {
            throw misfit(number, line);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        if (fields.get("budget") instanceof Integer budget
                && fields.get("seconds") instanceof Double seconds
                && fields.get("value") instanceof Object value) {
            Optional<String> failure =
                    Optional.ofNullable(fields.get("failure")).map(Object::toString);
            return new Trial(new Candidate(settings), budget, measured(value, number, line), seconds, failure);
        }
        throw misfit(number, line);
    }

    /// A number, or the text of one that JSON does not have.
    private double measured(Object value, int number, String line) {
        try {
            return Double.parseDouble(value.toString());
        } catch (NumberFormatException e) {
            throw misfit(number, line);
        }
    }

    private Object value(JsonParser json, int number, String line) throws IOException {
        return switch (json.nextToken()) {
            case VALUE_NUMBER_INT -> json.getIntValue();
            case VALUE_NUMBER_FLOAT -> json.getDoubleValue();
            case VALUE_STRING -> json.getText();
            case null, default -> throw misfit(number, line);
        };
    }

    private void expect(boolean condition, int number, String line) {
        if (!condition) {
            throw misfit(number, line);
        }
    }

    private IllegalArgumentException misfit(int number, String line) {
        return new IllegalArgumentException(file + ": line " + number + " is " + SafetensorsHeader.quoted(line)
                + ", expected a trial as this log writes them");
    }
}
