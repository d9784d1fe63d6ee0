import module fathom.core;
import module fathom.data;
import module fathom.guide;
import module fathom.nn;

import static fathom.nn.Layers.*;

void main() {
    var lesson = Lesson.begin();

    // region data
    var images = Mnist.load().train().shuffle(1);
    var few = images.take(1_000);
    var statistics = few.statistics();
    Dataset train = few.standardise(statistics).cache();
    Dataset validation = images.skip(20_000).take(lesson.choose(2_000, 500))
            .standardise(statistics).cache();
    Dataset many = images.skip(5_000).take(lesson.choose(10_000, 1_000))
            .standardise(statistics).cache();
    Dataset test = Mnist.load().test().take(lesson.choose(10_000, 500))
            .standardise(statistics).cache();
    // end
    lesson.figure("train-images", train.size());
    lesson.figure("validation-images", validation.size());
    lesson.figure("test-images", test.size());
    lesson.figure("many-images", many.size());

    // region fit
    int epochs = lesson.choose(40, 2);
    History large = trainerOf(Adam.of(1e-3), wide(0))
            .validation(validation.batch(500))
            .fit(train.shuffle(7).batch(50), Epochs.of(epochs));
    History small = trainerOf(Adam.of(1e-3), Sequential.of(
                    flatten(), linear(2), relu(), linear(10)))
            .validation(validation.batch(500))
            .fit(train.shuffle(7).batch(50), Epochs.of(epochs));
    // end
    double[] known = large.training("loss");
    double[] unknown = large.validation("loss");
    int best = smallest(unknown);
    lesson.figure("epochs", epochs);
    lesson.figure("wide-known", known[epochs - 1]);
    lesson.figure("wide-known-share", 100 * large.training("accuracy")[epochs - 1]);
    lesson.figure("wide-least", unknown[best]);
    lesson.figure("wide-least-epoch", best + 1);
    lesson.figure("wide-last", unknown[epochs - 1]);
    lesson.figure("wide-share", 100 * large.validation("accuracy")[epochs - 1]);
    lesson.figure("narrow-known-share", 100 * small.training("accuracy")[epochs - 1]);
    lesson.figure("narrow-share", 100 * small.validation("accuracy")[epochs - 1]);
    lesson.picture("fit", Panels.of("Losses over the epochs", 2,
            losses("256 and 256 neurons: over-fitting", large).rangeY(0.0001, 4),
            losses("2 neurons: under-fitting", small).rangeY(0.0001, 4)));

    // region decay
    double[] decays = {0.1, 1, 3, 10};
    double[] decayLosses = new double[decays.length];
    for (int i = 0; i < decays.length; i++) {
        var trainer = trainerOf(AdamW.of(1e-3).withWeightDecay(decays[i]), wide(0));
        trainer.fit(train.shuffle(7).batch(50), Epochs.of(epochs));
        decayLosses[i] = trainer.evaluate(validation.batch(500)).loss();
        IO.println("decay " + decays[i] + ": loss " + decayLosses[i]);
    }
    double decay = decays[smallest(decayLosses)];
    // end
    lesson.figure("decay", decay);

    // region remedies
    var plain = Adam.of(1e-3);
    var decaying = AdamW.of(1e-3).withWeightDecay(decay);
    var stop = EarlyStopping.onValidationLoss(4).restoringBest();
    var remedies = new LinkedHashMap<String, Trainer>();
    remedies.put("nothing", trainerOf(plain, wide(0)));
    remedies.put("decay", trainerOf(decaying, wide(0)));
    remedies.put("dropout", trainerOf(plain, wide(0.5)));
    remedies.put("stopping", trainerOf(plain, wide(0)).earlyStopping(stop));
    remedies.put("all", trainerOf(decaying, wide(0.5)).earlyStopping(stop));
    var results = new LinkedHashMap<String, Evaluation>();
    var lengths = new LinkedHashMap<String, Integer>();
    remedies.forEach((name, trainer) -> {
        var history = trainer.validation(validation.batch(500))
                .fit(train.shuffle(7).batch(50), Epochs.of(epochs));
        lengths.put(name, history.epochs().size());
        results.put(name, trainer.evaluate(test.batch(500)));
        IO.println(name + ": " + results.get(name));
    });
    var more = trainerOf(plain, wide(0));
    more.fit(many.shuffle(7).batch(50), Epochs.of(lesson.choose(4, 1)));
    results.put("more", more.evaluate(test.batch(500)));
    // end
    results.forEach((name, result) -> {
        lesson.figure(name + "-loss", result.loss());
        lesson.figure(name + "-share", 100 * result.accuracy());
    });
    lesson.figure("stopping-epochs", lengths.get("stopping"));

    // region schedules
    int steps = 2 * many.size() / 50;
    var schedules = new LinkedHashMap<String, Schedule>();
    schedules.put("constant", Schedule.constant(1));
    schedules.put("steps", Schedule.step(steps / 3, 0.1));
    schedules.put("cosine", Schedule.cosine(steps, 0));
    schedules.put("cycle", Schedule.oneCycle(steps));
    var ends = new LinkedHashMap<String, Double>();
    schedules.forEach((name, schedule) -> {
        var trainer = trainerOf(Sgd.of(0.1, 0.9).scheduled(schedule), wide(0));
        trainer.fit(many.shuffle(7).batch(50), Epochs.of(2));
        ends.put(name, 100 * trainer.evaluate(test.batch(500)).accuracy());
    });
    // end
    ends.forEach((name, share) -> lesson.figure("schedule-" + name, share));
    lesson.picture("schedules", drawn(schedules, steps));

    // region batches
    int[] sizes = {10, 100, 1_000};
    double[] same = new double[sizes.length];
    double[] scaled = new double[sizes.length];
    for (int i = 0; i < sizes.length; i++) {
        double rate = 0.0003 * sizes[i];
        same[i] = share(Sgd.of(0.03), many, sizes[i], test);
        scaled[i] = share(Sgd.of(rate), many, sizes[i], test);
    }
    // end
    for (int i = 0; i < sizes.length; i++) {
        lesson.figure("same-" + sizes[i], 100 * same[i]);
        lesson.figure("scaled-" + sizes[i], 100 * scaled[i]);
    }

    // region norm
    double without = share(Sgd.of(0.1), deep(false), many, 50, test);
    double with = share(Sgd.of(0.1), deep(true), many, 50, test);
    // end
    lesson.figure("deep-without", 100 * without);
    lesson.figure("deep-with", 100 * with);

    // region bugs
    var bugs = new LinkedHashMap<String, Health>();
    bugs.put("healthy", check(wide(0), train, validation));
    bugs.put("large", check(
            started(Initializer.normal(0, 1)), train, validation));
    bugs.put("zeros", check(started(Initializer.zeros()), train, validation));
    bugs.put("twice", check(
            Sequential.of(wide(0), softmax()), train, validation));
    Dataset shifted = moved(train);
    bugs.put("moved", check(wide(0), shifted, validation));
    // end
    bugs.forEach((name, health) -> {
        lesson.figure(name + "-start", health.start());
        lesson.figure(name + "-batch", health.oneBatch());
        lesson.figure(name + "-gradient", health.gradient());
        lesson.figure(name + "-held", 100 * health.share());
    });
    lesson.figure("guess", Math.log(10));
    lesson.figure("floor", Math.log(Math.E + 9) - 1);
    lesson.figure("floor-two", Math.log(Math.E + 1) - 1);
    lesson.figure("guess-hundred", Math.log(100));
    lesson.figure("left", Math.pow(0.999, 800));
    var first = Dataset.of(few.all().x(), few.all().y()).take(4);
    lesson.picture("looked", Panels.of("What the network was given", 1,
            strip("as it should be", first), strip("as it was", moved(few).take(4))));
}

// region trainer
Trainer trainerOf(UpdateRule rule, Layer network) {
    return Trainer.of(network)
            .seed(1)
            .loss(Loss.crossEntropy())
            .optimizer(rule)
            .metrics(Metric.accuracy())
            .progress(false);
}

/// Two hidden layers of 256 neurons, of which training leaves out a part.
Sequential wide(double left) {
    return Sequential.of(
            flatten(),
            linear(256), relu(), dropout(left),
            linear(256), relu(), dropout(left),
            linear(10));
}
// end

int smallest(double[] values) {
    int at = 0;
    for (int i = 1; i < values.length; i++) {
        at = values[i] < values[at] ? i : at;
    }
    return at;
}

// region share
/// The share of right answers after some epochs of training.
double share(
        UpdateRule rule, Sequential network, Dataset train, int batch, Dataset test) {
    var trainer = trainerOf(rule, network);
    trainer.fit(train.shuffle(7).batch(batch), Epochs.of(2));
    return trainer.evaluate(test.batch(500)).accuracy();
}

double share(UpdateRule rule, Dataset train, int batch, Dataset test) {
    return share(rule, wide(0), train, batch, test);
}
// end

// region deep
/// Twenty layers of 100 neurons, normalised or not.
Sequential deep(boolean normalised) {
    var layers = new ArrayList<Layer>();
    layers.add(flatten());
    for (int i = 0; i < 20; i++) {
        layers.add(linear(100));
        if (normalised) {
            layers.add(batchNorm());
        }
        layers.add(relu());
    }
    layers.add(linear(10));
    return new Sequential(layers);
}
// end

// region check
/// What three checks say of a network, and how it does on new images.
record Health(double start, double oneBatch, double gradient, double share) {}

Health check(Sequential network, Dataset train, Dataset validation) {
    // The loss at the start.
    var trainer = trainerOf(Adam.of(1e-3), network).build(train.inputShape());
    double start = trainer.evaluate(train.batch(500)).loss();

    // The size of the gradients of the first weights.
    Batch some = train.take(50).all();
    Tensor loss = Loss.crossEntropy().of(trainer.model().apply(some.x()), some.y());
    var parameters = Modules.parameters(trainer.model()).values();
    Tensor weights = List.copyOf(parameters).getFirst().value();
    double gradient = Gradients.of(loss, weights).square().mean().sqrt().item();

    // Can it learn one batch by heart?
    var one = train.take(50).cache();
    trainer.fit(one.batch(50), Epochs.of(100));
    double oneBatch = trainer.evaluate(one.batch(50)).loss();

    // Does it learn anything about images that it has not seen?
    var another = trainerOf(Adam.of(1e-3), network);
    another.fit(train.shuffle(7).batch(50), Epochs.of(5));
    double share = another.evaluate(validation.batch(500)).accuracy();
    return new Health(start, oneBatch, gradient, share);
}
// end

// region planted
/// The same network with another start of its weights.
Sequential started(Initializer start) {
    return Sequential.of(
            flatten(),
            linear(256).initializer(start), relu(),
            linear(256).initializer(start), relu(),
            linear(10).initializer(start));
}

/// Each image with the label of the one before it.
Dataset moved(Dataset data) {
    Batch all = data.all();
    int[] labels = all.y().toInts();
    int[] wrong = new int[labels.length];
    for (int i = 0; i < labels.length; i++) {
        wrong[i] = labels[(i + labels.length - 1) % labels.length];
    }
    return Dataset.of(all.x(), Tensor.of(wrong, wrong.length));
}
// end

Plot losses(String title, History history) {
    return Plot.of(title).x("epoch").y("loss").logY().size(430, 360)
            .line("training", history.training("loss"))
            .line("validation", history.validation("loss"));
}

Picture drawn(Map<String, Schedule> schedules, int steps) {
    var plot = Plot.of("Four schedules").x("step").y("factor of the learning rate").size(640, 320);
    double[] xs = IntStream.range(0, steps).asDoubleStream().toArray();
    for (var entry : schedules.entrySet()) {
        plot = plot.line(entry.getKey() + " ", xs, Arrays.stream(xs).map(s -> entry.getValue().factor((long) s)).toArray());
    }
    return plot;
}

/// Some images in a row, with their labels above.
Picture strip(String title, Dataset some) {
    Batch all = some.all();
    int[] labels = all.y().toInts();
    var pictures = new ArrayList<Picture>();
    for (int i = 0; i < labels.length; i++) {
        pictures.add(Heat.of("a " + labels[i], all.x().at(0, i).reshape(28, 28)).square(4));
    }
    return Panels.of(title, 4, pictures.toArray(Picture[]::new));
}
