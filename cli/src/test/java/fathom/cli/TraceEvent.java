package fathom.cli;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// An event of a file in the Trace Event Format.
///
/// @param phase what it is: "X" with a beginning and a length, "M" a name
/// @param start in microseconds; 0 for a name
/// @param duration in microseconds; 0 for a name
record TraceEvent(
        String name,
        String phase,
        String category,
        double start,
        double duration,
        long process,
        long thread,
        Map<String, String> arguments) {
    /// A millionth of a millisecond: what is lost in decimal fractions.
    private static final double ROUNDING = 1e-3;

    /// Whether another event happened within this one.
    boolean contains(TraceEvent inner) {
        return thread == inner.thread
                && start <= inner.start + ROUNDING
                && inner.start + inner.duration <= start + duration + ROUNDING;
    }

    /// The events of a file.
    static List<TraceEvent> read(Path file) throws IOException {
        List<TraceEvent> events = new ArrayList<>();
        try (JsonParser json = new JsonFactory().createParser(Files.readString(file))) {
            expect(json.nextToken(), JsonToken.START_OBJECT);
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String field = json.currentName();
                json.nextToken();
                if (field.equals("traceEvents")) {
                    expect(json.currentToken(), JsonToken.START_ARRAY);
                    while (json.nextToken() == JsonToken.START_OBJECT) {
                        events.add(event(json));
                    }
                    expect(json.currentToken(), JsonToken.END_ARRAY);
                } else {
                    json.skipChildren();
                }
            }
            expect(json.currentToken(), JsonToken.END_OBJECT);
            expect(json.nextToken(), null);
        }
        return events;
    }

    private static TraceEvent event(JsonParser json) throws IOException {
        Map<String, String> fields = new HashMap<>();
        Map<String, String> arguments = new HashMap<>();
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            String name = json.currentName();
            if (json.nextToken() == JsonToken.START_OBJECT) {
                while (json.nextToken() == JsonToken.FIELD_NAME) {
                    String argument = json.currentName();
                    json.nextToken();
                    arguments.put(argument, json.getText());
                }
            } else {
                fields.put(name, json.getText());
            }
        }
        String phase = required(fields, "ph");
        boolean timed = phase.equals("X");
        return new TraceEvent(
                required(fields, "name"),
                phase,
                timed ? required(fields, "cat") : "",
                timed ? Double.parseDouble(required(fields, "ts")) : 0,
                timed ? Double.parseDouble(required(fields, "dur")) : 0,
                Long.parseLong(required(fields, "pid")),
                Long.parseLong(required(fields, "tid")),
                arguments);
    }

    private static String required(Map<String, String> fields, String name) throws IOException {
        String value = fields.get(name);
        if (value == null) {
            throw new IOException("no " + name + " in " + fields);
        }
        return value;
    }

    private static void expect(@Nullable JsonToken token, @Nullable JsonToken expected) throws IOException {
        if (token != expected) {
            throw new IOException(token + ", expected " + expected);
        }
    }
}
