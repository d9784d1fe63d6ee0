package fathom.cli.mnist;

import fathom.cli.UserError;
import fathom.io.RunRecord;
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

    /// As the record of a run holds them.
    Map<String, Object> configuration() {
        Map<String, Object> all = new LinkedHashMap<>();
        all.put("dataset", DATASET);
        all.put("model", model.id());
        all.put("epochs", epochs);
        all.put("batch_size", batchSize);
        all.put("learning_rate", learningRate);
        all.put("seed", seed);
        all.put("data", data);
        return all;
    }

    /// Those of a record.
    ///
    /// @param file where the record is from
    /// @throws UserError if it is one of something else
    static RunSettings of(RunRecord record, Path file) {
        try {
            String dataset = record.setting("dataset");
            if (!DATASET.equals(dataset)) {
                throw new UserError(file + ": dataset " + dataset + ", expected " + DATASET);
            }
            return new RunSettings(
                    model(record.setting("model"), file),
                    Integer.parseInt(record.setting("epochs")),
                    Integer.parseInt(record.setting("batch_size")),
                    Double.parseDouble(record.setting("learning_rate")),
                    Long.parseLong(record.setting("seed")),
                    record.setting("data"));
        } catch (NumberFormatException e) {
            throw new UserError(file + ": " + e.getMessage() + ", expected a number", e);
        } catch (IllegalArgumentException e) {
            throw new UserError(file + ": " + e.getMessage(), e);
        }
    }

    /// The model of a name that stands in a file.
    static MnistModel model(String id, Path file) {
        return MnistModel.of(id)
                .orElseThrow(
                        () -> new UserError("%s: model '%s', expected %s".formatted(file, id, MnistModel.names())));
    }
}
