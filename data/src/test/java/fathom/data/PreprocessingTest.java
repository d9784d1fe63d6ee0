package fathom.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import fathom.tensor.Shape;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PreprocessingTest {
    private static final float NONE = Float.NaN;

    @TempDir
    private Path folder;

    private static Dataset rows(float[]... rows) {
        return Dataset.of(rows, new int[rows.length]);
    }

    private static void assertRefused(Runnable action, String message) {
        assertThatThrownBy(action::run)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
    }

    @Test
    void minMaxGoesFromZeroToOneOnTheTrainingData() {
        Preprocessing fitted = Preprocessing.fit(rows(new float[] {2, 5}, new float[] {4, 5}), Step.MinMax.fitting());
        assertThat(fitted.on(rows(new float[] {2, 5}, new float[] {3, 5}, new float[] {8, 6}))
                        .all()
                        .x()
                        .toFloats())
                .containsExactly(0, 0, 0.5f, 0, 3, 1);
    }

    @Test
    void standardiseGivesMeanZeroAndDeviationOne() {
        Dataset iris = DataSets.iris().dataset();
        Statistics made =
                Preprocessing.fit(iris, Step.Standardise.fitting()).on(iris).statistics();
        for (int i = 0; i < 4; i++) {
            assertThat(made.mean().get(i)).isCloseTo(0, within(1e-6));
            assertThat(made.deviation().get(i)).isCloseTo(1, within(1e-6));
        }
        Preprocessing constant = Preprocessing.fit(rows(new float[] {3}, new float[] {3}), Step.Standardise.fitting());
        assertThat(constant.rows(new float[] {5})[0]).containsExactly(2);
    }

    @Test
    void imputeFillsInWhatIsMissing() {
        Dataset train = rows(
                new float[] {1, 7}, new float[] {NONE, 7}, new float[] {3, NONE}, new float[] {3, 1}, new float[] {9, 1
                });
        float[] missing = {NONE, NONE};
        assertThat(Preprocessing.fit(train, Step.Impute.mean()).rows(missing)[0])
                .containsExactly(4, 4);
        assertThat(Preprocessing.fit(train, Step.Impute.median()).rows(missing)[0])
                .containsExactly(3, 4);
        assertThat(Preprocessing.fit(train, Step.Impute.mostFrequent()).rows(missing)[0])
                .containsExactly(3, 1);
        assertThat(Preprocessing.fit(train, Step.Impute.mean()).rows(new float[] {2, NONE})[0])
                .containsExactly(2, 4);
    }

    @Test
    void oneHotMakesAFeatureForEachValue() {
        Dataset train = rows(new float[] {5, 0.5f, 2}, new float[] {-1, 0.25f, 2});
        Preprocessing fitted = Preprocessing.fit(train, Step.OneHot.columns(2, 0));
        assertThat(fitted.outputs()).isEqualTo(4);
        assertThat(fitted.rows(new float[] {5, 0.75f, 2}, new float[] {3, 1, 9}))
                .isDeepEqualTo(new float[][] {{0, 1, 0.75f, 1}, {0, 0, 1, 0}});
    }

    @Test
    void stepsAreFittedOneAfterTheOtherOnTrainingDataAlone() {
        Table houses = DataSets.californiaHousing();
        List<Dataset> parts = houses.regression(
                        "median_house_value", "total_bedrooms", "median_income", "housing_median_age")
                .shuffle(1)
                .split(0.8, 0.2);
        Preprocessing fitted = Preprocessing.fit(parts.getFirst(), Step.Impute.median(), Step.Standardise.fitting());
        Statistics train = fitted.on(parts.getFirst()).statistics();
        Statistics test = fitted.on(parts.getLast()).statistics();
        assertThat(train.mean().getFirst()).isCloseTo(0, within(1e-5));
        // Not exactly 0: the test data's own mean was not used.
        assertThat(Math.abs(test.mean().getFirst())).isBetween(1e-5, 0.1);
        Path file = folder.resolve("p.json");
        fitted.save(file);
        assertThat(Preprocessing.load(file)).isEqualTo(fitted);
    }

    @Test
    void everyStepIsSavedAndLoaded() throws IOException {
        Path file = folder.resolve("p.json");
        Preprocessing fitted = Preprocessing.fit(
                rows(new float[] {0.1f, 1}, new float[] {NONE, 2}, new float[] {0.7f, 2}),
                Step.Impute.mean(),
                Step.MinMax.fitting(),
                Step.OneHot.columns(1),
                Step.Standardise.fitting());
        fitted.save(file);
        Preprocessing loaded = Preprocessing.load(file);
        assertThat(loaded).isEqualTo(fitted);
        assertThat(loaded.rows(new float[] {0.3f, 1})).isDeepEqualTo(fitted.rows(new float[] {0.3f, 1}));

        Files.writeString(file, "[{\"minMax\": [[1.0],\n [\"x\"]]}]");
        assertRefused(() -> Preprocessing.load(file), file + ":2: expected a number");
        Files.writeString(file, "[{\"minMax\": [[1.0]]}]");
        assertRefused(() -> Preprocessing.load(file), file + ":1: expected 2 lists for minMax, found 1");
        Files.writeString(file, "[{\"other\": []}]");
        assertRefused(
                () -> Preprocessing.load(file),
                file + ":1: expected minMax, standardise, impute or oneHot, found other");
        Files.writeString(file, "[\n{");
        assertThatThrownBy(() -> Preprocessing.load(file))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith(file + ":2: not JSON: ");
    }

    @Test
    void whatDoesNotFitIsRefused() {
        Dataset train = rows(new float[] {1, NONE});
        assertRefused(
                () -> Preprocessing.fit(train, Step.MinMax.fitting()),
                "min max: feature 1 has values that are missing or infinite, expected finite ones"
                        + " (Impute fills them in)");
        assertRefused(
                () -> Preprocessing.fit(train, Step.Impute.mean()),
                "impute: feature 1 has no value, expected at least one");
        assertRefused(() -> Preprocessing.fit(train), "preprocessing: no steps, expected at least one");
        Dataset three = rows(new float[] {1, 2, 3});
        assertRefused(() -> Preprocessing.fit(three, Step.OneHot.columns(3)), "one hot: feature 3, expected 0 to 2");
        Preprocessing fitted = Preprocessing.fit(three, Step.MinMax.fitting());
        assertRefused(
                () -> fitted.on(train), "preprocessing: inputs of shape [2], expected [3] as in the training data");
        assertRefused(() -> fitted.rows(new float[2]), "preprocessing: row 0 has 2 features, expected 3");
        assertRefused(
                () -> new Preprocessing(List.of(new Step.Impute(List.of(1.0)), new Step.Impute(List.of(1.0, 2.0)))),
                "preprocessing: step 1 gets 1 features, expected 2");
    }

    // ---- windows ----

    @Test
    void windowsLookBackAndPredict() {
        float[][] series = new float[10][2];
        for (int i = 0; i < 10; i++) {
            series[i][0] = i;
            series[i][1] = 10 * i;
        }
        Dataset all = Windows.of(3, 2).over(series);
        assertThat(all.size()).isEqualTo(6);
        assertThat(all.inputShape()).isEqualTo(Shape.of(3, 2));
        assertThat(all.get(5).x().toFloats()).containsExactly(5, 50, 6, 60, 7, 70);
        assertThat(all.get(5).y().toFloats()).containsExactly(8, 80, 9, 90);
        Dataset some = Windows.of(4, 1).stride(3).over(series, 1);
        assertThat(some.size()).isEqualTo(2);
        assertThat(some.get(1).x().toFloats()).startsWith(3, 30);
        assertThat(some.all().y().toFloats()).containsExactly(40, 70);
        assertThat(some.targetShape()).isEqualTo(Shape.of(1, 1));
        assertRefused(
                () -> Windows.of(9, 2).over(series),
                "windows: 10 steps, expected at least 11: 9 to look at and 2 to predict");
        assertRefused(() -> Windows.of(1, 1).over(series, 2), "windows: column 2, expected 0 to 1");
        assertRefused(() -> Windows.of(0, 1), "windows: a length of 0, expected at least 1");
        float[][] uneven = {{1}, {1, 2}};
        assertRefused(() -> Windows.of(1, 1).over(uneven), "windows: 2 channels at step 1, expected 1");
    }
}
