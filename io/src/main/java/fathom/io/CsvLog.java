package fathom.io;

import de.siegmar.fastcsv.reader.CsvReader;
import de.siegmar.fastcsv.reader.CsvRecord;
import de.siegmar.fastcsv.writer.CsvWriter;
import de.siegmar.fastcsv.writer.LineDelimiter;
import fathom.nn.train.Callback;
import fathom.nn.train.EpochResult;
import fathom.nn.train.StepResult;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// Writes the course of a training as comma-separated values: a line for each epoch, or for each step.
///
/// Numbers have every digit they have, and times are left out, so that the files of two trainings which
/// went the same way are the same. A training that is resumed takes back what the file says of steps after
/// its checkpoint, and goes on from there; a new one replaces the file.
public final class CsvLog implements Callback {
    private static final String EPOCH = "epoch";
    private static final String BATCH = "batch";

    private final Path file;
    private final boolean ofSteps;
    private List<String> header = List.of();

    private CsvLog(Path file, boolean ofSteps) {
        this.file = file;
        this.ofSteps = ofSteps;
    }

    /// A line for each epoch: `epoch`, the training's measures, and those of validation as
    /// `validation_loss` and so on.
    public static CsvLog ofEpochs(Path file) {
        return new CsvLog(file, false);
    }

    /// A line for each batch: `epoch`, `batch`, `step`, `loss`, `learning_rate`.
    public static CsvLog ofSteps(Path file) {
        return new CsvLog(file, true);
    }

    /// @throws UncheckedIOException if the file cannot be read or written
    @Override
    public void started(Plan plan) {
        List<List<String>> rows = new ArrayList<>(read());
        header = rows.isEmpty() ? List.of() : rows.removeFirst();
        int epoch = header.indexOf(EPOCH);
        int batch = header.indexOf(BATCH);
        rows.removeIf(row -> row.size() != header.size() || epoch < 0 || isUndone(row, epoch, batch, plan));
        if (rows.isEmpty()) {
            header = List.of();
            AtomicFile.write(file, "");
        } else {
            rows.addFirst(header);
            AtomicFile.write(file, text(rows));
        }
    }

    private static boolean isUndone(List<String> row, int epoch, int batch, Plan plan) {
        try {
            int done = Integer.parseInt(row.get(epoch));
            boolean isPart = batch >= 0
                    && done == plan.epochsDone() + 1
                    && Integer.parseInt(row.get(batch)) <= plan.batchesDone();
            return done > plan.epochsDone() && !isPart;
        } catch (NumberFormatException e) {
            return true;
        }
    }

    /// The lines that are complete: the last one may not be, after a crash.
    private List<List<String>> read() {
        if (!Files.exists(file)) {
            return List.of();
        }
        try {
            String text = Files.readString(file);
            String whole = text.substring(0, text.lastIndexOf('\n') + 1);
            try (CsvReader<CsvRecord> records = CsvReader.builder().ofCsvRecord(whole)) {
                return records.stream().map(CsvRecord::getFields).toList();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read: " + e.getMessage(), e);
        }
    }

    @Override
    public void step(StepResult r) {
        if (ofSteps) {
            add(
                    List.of(EPOCH, BATCH, "step", "loss", "learning_rate"),
                    List.of(
                            Integer.toString(r.epoch()),
                            Integer.toString(r.batch()),
                            Long.toString(r.step()),
                            Double.toString(r.loss()),
                            Double.toString(r.learningRate())));
        }
    }

    @Override
    public void epoch(EpochResult r) {
        if (!ofSteps) {
            List<String> names = new ArrayList<>(List.of(EPOCH));
            List<String> values = new ArrayList<>(List.of(Integer.toString(r.epoch())));
            put("", r.training(), names, values);
            put("validation_", r.validation(), names, values);
            add(names, values);
        }
    }

    private static void put(String prefix, Map<String, Double> measures, List<String> names, List<String> values) {
        measures.forEach((name, value) -> {
            names.add(prefix + name);
            values.add(Double.toString(value));
        });
    }

    private void add(List<String> names, List<String> values) {
        if (!header.isEmpty() && !header.equals(names)) {
            throw new IllegalStateException(file + ": columns " + header + ", expected " + names);
        }
        List<List<String>> rows = header.isEmpty() ? List.of(names, values) : List.of(values);
        header = names;
        try {
            Files.writeString(file, text(rows), StandardOpenOption.CREATE, StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be written: " + e.getMessage(), e);
        }
    }

    private static String text(List<List<String>> rows) {
        StringWriter text = new StringWriter();
        try (CsvWriter csv = CsvWriter.builder().lineDelimiter(LineDelimiter.LF).build(text)) {
            rows.forEach(csv::writeRecord);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return text.toString();
    }
}
