package fathom.data;

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
import java.util.ArrayList;
import java.util.List;

/// The steps of preprocessing in a file: `[{"minMax": [[0.0], [1.0]]}, ...]`, an object for each step
/// whose one field is named for its kind and holds its lists of numbers.
final class PreprocessingJson {
    private static final JsonFactory JSON = new JsonFactory();

    private PreprocessingJson() {}

    static void write(List<Step> steps, Path file) {
        try (OutputStream out = Files.newOutputStream(file);
                JsonGenerator json = JSON.createGenerator(out)) {
            json.writeStartArray();
            for (Step step : steps) {
                json.writeStartObject();
                json.writeArrayFieldStart(kind(step));
                for (List<Double> values : lists(step)) {
                    json.writeArray(values.stream().mapToDouble(value -> value).toArray(), 0, values.size());
                }
                json.writeEndArray();
                json.writeEndObject();
            }
            json.writeEndArray();
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be written: " + e.getMessage(), e);
        }
    }

    private static String kind(Step step) {
        return switch (step) {
            case Step.MinMax s -> "minMax";
            case Step.Standardise s -> "standardise";
            case Step.Impute s -> "impute";
            case Step.OneHot s -> "oneHot";
        };
    }

    private static List<List<Double>> lists(Step step) {
        return switch (step) {
            case Step.MinMax(List<Double> least, List<Double> most) -> List.of(least, most);
            case Step.Standardise(Statistics s) -> List.of(s.mean(), s.deviation());
            case Step.Impute(List<Double> fillers) -> List.of(fillers);
            case Step.OneHot(List<List<Double>> values) -> values;
        };
    }

    static List<Step> read(Path file) {
        List<Step> steps = new ArrayList<>();
        try (InputStream in = Files.newInputStream(file);
                JsonParser parser = JSON.createParser(in)) {
            expect(parser.nextToken() == JsonToken.START_ARRAY, file, parser, "an array of steps");
            while (parser.nextToken() == JsonToken.START_OBJECT) {
                expect(parser.nextToken() == JsonToken.FIELD_NAME, file, parser, "a step's kind");
                String kind = parser.currentName();
                expect(parser.nextToken() == JsonToken.START_ARRAY, file, parser, "a step's lists");
                List<List<Double>> lists = lists(file, parser);
                expect(parser.nextToken() == JsonToken.END_OBJECT, file, parser, "a step's end");
                int count = switch (kind) {
                    case "minMax", "standardise" -> 2;
                    case "impute" -> 1;
                    case "oneHot" -> lists.size();
                    default -> -1;
                };
                expect(count >= 0, file, parser, "minMax, standardise, impute or oneHot, found " + kind);
                expect(count == lists.size(), file, parser, count + " lists for " + kind + ", found " + lists.size());
                steps.add(step(kind, lists));
            }
            expect(parser.currentToken() == JsonToken.END_ARRAY, file, parser, "a step or the array's end");
        } catch (JsonProcessingException e) {
            int line = e.getLocation() == null ? 1 : e.getLocation().getLineNr();
            throw new IllegalArgumentException(file + ":" + line + ": not JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read: " + e.getMessage(), e);
        }
        return steps;
    }

    private static Step step(String kind, List<List<Double>> lists) {
        return switch (kind) {
            case "minMax" -> new Step.MinMax(lists.getFirst(), lists.getLast());
            case "standardise" -> new Step.Standardise(new Statistics(lists.getFirst(), lists.getLast()));
            case "impute" -> new Step.Impute(lists.getFirst());
            default -> new Step.OneHot(lists);
        };
    }

    private static List<List<Double>> lists(Path file, JsonParser parser) throws IOException {
        List<List<Double>> lists = new ArrayList<>();
        while (parser.nextToken() == JsonToken.START_ARRAY) {
            List<Double> list = new ArrayList<>();
            while (parser.nextToken() != JsonToken.END_ARRAY) {
                boolean number =
                        parser.currentToken() != null && parser.currentToken().isNumeric();
                expect(number, file, parser, "a number");
                list.add(parser.getDoubleValue());
            }
            lists.add(list);
        }
        expect(parser.currentToken() == JsonToken.END_ARRAY, file, parser, "a list of numbers");
        return lists;
    }

    private static void expect(boolean condition, Path file, JsonParser parser, String what) {
        Require.that(
                condition, "%s:%s: expected %s", file, parser.currentLocation().getLineNr(), what);
    }
}
