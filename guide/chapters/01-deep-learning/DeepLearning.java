import module fathom.core;
import module fathom.data;
import module fathom.guide;
import module fathom.nn;

import smile.classification.*;
import smile.math.distance.EuclideanDistance;
import smile.neighbor.LinearSearch;

import static fathom.nn.Layers.*;

void main() {
    var lesson = Lesson.begin();

    // region examples
    LabelledTable tumours = DataSets.breastCancer();
    Dataset all = tumours.dataset();
    IO.println(all.size() + " tumours, " + tumours.features().size()
            + " features, the classes " + tumours.classes());
    // end
    lesson.figure("tumours", all.size());
    lesson.figure("features", tumours.features().size());

    // region split
    var parts = all.shuffle(1).stratifiedSplit(0.25, 0.75);
    var scale = Preprocessing.fit(parts.get(0), Step.Standardise.fitting());
    Examples train = Examples.of(scale.on(parts.get(0)), 0, 1);
    Examples test = Examples.of(scale.on(parts.get(1)), 0, 1);
    // end
    lesson.figure("train", train.size());
    lesson.figure("test", test.size());

    // region baseline
    int benign = tumours.classes().indexOf("benign");
    double always = test.accuracy(features -> benign);
    // end
    lesson.figure("always", 100 * always);

    // region neighbours
    Classifier<double[]> nearest = neighbours(train, 1);
    double known = train.accuracy(nearest);
    double unknown = test.accuracy(nearest);
    // end
    lesson.figure("one-known", 100 * known);
    lesson.figure("one-unknown", 100 * unknown);

    // region more-neighbours
    int[] counts = {1, 3, 5, 9, 15, 25, 41, 65, 101, 141};
    double[] onTrain = new double[counts.length];
    double[] onTest = new double[counts.length];
    for (int i = 0; i < counts.length; i++) {
        var model = neighbours(train, counts[i]);
        onTrain[i] = 100 * train.accuracy(model);
        onTest[i] = 100 * test.accuracy(model);
    }
    // end
    lesson.figure("some-known", onTrain[3]);
    lesson.figure("some-unknown", onTest[3]);
    lesson.figure("most-known", onTrain[9]);
    lesson.figure("most-unknown", onTest[9]);
    lesson.picture("regions", Panels.of("What neighbours say of the whole plane", 2,
            regions("1 neighbour", tumours.classes(), train, neighbours(train, 1)),
            regions("9 neighbours", tumours.classes(), train, neighbours(train, 9))));
    lesson.picture("overfitting", Plot.of("Right answers, by the number of neighbours that are asked")
            .x("neighbours").y("percent right").logX().rangeY(60, 101)
            .line("training data", Arrays.stream(counts).asDoubleStream().toArray(), onTrain)
            .line("test data", Arrays.stream(counts).asDoubleStream().toArray(), onTest));

    // region houses
    Table districts = DataSets.californiaHousing();
    float[][] measured = districts.features(
            "longitude", "latitude", "housing_median_age", "median_income",
            "total_rooms", "total_bedrooms", "population", "households");
    double[] values = districts.numbers("median_house_value");
    double middle = Arrays.stream(values).sorted().toArray()[values.length / 2];
    int[] isDear = Arrays.stream(values)
            .mapToInt(v -> v > middle ? 1 : 0)
            .toArray();
    var houses = Dataset.of(measured, isDear).shuffle(42).split(0.8, 0.2);
    var prepared = Preprocessing.fit(
            houses.get(0), Step.Impute.median(), Step.Standardise.fitting());
    Dataset houseTrain = prepared.on(houses.get(0))
            .take(lesson.choose(16_512, 2_000)).cache();
    Dataset houseTest = prepared.on(houses.get(1)).cache();
    // end
    lesson.figure("house-train", houseTrain.size());
    lesson.figure("house-test", houseTest.size());

    // region messages
    var messages = DataSets.smsSpam().distinct()
            .shuffle(42).stratifiedSplit(0.8, 0.2);
    List<String> vocabulary = vocabulary(messages.get(0), 20);
    Dataset mailTrain = bags(messages.get(0), vocabulary)
            .take(lesson.choose(4_136, 1_500));
    Dataset mailTest = bags(messages.get(1), vocabulary);
    // end
    lesson.figure("mail-train", mailTrain.size());
    lesson.figure("mail-test", mailTest.size());
    lesson.figure("vocabulary", vocabulary.size());
    double ham = Arrays.stream(mailTest.labels())
            .filter(label -> label == 0)
            .count();
    lesson.figure("ham", 100 * ham / mailTest.size());

    // region digits
    Mnist mnist = Mnist.load();
    Dataset digitTrain = small(mnist.train().shuffle(1)
            .take(lesson.choose(3_000, 500)));
    Dataset digitTest = small(mnist.test().shuffle(1)
            .take(lesson.choose(2_000, 500)));
    // end
    lesson.figure("digit-train", digitTrain.size());
    lesson.figure("digit-test", digitTest.size());

    // region compete
    double[][] wrong = {
        compete(houseTrain, houseTest, 2, lesson.choose(200, 10), 20),
        compete(mailTrain, mailTest, 2, lesson.choose(100, 5), 20),
        compete(digitTrain, digitTest, 10, lesson.choose(50, 4), 20)};
    // end
    lesson.figure("messages-apart",
            Math.round((wrong[1][3] - wrong[1][0]) * mailTest.size() / 100));
    String[] sets = {"houses", "messages", "digits"};
    String[] methods = {"logistic", "neighbours", "trees", "network"};
    for (int i = 0; i < sets.length; i++) {
        for (int j = 0; j < methods.length; j++) {
            lesson.figure(sets[i] + "-" + methods[j], 100 - wrong[i][j]);
        }
    }
    lesson.picture("wrong", Heat.of("Of 100 answers, so many are wrong", wrong)
            .names(List.of("houses", "spam", "digits"), List.of(methods))
            .numbers(1).square(96));

    // region seeing
    var seeing = trainerOf(Sequential.of(
            reshape(14, 14, 1),
            conv2d(16, 3), relu(), maxPool2d(2),
            conv2d(32, 3), relu(), maxPool2d(2),
            flatten(), linear(64), relu(),
            linear(10)));
    seeing.fit(digitTrain.shuffle(7).batch(64), Epochs.of(lesson.choose(20, 3)));
    Examples digits = Examples.of(digitTest);
    int[] seen = seeing.predict(digitTest.all().x()).argmax(1).toInts();
    double right = 100 - percentWrong(seen, digits);
    // end
    lesson.figure("digits-seeing", right);
    lesson.figure("fewer-wrong", 100 - 100 * (100 - right) / wrong[2][3]);

    // What the solutions of the exercises say.
    var everyone = neighbours(train, train.size());
    lesson.figure("everyone", 100 * test.accuracy(everyone));
    Examples rawTrain = Examples.of(parts.get(0));
    Examples rawTest = Examples.of(parts.get(1));
    Examples scaledTrain = Examples.of(scale.on(parts.get(0)));
    Examples scaledTest = Examples.of(scale.on(parts.get(1)));
    lesson.figure("raw", 100 * rawTest.accuracy(neighbours(rawTrain, 5)));
    lesson.figure("scaled", 100 * scaledTest.accuracy(neighbours(scaledTrain, 5)));
}

// region examples-type
/// Samples as Smile wants them: a row of features each, and labels.
record Examples(double[][] features, int[] labels) {
    static Examples of(Dataset data, int... columns) {
        Tensor x = data.all().x();
        Tensor some = columns.length == 0
                ? x
                : x.take(Tensor.of(columns, columns.length), 1);
        double[][] rows = new double[some.dim(0)][];
        for (int i = 0; i < rows.length; i++) {
            rows[i] = some.at(0, i).toDoubles();
        }
        return new Examples(rows, data.all().y().toInts());
    }

    int size() {
        return labels.length;
    }

    /// The share of right answers.
    double accuracy(Classifier<double[]> model) {
        return IntStream.range(0, size())
                .filter(i -> model.predict(features[i]) == labels[i])
                .count() / (double) size();
    }
}
// end

// region knn
Classifier<double[]> neighbours(Examples train, int count) {
    var search = new LinearSearch<>(train.features(), new EuclideanDistance());
    // A sample that it knows counts as its own neighbour.
    search.setIdenticalExcluded(false);
    return new KNN<>(search, train.labels(), count);
}
// end

// region bags
/// The words of a message.
Set<String> words(String text) {
    String small = text.toLowerCase(Locale.ROOT);
    return Set.copyOf(List.of(small.split("[^a-z0-9£]+")));
}

/// The words that come in at least so many messages.
List<String> vocabulary(LabelledTexts messages, int least) {
    return messages.texts().stream()
            .flatMap(text -> words(text).stream())
            .collect(Collectors.groupingBy(w -> w, Collectors.counting()))
            .entrySet().stream()
            .filter(e -> e.getValue() >= least)
            .map(Map.Entry::getKey)
            .sorted()
            .toList();
}

/// For each message a 1 for each word that it has.
Dataset bags(LabelledTexts messages, List<String> vocabulary) {
    float[][] rows = new float[messages.size()][vocabulary.size()];
    for (int i = 0; i < rows.length; i++) {
        Set<String> words = words(messages.texts().get(i));
        for (int j = 0; j < vocabulary.size(); j++) {
            rows[i][j] = words.contains(vocabulary.get(j)) ? 1 : 0;
        }
    }
    return Dataset.of(rows, messages.labels());
}
// end

// region small
/// Images of 14 × 14: each pixel is the mean of four.
Dataset small(Dataset images) {
    Batch all = images.all();
    int count = all.size();
    Tensor means = all.x().reshape(count, 14, 2, 14, 2).mean(2, 4);
    return Dataset.of(means.reshape(count, 14 * 14), all.y());
}
// end

// region methods
/// What makes a network learn.
Trainer trainerOf(Layer layers) {
    return Trainer.of(layers)
            .seed(1)
            .loss(Loss.crossEntropy())
            .optimizer(Adam.of(1e-3));
}

/// Asks a model about one sample after the other.
Function<Examples, int[]> each(Classifier<double[]> model) {
    return asked -> Arrays.stream(asked.features())
            .mapToInt(features -> model.predict(features))
            .toArray();
}

/// Lets a method learn, then asks it, and prints how long both took.
double wrong(
        String name, Examples asked,
        Supplier<Function<Examples, int[]>> method) {
    long start = System.nanoTime();
    Function<Examples, int[]> model = method.get();
    long learned = System.nanoTime();
    int[] answers = model.apply(asked);
    long answered = System.nanoTime();
    IO.println(String.format(Locale.ROOT,
            "%s: %.1f s to learn, %.1f s to answer",
            name, (learned - start) / 1e9, (answered - learned) / 1e9));
    return percentWrong(answers, asked);
}

double percentWrong(int[] answers, Examples asked) {
    return IntStream.range(0, asked.size())
            .filter(i -> answers[i] != asked.labels()[i])
            .count() * 100.0 / asked.size();
}

/// How many of 100 answers of each method are wrong.
double[] compete(
        Dataset train, Dataset test, int classes, int trees, int epochs) {
    Examples known = Examples.of(train);
    Examples asked = Examples.of(test);
    double logistic = wrong("logistic regression", asked, () -> each(
            new LogisticRegression(
                    known.features(), known.labels(), 1, 1e-5, 200)));
    double nearest = wrong("nearest neighbours", asked, () -> each(
            neighbours(known, 5)));
    double boosted = wrong("boosted trees", asked, () -> {
        smile.math.Math.setSeed(1);
        return each(new GradientTreeBoost(
                known.features(), known.labels(), trees, 16, 0.1, 0.7));
    });
    double network = wrong("neural network", asked, () -> {
        var trainer = trainerOf(Sequential.of(
                linear(64), relu(),
                linear(64), relu(),
                linear(classes)));
        trainer.fit(train.shuffle(7).batch(64), Epochs.of(epochs));
        return samples -> trainer.predict(test.all().x()).argmax(1).toInts();
    });
    return new double[] {logistic, nearest, boosted, network};
}
// end

/// The samples, and small dots in the colour of the class that a model says there.
Plot regions(String title, List<String> classes, Examples train, Classifier<double[]> model) {
    var plot = Plot.of(title).size(430, 430).x("radius").y("texture").rangeX(-2, 2.5).rangeY(-2, 2.5);
    for (int label = 0; label < 2; label++) {
        List<double[]> there = new ArrayList<>();
        for (double x = -1.96; x < 2.5; x += 0.08) {
            for (double y = -1.96; y < 2.5; y += 0.08) {
                if (model.predict(new double[] {x, y}) == label) {
                    there.add(new double[] {x, y});
                }
            }
        }
        plot = points(plot, "", there).colour(label);
    }
    for (int label = 0; label < 2; label++) {
        int wanted = label;
        List<double[]> samples = IntStream.range(0, train.size())
                .filter(i -> train.labels()[i] == wanted)
                .mapToObj(i -> train.features()[i])
                .toList();
        // As few at a time as are drawn large.
        for (int from = 0; from < samples.size(); from += 50) {
            var some = samples.subList(from, Math.min(from + 50, samples.size()));
            plot = points(plot, from == 0 ? classes.get(label) : "", some).colour(label);
        }
    }
    return plot;
}

Plot points(Plot plot, String name, List<double[]> points) {
    return plot.points(name,
            points.stream().mapToDouble(p -> p[0]).toArray(),
            points.stream().mapToDouble(p -> p[1]).toArray());
}
