package fathom.cli.explain;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import fathom.compile.KernelInfo;
import fathom.compile.Profile;
import fathom.compile.Profile.Event;
import fathom.compile.Profile.KernelRun;
import fathom.compile.Profile.Span;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/// A profile in the Trace Event Format, which `chrome://tracing` and Perfetto show along a line of
/// time: an object with `traceEvents`, in which `X` is something with a beginning and a length, in
/// microseconds, and `M` gives names.
public final class ChromeTrace {
    private static final int PROCESS = 1;
    private static final int NANO_DIGITS = 3;

    private final JsonGenerator json;

    private ChromeTrace(JsonGenerator json) {
        this.json = json;
    }

    /// The file's content.
    public static String of(Profile profile) {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            new ChromeTrace(json).write(profile);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }

    private void write(Profile profile) throws IOException {
        json.writeStartObject();
        json.writeStringField("displayTimeUnit", "ms");
        json.writeObjectFieldStart("otherData");
        json.writeNumberField("events that came later and were left out", profile.droppedEvents());
        json.writeEndObject();
        json.writeArrayFieldStart("traceEvents");
        name("process_name", 0, "fathom");
        for (Map.Entry<Long, String> thread : profile.threads().entrySet()) {
            name("thread_name", thread.getKey(), thread.getValue());
        }
        // What is around others comes before them, as they begin.
        List<Event> events = profile.events().stream()
                .sorted(Comparator.comparingLong(Event::start)
                        .thenComparing(Comparator.comparingLong(Event::nanos).reversed()))
                .toList();
        for (Event e : events) {
            event(e);
        }
        json.writeEndArray();
        json.writeEndObject();
    }

    private void name(String what, long thread, String name) throws IOException {
        json.writeStartObject();
        json.writeStringField("name", what);
        json.writeStringField("ph", "M");
        json.writeNumberField("pid", PROCESS);
        json.writeNumberField("tid", thread);
        json.writeObjectFieldStart("args");
        json.writeStringField("name", name);
        json.writeEndObject();
        json.writeEndObject();
    }

    private void event(Event e) throws IOException {
        json.writeStartObject();
        switch (e) {
            case Span s -> {
                json.writeStringField("name", s.name());
                json.writeStringField("cat", "span");
            }
            case KernelRun r -> {
                json.writeStringField("name", r.kernel().name());
                json.writeStringField("cat", "kernel");
            }
        }
        json.writeStringField("ph", "X");
        json.writeFieldName("ts");
        json.writeNumber(micros(e.start()));
        json.writeFieldName("dur");
        json.writeNumber(micros(e.nanos()));
        json.writeNumberField("pid", PROCESS);
        json.writeNumberField("tid", e.thread());
        if (e instanceof KernelRun r) {
            arguments(r);
        }
        json.writeEndObject();
    }

    private void arguments(KernelRun run) throws IOException {
        KernelInfo k = run.kernel();
        json.writeObjectFieldStart("args");
        json.writeStringField("kernel", run.program() + "." + k.number());
        json.writeStringField("shapes", k.shapes());
        json.writeNumberField("flops", k.flops());
        json.writeNumberField("bytes", k.bytes());
        json.writeEndObject();
    }

    private static BigDecimal micros(long nanos) {
        return BigDecimal.valueOf(nanos, NANO_DIGITS);
    }
}
