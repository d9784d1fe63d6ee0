package fathom.data;

import fathom.ir.Require;
import fathom.tensor.Shape;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// What is done to rows of features before a model sees them: steps that are fitted on the training
/// data, and applied to those, to test data and to what comes later alike.
///
/// ```
/// var fitted = Preprocessing.fit(train, Step.Impute.median(), Step.Standardise.fitting());
/// trainer.fit(fitted.on(train).shuffle(1).batch(32), Epochs.of(10));
/// trainer.evaluate(fitted.on(test).batch(32));
/// fitted.save(Path.of("preprocessing.json"));
/// ```
///
/// @param steps in the order in which they are applied
public record Preprocessing(List<Step> steps) implements Transform {
    public Preprocessing {
        steps = List.copyOf(steps);
        Require.that(!steps.isEmpty(), "preprocessing: no steps, expected at least one");
        for (int i = 1; i < steps.size(); i++) {
            int given = steps.get(i - 1).outputs();
            int expected = steps.get(i).inputs();
            Require.that(given == expected, "preprocessing: step %s gets %s features, expected %s", i, given, expected);
        }
    }

    /// Fits each step on what the steps before it make of the training data.
    ///
    /// @param train the training data alone: inputs F32 `[features]`
    /// @throws IllegalArgumentException if the inputs are something else, or a step cannot be fitted
    public static Preprocessing fit(Dataset train, Step.Fitting... fittings) {
        boolean fits = train.inputShape().rank() == 1 && train.size() > 0;
        String message = "preprocessing: %s inputs of shape %s, expected at least one, [features]";
        Require.that(fits, message, train.size(), train.inputShape());
        int width = train.inputShape().dim(0);
        float[] values = train.all().x().toFloats();
        float[][] rows = new float[train.size()][];
        Arrays.setAll(rows, row -> Arrays.copyOfRange(values, row * width, (row + 1) * width));
        List<Step> steps = new ArrayList<>();
        for (Step.Fitting fitting : fittings) {
            Step step = fitting.fit(rows);
            steps.add(step);
            rows = new Preprocessing(List.of(step)).rows(rows);
        }
        return new Preprocessing(steps);
    }

    /// How many features a row must have.
    public int inputs() {
        return steps.getFirst().inputs();
    }

    /// How many features it has afterwards.
    public int outputs() {
        return steps.getLast().outputs();
    }

    /// A data set with the steps applied to its inputs whenever they are read.
    ///
    /// @throws IllegalArgumentException if its inputs are not F32 `[features]`, as many as the steps
    ///   were fitted on
    public Dataset on(Dataset dataset) {
        Shape expected = Shape.of(inputs());
        String message = "preprocessing: inputs of shape %s, expected %s as in the training data";
        Require.that(dataset.inputShape().equals(expected), message, dataset.inputShape(), expected);
        return dataset.map(Shape.of(outputs()), this);
    }

    /// Some rows with the steps applied.
    ///
    /// @param rows `[samples][features]`
    /// @throws IllegalArgumentException if a row has another number of features
    public float[][] rows(float[]... rows) {
        float[][] made = new float[rows.length][outputs()];
        for (int row = 0; row < rows.length; row++) {
            String message = "preprocessing: row %s has %s features, expected %s";
            Require.that(rows[row].length == inputs(), message, row, rows[row].length, inputs());
            apply(rows[row], made[row]);
        }
        return made;
    }

    @Override
    public void apply(float[] sample, float[] result) {
        float[] values = sample;
        for (Step step : steps) {
            float[] next = new float[step.outputs()];
            step.apply(values, next);
            values = next;
        }
        System.arraycopy(values, 0, result, 0, values.length);
    }

    /// Writes the steps as JSON.
    ///
    /// @throws UncheckedIOException if the file cannot be written
    public void save(Path file) {
        PreprocessingJson.write(steps, file);
    }

    /// Reads what [#save] has written.
    ///
    /// @throws IllegalArgumentException if the file holds something else; the message names file and
    ///   line
    /// @throws UncheckedIOException if the file cannot be read
    public static Preprocessing load(Path file) {
        return new Preprocessing(PreprocessingJson.read(file));
    }
}
