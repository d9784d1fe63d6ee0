package fathom.cli.mnist;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import fathom.cli.UserError;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/// What decides the course of a training: with the same settings it goes the same way, to the bit.
///
/// @param model what is trained
/// @param epochs how often each sample is seen
/// @param batchSize samples in a step
/// @param learningRate Adam's step size, which falls to nothing towards the end
/// @param seed where weights, order and everything else random come from
/// @param data the folder of the IDX files, or "" for those carried inside
public record RunSettings(MnistModel model, int epochs, int batchSize, double learningRate, long seed, String data) {
    private static final String DATASET = "mnist";

    /// As `run.json` holds them.
    String toJson() {
        StringWriter text = new StringWriter();
        try (JsonGenerator json = new JsonFactory().createGenerator(text)) {
            json.useDefaultPrettyPrinter();
            json.writeStartObject();
            json.writeStringField("dataset", DATASET);
            json.writeStringField("model", model.id());
            json.writeNumberField("epochs", epochs);
            json.writeNumberField("batch_size", batchSize);
            json.writeNumberField("learning_rate", learningRate);
            json.writeNumberField("seed", seed);
            json.writeStringField("data", data);
            json.writeEndObject();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text + "\n";
    }

    /// Reads what [#toJson] wrote.
    ///
    /// @throws UserError if the file holds something else
    static RunSettings read(Path file) {
        Map<String, String> fields = new LinkedHashMap<>();
        try (JsonParser json = new JsonFactory().createParser(Files.readString(file))) {
            if (json.nextToken() != JsonToken.START_OBJECT) {
                throw new UserError(file + ": not a JSON object, expected a run's settings");
            }
            while (json.nextToken() == JsonToken.FIELD_NAME) {
                String name = json.currentName();
                json.nextToken();
                fields.put(name, json.getText());
            }
        } catch (IOException e) {
            throw new UserError(file + ": cannot be read as a run's settings (" + e.getMessage() + ")", e);
        }
        if (!DATASET.equals(fields.get("dataset"))) {
            throw new UserError(file + ": dataset " + fields.get("dataset") + ", expected " + DATASET);
        }
        try {
            return new RunSettings(
                    model(field(fields, "model", file), file),
                    Integer.parseInt(field(fields, "epochs", file)),
                    Integer.parseInt(field(fields, "batch_size", file)),
                    Double.parseDouble(field(fields, "learning_rate", file)),
                    Long.parseLong(field(fields, "seed", file)),
                    field(fields, "data", file));
        } catch (NumberFormatException e) {
            throw new UserError(file + ": " + e.getMessage() + ", expected a number", e);
        }
    }

    private static String field(Map<String, String> fields, String name, Path file) {
        String value = fields.get(name);
        if (value == null) {
            throw new UserError(file + ": no field " + name + ", expected a run's settings");
        }
        return value;
    }

    /// The model of a name that stands in a file.
    static MnistModel model(String id, Path file) {
        return MnistModel.of(id)
                .orElseThrow(
                        () -> new UserError("%s: model '%s', expected %s".formatted(file, id, MnistModel.names())));
    }
}
