package fathom.cli.runs;

import static fathom.nn.Layers.dropout;
import static fathom.nn.Layers.linear;
import static fathom.nn.Layers.silu;
import static org.assertj.core.api.Assertions.assertThat;

import fathom.data.DataSets;
import fathom.data.Dataset;
import fathom.data.Preprocessing;
import fathom.data.Step;
import fathom.data.Table;
import fathom.nn.Loss;
import fathom.nn.Sequential;
import fathom.nn.optim.AdamW;
import fathom.nn.optim.Schedule;
import fathom.nn.train.Epochs;
import fathom.nn.train.Evaluation;
import fathom.nn.train.StreamingMetric;
import fathom.nn.train.Trainer;
import fathom.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Predicts the median house value of a Californian district, in units of 100,000 dollars.
class CaliforniaHousingRunTest {
    private static final int BATCH = 256;
    private static final int EPOCHS = 30;

    /// Which of the features is a category.
    private static final int OCEAN = 0;

    private static final int OCTAVES = 6;

    /// The measures of a district, of which ratios are made, and where it is.
    private static float[][] features(Table table) {
        float[][] rows = table.indexed("ocean_proximity")
                .features(
                        "longitude",
                        "latitude",
                        "housing_median_age",
                        "median_income",
                        "total_rooms",
                        "total_bedrooms",
                        "population",
                        "households",
                        "ocean_proximity");
        float[][] features = new float[rows.length][];
        for (int i = 0; i < rows.length; i++) {
            float[] row = rows[i];
            float rooms = row[4];
            float bedrooms = row[5];
            float people = row[6];
            float households = row[7];
            float[] measures = {
                row[8],
                row[2],
                row[3],
                log(row[3]),
                log(rooms / households),
                log(bedrooms / rooms),
                log(people / households),
                log(people),
                log(households)
            };
            features[i] = joined(measures, place(row[0], row[1]));
        }
        return features;
    }

    /// A place, from north to south and west to east, and along and across the coast: as it is, and as waves of
    /// 10 degrees, 5 and so on, by which a network can tell one town from the next. Tancik et al.: *Fourier
    /// features let networks learn high frequency functions in low dimensional domains* (2020).
    private static float[] place(float longitude, float latitude) {
        float across = (float) ((longitude + latitude) * Math.sqrt(0.5));
        float along = (float) ((longitude - latitude) * Math.sqrt(0.5));
        float[] place = {longitude, latitude, across, along};
        float[] waves = new float[2 * OCTAVES * place.length];
        int next = 0;
        for (float degrees : place) {
            for (int octave = 0; octave < OCTAVES; octave++) {
                double angle = 2 * Math.PI * degrees / 10 * (1 << octave);
                waves[next++] = (float) Math.sin(angle);
                waves[next++] = (float) Math.cos(angle);
            }
        }
        return joined(place, waves);
    }

    private static float[] joined(float[] first, float[] second) {
        float[] both = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, both, first.length, second.length);
        return both;
    }

    private static float log(float x) {
        return (float) Math.log(x);
    }

    @Test
    void explainsFourFifthsOfTheVariance() {
        Table table = DataSets.californiaHousing();
        List<Dataset> parts = Dataset.of(features(table), table.features("median_house_value"))
                .mapTargets(Shape.of(1), (dollars, target) -> target[0] = dollars[0] / 100_000)
                .shuffle(42)
                .split(0.8, 0.2);
        Dataset train = parts.get(0);
        Dataset test = parts.get(1);
        Preprocessing fitted =
                Preprocessing.fit(train, Step.Impute.median(), Step.OneHot.columns(OCEAN), Step.Standardise.fitting());

        Sequential model = Sequential.of(
                linear(256), silu(), dropout(0.1), linear(256), silu(), dropout(0.1), linear(128), silu(), linear(1));
        int steps = EPOCHS * Math.ceilDiv(train.size(), BATCH);
        Trainer trainer = Trainer.of(model)
                .seed(1)
                .loss(Loss.huber(0.5))
                .optimizer(AdamW.of(5e-3).scheduled(Schedule.oneCycle(steps)))
                .metrics(StreamingMetric.rSquared())
                .progress(false);
        trainer.fit(fitted.on(train).cache().batch(BATCH), Epochs.of(EPOCHS));

        Evaluation result = trainer.evaluate(fitted.on(test).batch(512));
        IO.println("California housing: " + result);
        assertThat(result.get("rSquared")).isGreaterThanOrEqualTo(0.80);
    }
}
