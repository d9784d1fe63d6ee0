import module fathom.core;
import module fathom.data;
import module fathom.guide;
import module fathom.nn;

import static fathom.nn.Layers.*;

void main() {
    var lesson = Lesson.begin();

    // region data
    Table districts = DataSets.californiaHousing();
    var byIncome = Dataset.of(
            districts.features("median_income"), inHundredThousands(districts));
    var parts = byIncome.shuffle(42).split(0.8, 0.2);
    Batch train = parts.get(0).all();
    Batch test = parts.get(1).all();
    // end
    lesson.figure("train-districts", parts.get(0).size());
    lesson.figure("test-districts", parts.get(1).size());
    lesson.picture("data", cloud("1,000 districts of California, 1990", test, 1000));

    // region start
    double w = 0;
    double b = 0;
    double rate = 0.03;
    int steps = 600;

    double[] losses = new double[steps];
    double[] ws = new double[steps];
    double[] bs = new double[steps];
    // end

    // region descent
    for (int step = 0; step < steps; step++) {
        Tensor error = train.x().mul(w).add(b).sub(train.y());
        Tensor loss = error.square().mean();
        Tensor slopeOfW = error.mul(train.x()).mean().mul(2);
        Tensor slopeOfB = error.mean().mul(2);
        Tensor.evaluateAll(loss, slopeOfW, slopeOfB);

        losses[step] = loss.item();
        ws[step] = w;
        bs[step] = b;
        w -= rate * slopeOfW.item();
        b -= rate * slopeOfB.item();
    }
    IO.println("value = " + w + " * income + " + b);
    // end
    lesson.figure("w", w);
    lesson.figure("b", b);
    lesson.figure("more-value", 100 * w);
    lesson.figure("at-five", 100 * (5 * w + b));
    lesson.figure("steps", steps);
    lesson.figure("first-loss", losses[0]);
    lesson.figure("last-loss", losses[steps - 1]);
    lesson.picture("descent", descent(test, losses, ws, bs));

    // region diverge
    double wild = 0;
    for (int step = 0; step < 20; step++) {
        Tensor error = train.x().mul(wild).sub(train.y());
        wild -= 0.06 * error.mul(train.x()).mean().mul(2).item();
        IO.println("w = " + wild);
    }
    // end
    lesson.figure("wild", Math.abs(wild));

    // region line-result
    double ofLine = rSquared(test.x().mul(w).add(b), test.y());
    // end
    lesson.figure("line-r-squared", ofLine);

    // region standardise
    var scaled = Preprocessing.fit(parts.get(0), Step.Standardise.fitting());
    // end

    // region network
    var network = Trainer.of(Sequential.of(linear(10), tanh(), linear(1)))
            .seed(1)
            .loss(Loss.meanSquaredError())
            .optimizer(Adam.of(0.01))
            .metrics(StreamingMetric.rSquared());
    var trainIncomes = scaled.on(parts.get(0)).shuffle(7);
    var testIncomes = scaled.on(parts.get(1));

    network.fit(trainIncomes.batch(256), Epochs.of(lesson.choose(20, 5)));
    var ofNetwork = network.evaluate(testIncomes.batch(256));
    // end
    lesson.figure("network-r-squared", ofNetwork.get("rSquared"));
    lesson.figure("parameters", Modules.count(network.model()));
    double[] incomes = IntStream.rangeClosed(0, 150).mapToDouble(i -> i * 0.1).toArray();
    Tensor everyIncome = Tensor.of(scaled.rows(column(incomes)));
    double[] bend = network.predict(everyIncome).toDoubles();
    double slope = w;
    double start = b;
    lesson.picture("bend", cloud("The line and the network", test, 1000)
            .curve("the neuron", v -> slope * v + start, 0, 15)
            .line("the network", incomes, bend));

    // region all-data
    var byAll = Dataset.of(
            features(districts), inHundredThousands(districts));
    var allParts = byAll.shuffle(42).split(0.8, 0.2);
    var prepared = Preprocessing.fit(
            allParts.get(0),
            Step.Impute.median(),
            Step.OneHot.columns(0),
            Step.Standardise.fitting());
    var allTrain = prepared.on(allParts.get(0)).cache();
    var allTest = prepared.on(allParts.get(1)).cache();
    // end
    lesson.figure("inputs", prepared.outputs());

    // region all-network
    int epochs = lesson.choose(40, 3);
    int networks = lesson.choose(5, 2);
    int batch = 256;
    int allSteps = epochs * Math.ceilDiv(allTrain.size(), batch);
    Batch asked = allTest.all();
    Tensor sum = Tensor.zeros(1);
    double ofOne = 0;
    for (int seed = 1; seed <= networks; seed++) {
        var large = Trainer.of(Sequential.of(
                        linear(128), tanh(),
                        linear(128), tanh(),
                        linear(128), tanh(),
                        linear(1)))
                .seed(seed)
                .loss(Loss.meanSquaredError())
                .optimizer(AdamW.of(0.005)
                        .scheduled(Schedule.oneCycle(allSteps)));
        large.fit(allTrain.shuffle(7).batch(batch), Epochs.of(epochs));
        Tensor answer = large.predict(asked.x()).evaluate();
        ofOne = seed == 1 ? rSquared(answer, asked.y()) : ofOne;
        sum = sum.add(answer).evaluate();
    }
    Tensor answers = sum.div(networks);
    double ofAll = rSquared(answers, asked.y());
    // end
    lesson.figure("one-r-squared", ofOne);
    lesson.figure("all-r-squared", ofAll);
    double typicalError = Math.sqrt(answers.sub(asked.y()).square().mean().item());
    lesson.figure("typical-error", typicalError * 100);
    lesson.picture("answers", Plot.of("What the networks say of districts that they have not seen")
            .x("median house value, in 100,000 dollars").y("answer")
            .rangeX(0, 5.5).rangeY(0, 5.5)
            .points("", first(asked.y(), 1000), first(answers, 1000))
            .curve("a right answer", v -> v, 0, 5.5));
}

// region units
/// The median house values, in units of 100,000 dollars.
float[][] inHundredThousands(Table districts) {
    float[][] values = districts.features("median_house_value");
    for (float[] value : values) {
        value[0] /= 100_000;
    }
    return values;
}
// end

// region features
/// What is known of each district. The first column is a category.
float[][] features(Table districts) {
    int[] sea = districts.categories("ocean_proximity").indices();
    float[][] known = districts.features(
            "longitude", "latitude", "housing_median_age", "median_income",
            "total_rooms", "total_bedrooms", "population", "households");
    float[][] features = new float[known.length][];
    for (int i = 0; i < known.length; i++) {
        float[] k = known[i];
        features[i] = new float[] {
            sea[i], k[0], k[1], k[0] + k[1], k[2], k[3], log(k[3]),
            log(k[4] / k[7]), log(k[5] / k[4]), log(k[6] / k[7]),
            log(k[6]), log(k[7])
        };
    }
    return features;
}

float log(float x) {
    return (float) Math.log(x);
}
// end

// region r-squared
double rSquared(Tensor predicted, Tensor actual) {
    double left = predicted.sub(actual).square().sum().item();
    double all = actual.sub(actual.mean()).square().sum().item();
    return 1 - left / all;
}
// end

float[][] column(double[] values) {
    float[][] rows = new float[values.length][1];
    for (int i = 0; i < values.length; i++) {
        rows[i][0] = (float) values[i];
    }
    return rows;
}

/// One dot for each of the first districts.
Plot cloud(String title, Batch districts, int count) {
    return Plot.of(title)
            .x("median income, in 10,000 dollars").y("median house value, in 100,000 dollars")
            .rangeX(0, 15).rangeY(0, 5.5)
            .points("", first(districts.x(), count), first(districts.y(), count));
}

double[] first(Tensor column, int count) {
    return column.slice(0, 0, count).toDoubles();
}

/// The line after some of the steps, and the loss so far.
Picture descent(Batch districts, double[] losses, double[] ws, double[] bs) {
    var frames = new ArrayList<Picture>();
    for (int step : new int[] {0, 1, 2, 3, 5, 10, 20, 50, 100, 200, 400, losses.length - 1}) {
        var line = cloud("after " + step + " steps", districts, 250).size(440, 360)
                .curve("", v -> ws[step] * v + bs[step], 0, 15);
        var loss = Plot.of(String.format(Locale.ROOT, "the loss is %.3f", losses[step])).size(440, 360)
                .x("step").y("loss").rangeX(1, losses.length).rangeY(0, 6).logX()
                .line("", losses).colour(1)
                .points("", new double[] {step + 1}, new double[] {losses[step]}).colour(1);
        frames.add(Panels.of("", 2, line, loss));
    }
    return Animation.of("The line turns towards the districts while the loss falls", 0.8, frames);
}
