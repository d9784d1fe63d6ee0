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
    var scaled = Preprocessing.fit(parts.get(0), Step.Standardise.fitting());
    Batch train = scaled.on(parts.get(0)).all();
    Batch test = scaled.on(parts.get(1)).all();
    // end

    // region constants
    Tensor answers = Tensor.linspace(0, 5, 501).unsqueeze(1);
    Tensor errors = answers.sub(train.y().transpose());
    Tensor squared = errors.square().mean(1);
    Tensor absolute = errors.abs().mean(1);
    double bestSquared = 0.01 * squared.argmin(0).item();
    double bestAbsolute = 0.01 * absolute.argmin(0).item();
    // end
    double mean = train.y().mean().item();
    double[] sorted = train.y().sort(0, false).toDoubles();
    double median = (sorted[sorted.length / 2 - 1] + sorted[sorted.length / 2]) / 2;
    lesson.figure("best-squared", bestSquared);
    lesson.figure("best-absolute", bestAbsolute);
    lesson.figure("mean", mean);
    lesson.figure("median", median);
    lesson.picture("constants", Plot.of("How wrong is one answer for all districts?")
            .x("the answer, in 100,000 dollars").y("loss").rangeX(0, 5).rangeY(0, 6)
            .line("mean squared error", answers.toDoubles(), squared.toDoubles())
            .line("mean absolute error", answers.toDoubles(), absolute.toDoubles())
            .points("", new double[] {bestSquared, bestAbsolute},
                    new double[] {squared.min().item(), absolute.min().item()}));

    lesson.picture("losses", Panels.of("Three losses of an error, and their derivatives", 2,
            Plot.of("The loss").x("error").y("loss").size(420, 360).rangeX(-4, 4).rangeY(0, 8)
                    .curve("squared", e -> e * e, -4, 4)
                    .curve("absolute", e -> Math.abs(e), -4, 4)
                    .curve("Huber", e -> huber(e), -4, 4),
            Plot.of("Its derivative").x("error").y("derivative").size(420, 360).rangeX(-4, 4).rangeY(-8, 8)
                    .curve("squared", e -> 2 * e, -4, 4)
                    .curve("absolute", e -> Math.signum(e), -4, 4)
                    .curve("Huber", e -> Math.clamp(e, -1, 1), -4, 4)));

    // region outliers
    float[] typed = train.y().flatten(0).toFloats();
    for (int i = 0; i < typed.length; i += 30) {
        typed[i] *= 10;
    }
    Batch mistyped = new Batch(train.x(), Tensor.of(typed, typed.length, 1));
    // end
    lesson.figure("wrong-districts", Math.ceilDiv(typed.length, 30));

    // region lines
    var losses = new LinkedHashMap<String, Loss>();
    losses.put("squared", Loss.meanSquaredError());
    losses.put("absolute", Loss.meanAbsoluteError());
    losses.put("huber", Loss.huber(1));
    var lines = new LinkedHashMap<String, Line>();
    losses.forEach((name, loss) -> {
        lines.put(name + "-clean", fit(loss, train));
        lines.put(name + "-dirty", fit(loss, mistyped));
    });
    var offBy = new LinkedHashMap<String, Double>();
    lines.forEach((name, found) -> offBy.put(name, typicalError(found, test)));
    // end
    offBy.forEach((name, error) -> lesson.figure(name + "-error", 100 * error));
    for (String name : losses.keySet()) {
        lesson.figure(name + "-raised", 100 * (lines.get(name + "-dirty").b() - lines.get(name + "-clean").b()));
    }
    lesson.picture("lines", lines(mistyped, lines));

    // region residuals
    Line line = lines.get("squared-clean");
    Tensor left = train.x().mul(line.w()).add(line.b()).sub(train.y());
    double deviation = Math.sqrt(left.square().mean().item());
    Line other = lines.get("absolute-clean");
    Tensor otherLeft = train.x().mul(other.w()).add(other.b()).sub(train.y());
    double breadth = otherLeft.abs().mean().item();
    double normal = 0.5 * Math.log(2 * Math.PI * deviation * deviation) + 0.5;
    double laplace = Math.log(2 * breadth) + 1;
    // end
    lesson.figure("normal-likelihood", normal);
    lesson.figure("laplace-likelihood", laplace);
    lesson.picture("residuals", residuals(left.toDoubles(), deviation, otherLeft.toDoubles(), breadth));

    // region tumours
    LabelledTable tumours = DataSets.breastCancer();
    var halves = tumours.dataset().binary(0).shuffle(1).split(0.7, 0.3);
    var fitted = Preprocessing.fit(halves.get(0), Step.Standardise.fitting());
    Batch known = fitted.on(halves.get(0)).all();
    Batch unknown = fitted.on(halves.get(1)).all();
    // end
    lesson.figure("known", known.size());
    lesson.figure("unknown", unknown.size());
    double malignant = known.y().mean().item();
    lesson.figure("malignant", 100 * malignant);

    // region wrong-start
    double[] bySquares = shares(known, unknown,
            (z, y) -> z.sigmoid().sub(y).square().mean());
    double[] byEntropy = shares(known, unknown, Loss.binaryCrossEntropy());
    // end
    lesson.figure("unknown-malignant", 100 * unknown.y().mean().item());
    lesson.figure("squares-share", bySquares[bySquares.length - 1]);
    lesson.figure("entropy-share", byEntropy[byEntropy.length - 1]);
    int recovered = 0;
    while (recovered < byEntropy.length && byEntropy[recovered] < 90) {
        recovered++;
    }
    lesson.figure("recovered", recovered + 1);
    lesson.figure("sure-start", 100 / (1 + Math.exp(-10)));
    lesson.picture("start", Plot.of("A neuron that begins sure and wrong")
            .x("step").y("% of the new tumours told right").rangeY(0, 100)
            .line("squared error", bySquares).line("cross-entropy", byEntropy));
    lesson.picture("logits", Panels.of("Two losses of a logit whose answer is yes, and their derivatives", 2,
            Plot.of("The loss").x("logit").y("loss").size(420, 360).rangeX(-8, 8).rangeY(0, 8)
                    .curve("squared", z -> Math.pow(1 - sigmoid(z), 2), -8, 8)
                    .curve("cross-entropy", z -> -Math.log(sigmoid(z)), -8, 8),
            Plot.of("Its derivative").x("logit").y("derivative").size(420, 360).rangeX(-8, 8).rangeY(-1.1, 0.1)
                    .curve("squared", z -> -2 * sigmoid(z) * Math.pow(1 - sigmoid(z), 2), -8, 8)
                    .curve("cross-entropy", z -> sigmoid(z) - 1, -8, 8)));

    // region softmax-slopes
    Tensor scores = Tensor.of(new float[] {2, 1, -1}, 1, 3);
    Tensor right = Tensor.of(new int[] {1}, 1);
    Tensor probabilities = scores.softmax(1);
    Tensor byHand = probabilities.sub(right.oneHot(3, DType.F32));
    Tensor byLibrary = Gradients.of(Loss.crossEntropy(scores, right), scores);
    // end
    lesson.figure("softmax-difference", byHand.sub(byLibrary).abs().max().item());
    float[] p = probabilities.flatten(0).toFloats();
    for (int i = 0; i < 3; i++) {
        lesson.figure("probability-" + (i + 1), p[i]);
    }
    Tensor sureWrong = Tensor.of(new float[] {10, 0, 0}, 1, 3);
    Tensor squareLoss = sureWrong.softmax(1).sub(right.oneHot(3, DType.F32)).square().mean();
    lesson.figure("sure-wrong-squared", Gradients.of(squareLoss, sureWrong).abs().max().item() * 1e5);
    lesson.figure("sure-wrong-entropy", Gradients.of(Loss.crossEntropy(sureWrong, right), sureWrong).abs().max().item());

    // region digits
    Mnist mnist = Mnist.load();
    var seen = mnist.train().take(lesson.choose(10_000, 1_000));
    var unseen = mnist.test().take(lesson.choose(10_000, 1_000));
    Dataset digits = seen.standardise().cache();
    Dataset newDigits = unseen.standardise(seen.statistics()).cache();
    // end

    // region classify
    int epochs = lesson.choose(5, 2);
    var model = classifier(Loss.crossEntropy());
    double firstLoss = model.evaluate(digits.batch(500)).loss();
    model.fit(digits.shuffle(7).batch(100), Epochs.of(epochs));
    var result = model.evaluate(newDigits.batch(500));
    // end
    lesson.figure("train-epochs", epochs);
    lesson.figure("guess", Math.log(10));
    lesson.figure("log-thousand", Math.log(1000));
    lesson.figure("log-words", Math.log(50_000));
    lesson.figure("first-loss", firstLoss);
    lesson.figure("last-loss", result.loss());
    lesson.figure("last-probability", 100 * Math.exp(-result.loss()));
    lesson.figure("smoothed-least", -0.91 * Math.log(0.91) - 9 * 0.01 * Math.log(0.01));
    lesson.figure("entropy-accuracy", 100 * result.accuracy());
    lesson.figure("label-entropy", entropy(seen.labels()));

    // region overflow
    Tensor logits = Tensor.of(100f, 50f, -20f);
    Tensor naive = logits.exp().div(logits.exp().sum()).log();
    Tensor stable = logits.logSoftmax(0);
    IO.println("naive:  " + naive);
    IO.println("stable: " + stable);
    // end
    lesson.figure("naive-broken", naive.isFinite().not().sum().item());
    lesson.figure("stable-broken", stable.isFinite().not().sum().item());
    int largest = 0;
    while (Double.isFinite(Tensor.of((float) largest + 1).exp().item())) {
        largest++;
    }
    lesson.figure("largest", largest);
    int sure = 0;
    while (Tensor.of((float) sure).sigmoid().item() < 1) {
        sure++;
    }
    lesson.figure("sure", sure);

    // region smoothed
    var smoothed = classifier(Loss.crossEntropy(0.1));
    smoothed.fit(digits.shuffle(7).batch(100), Epochs.of(epochs));
    double sureOnes = confidence(model, newDigits);
    double sureSmoothed = confidence(smoothed, newDigits);
    // end
    lesson.figure("confidence", 100 * sureOnes);
    lesson.figure("confidence-smoothed", 100 * sureSmoothed);
    lesson.figure("smoothed-accuracy", 100 * smoothed.evaluate(newDigits.batch(500)).accuracy());

    var squaresOfDigits = classifier((z, y) -> Loss.meanSquaredError(z.softmax(-1), y.oneHot(10, DType.F32)));
    squaresOfDigits.fit(digits.shuffle(7).batch(100), Epochs.of(epochs));
    lesson.figure("squares-accuracy", 100 * squaresOfDigits.evaluate(newDigits.batch(500)).accuracy());
    var wild = classifier(Loss.crossEntropy(), Initializer.normal(0, 1));
    lesson.figure("wild-loss", wild.evaluate(digits.batch(500)).loss());

    // region weighed
    double weight = (1 - malignant) / malignant;
    double plain = constant(Loss.binaryCrossEntropy(), known.y());
    double weighed = constant(Loss.binaryCrossEntropy(weight), known.y());
    // end
    lesson.figure("plain-constant", 100 * plain);
    lesson.figure("weighed-constant", 100 * weighed);
    lesson.figure("positive-weight", weight);
}

double sigmoid(double z) {
    return 1 / (1 + Math.exp(-z));
}

double huber(double error) {
    double size = Math.abs(error);
    return size <= 1 ? size * size / 2 : size - 0.5;
}

float[][] inHundredThousands(Table districts) {
    float[][] values = districts.features("median_house_value");
    for (float[] value : values) {
        value[0] /= 100_000;
    }
    return values;
}

// region fit
record Line(double w, double b) {}

/// The line with the least loss, by gradient descent.
Line fit(Loss loss, Batch data) {
    Tensor w = Tensor.scalar(0);
    Tensor b = Tensor.scalar(0);
    for (int step = 0; step < 500; step++) {
        Tensor answer = data.x().mul(w).add(b);
        var slopes = Gradients.of(loss.of(answer, data.y()), List.of(w, b));
        w = w.sub(slopes.get(0).mul(0.1));
        b = b.sub(slopes.get(1).mul(0.1));
        Tensor.evaluateAll(w, b);
        w = w.detach();
        b = b.detach();
    }
    return new Line(w.item(), b.item());
}

/// The mean absolute error on data without mistakes.
double typicalError(Line line, Batch data) {
    Tensor answer = data.x().mul(line.w()).add(line.b());
    return answer.sub(data.y()).abs().mean().item();
}
// end

// region shares
/// Trains a neuron that begins sure that every tumour is malignant.
/// After each step: how many % of the new tumours it tells right.
double[] shares(Batch known, Batch unknown, Loss loss) {
    Tensor w = Tensor.zeros(30, 1).copy();
    Tensor b = Tensor.scalar(10);
    double[] shares = new double[200];
    for (int step = 0; step < shares.length; step++) {
        Tensor z = known.x().matmul(w).add(b);
        var slopes = Gradients.of(loss.of(z, known.y()), List.of(w, b));
        w = w.sub(slopes.get(0));
        b = b.sub(slopes.get(1));
        Tensor.evaluateAll(w, b);
        w = w.detach();
        b = b.detach();
        Tensor malignant = unknown.x().matmul(w).add(b).greater(0);
        Tensor right = malignant.equal(unknown.y().greater(0));
        shares[step] = 100 * right.mean().item();
    }
    return shares;
}
// end

// region classifier
Trainer classifier(Loss loss, Initializer start) {
    return Trainer.of(Sequential.of(
                    flatten(),
                    linear(100).initializer(start), relu(),
                    linear(10).initializer(start)))
            .seed(1)
            .loss(loss)
            .optimizer(Adam.of(1e-3))
            .metrics(Metric.accuracy());
}

Trainer classifier(Loss loss) {
    return classifier(loss, Initializer.glorotUniform());
}
// end

// region confidence
/// The mean of the largest probability that it gives.
double confidence(Trainer classifier, Dataset data) {
    Tensor probabilities = classifier.predict(data.all().x()).softmax(-1);
    return probabilities.max(-1).mean().item();
}
// end

double entropy(int[] labels) {
    double[] counts = new double[10];
    for (int label : labels) {
        counts[label]++;
    }
    return -Arrays.stream(counts).map(c -> c / labels.length).map(s -> s * Math.log(s)).sum();
}

// region constant
/// The probability that has the least loss if it is said of everyone.
double constant(Loss loss, Tensor y) {
    Tensor zeros = Tensor.zeros(y.size(), 1);
    Tensor b = Tensor.scalar(0);
    for (int step = 0; step < 300; step++) {
        Tensor logits = zeros.add(b);
        b = b.sub(Gradients.of(loss.of(logits, y), b)).evaluate().detach();
    }
    return b.sigmoid().item();
}
// end

Picture lines(Batch data, Map<String, Line> lines) {
    var plot = Plot.of("Lines learned from districts of which one in 30 has a zero too many")
            .x("income, standardised").y("house value, in 100,000 dollars").rangeX(-2, 4).rangeY(0, 10)
            .points("", Arrays.copyOf(data.x().toDoubles(), 2000), Arrays.copyOf(data.y().toDoubles(), 2000));
    for (String name : List.of("squared", "absolute", "huber")) {
        Line line = lines.get(name + "-dirty");
        plot = plot.curve(name.equals("huber") ? "Huber" : name, v -> line.w() * v + line.b(), -2, 4);
    }
    return plot;
}

Picture residuals(double[] left, double deviation, double[] otherLeft, double breadth) {
    return Panels.of("Errors of the lines, and the curves that they would follow", 2,
            histogram("squared error: the normal curve", left)
                    .curve("normal", e -> Math.exp(-e * e / (2 * deviation * deviation))
                            / (deviation * Math.sqrt(2 * Math.PI)), -4, 4),
            histogram("absolute error: Laplace's curve", otherLeft)
                    .curve("Laplace", e -> Math.exp(-Math.abs(e) / breadth) / (2 * breadth), -4, 4));
}

Plot histogram(String title, double[] errors) {
    double[] middles = new double[41];
    double[] heights = new double[41];
    for (int i = 0; i < 41; i++) {
        middles[i] = (i - 20) * 0.2;
    }
    for (double error : errors) {
        int place = (int) Math.round(error / 0.2) + 20;
        if (place >= 0 && place < 41) {
            heights[place] += 5.0 / errors.length;
        }
    }
    return Plot.of(title).x("error, in 100,000 dollars").y("share per 100,000 dollars").size(420, 360)
            .rangeX(-4, 4).rangeY(0, 0.85).bars("", middles, heights);
}
