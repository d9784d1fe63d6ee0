import module fathom.core;
import module fathom.data;
import module fathom.guide;
import module fathom.nn;

import static fathom.nn.Layers.*;

void main() {
    var lesson = Lesson.begin();

    // region data
    Mnist mnist = Mnist.load();
    Dataset known = five(mnist.train().take(lesson.choose(30_000, 1_500)), 0);
    Dataset pool = five(mnist.train().skip(lesson.choose(40_000, 57_000)), 5);
    Loader knownTest = five(mnist.test().take(lesson.choose(10_000, 400)), 0).batch(500);
    Loader test = five(mnist.test().take(lesson.choose(10_000, 400)), 5).batch(500);
    // end
    lesson.figure("known-images", known.size());
    lesson.figure("pool-images", pool.size());
    lesson.figure("known-test-images", knownTest.samples());
    lesson.figure("test-images", test.samples());
    lesson.picture("task", task(known, pool));

    // region source
    Shape image = Shape.of(28, 28, 1);
    Chain source = fresh(image, 1);
    learned(source, known, lesson.choose(800, 60), 3e-3);
    double ofSource = share(source, knownTest);
    // end
    lesson.figure("source", ofSource);
    lesson.figure("parameters", Modules.count(source));
    lesson.figure("body-parameters", Modules.count(source.modules().get(0)));
    lesson.figure("head-parameters", Modules.count(source.modules().get(1)));
    lesson.picture("parts", Diagram.of("One body, two heads")
            .box("image", 0, 0.5, "image", "28 × 28")
            .box("first", 1, 0.5, "conv 16", "pooling")
            .box("second", 2, 0.5, "conv 32", "pooling")
            .box("dense", 3, 0.5, "linear 64", "features")
            .box("old", 4, 0, 1, "old head", "0 to 4")
            .box("new", 4, 1, 2, "new head", "5 to 9")
            .arrow("image", "first", "").arrow("first", "second", "")
            .arrow("second", "dense", "").arrow("dense", "old", "").arrow("dense", "new", ""));

    // region nearest
    Dataset ten = few(pool, 10, 1);
    var body = source.modules().get(0);
    var untrained = fresh(image, 2).modules().get(0);
    double byPixels = nearest(ten, test, x -> x.flatten(1));
    double byChance = nearest(ten, test, x -> untrained.apply(x));
    double byFeatures = nearest(ten, test, x -> body.apply(x));
    // end
    lesson.figure("by-pixels", byPixels);
    lesson.figure("by-chance", byChance);
    lesson.figure("by-features", byFeatures);

    // region rivals
    int[] sizes = {2, 5, 10, 20, 50};
    int seeds = lesson.choose(5, 1);
    int steps = lesson.choose(300, 16);
    double[][] scratch = new double[sizes.length][seeds];
    double[][] random = new double[sizes.length][seeds];
    double[][] frozen = new double[sizes.length][seeds];
    double[][] tuned = new double[sizes.length][seeds];
    for (int i = 0; i < sizes.length; i++) {
        for (int seed = 0; seed < seeds; seed++) {
            Dataset labelled = few(pool, sizes[i], seed);

            Chain all = fresh(image, 10 + seed);
            learned(all, labelled, steps, 3e-3);
            scratch[i][seed] = share(all, test);

            Chain guess = fresh(image, 10 + seed);
            learned(guess, labelled, steps, 3e-3, "0.*");
            random[i][seed] = share(guess, test);

            Chain head = transferred(source, image, 10 + seed);
            learned(head, labelled, steps, 3e-3, "0.*");
            frozen[i][seed] = share(head, test);

            Chain both = transferred(source, image, 10 + seed);
            learned(both, labelled, steps / 2, 3e-3, "0.*");
            learned(both, labelled, steps / 2, 1e-3);
            tuned[i][seed] = share(both, test);
        }
        IO.println(sizes[i] + " a class: scratch " + mean(scratch[i])
                + " %, frozen " + mean(frozen[i])
                + " %, tuned " + mean(tuned[i]) + " %");
    }
    // end
    for (int i = 0; i < sizes.length; i++) {
        var ways = new LinkedHashMap<String, double[]>();
        ways.put("scratch", scratch[i]);
        ways.put("random", random[i]);
        ways.put("frozen", frozen[i]);
        ways.put("tuned", tuned[i]);
        for (var way : ways.entrySet()) {
            lesson.figure(way.getKey() + "-" + sizes[i], mean(way.getValue()));
            lesson.figure(way.getKey() + "-spread-" + sizes[i], spread(way.getValue()));
        }
    }
    lesson.picture("curves", curves(sizes, scratch, random, frozen, tuned));

    // region augmented
    Augmentation changes = Augmentations.rotate(15)
            .then(Augmentations.scale(0.85, 1.15))
            .then(Augmentations.randomCrop(28, 28, 3));
    double[] scratchVaried = new double[seeds];
    double[] tunedVaried = new double[seeds];
    for (int seed = 0; seed < seeds; seed++) {
        Dataset varied = few(pool, 10, seed).augment(seed, changes);
        Chain all = fresh(image, 10 + seed);
        learned(all, varied, steps, 3e-3);
        scratchVaried[seed] = share(all, test);

        Chain both = transferred(source, image, 10 + seed);
        learned(both, varied, steps / 2, 3e-3, "0.*");
        learned(both, varied, steps / 2, 1e-3);
        tunedVaried[seed] = share(both, test);
    }
    // end
    lesson.figure("scratch-varied", mean(scratchVaried));
    lesson.figure("scratch-varied-spread", spread(scratchVaried));
    lesson.figure("tuned-varied", mean(tunedVaried));
    lesson.figure("tuned-varied-spread", spread(tunedVaried));

    // region forgetting
    Chain moved = transferred(source, image, 1);
    Dataset fifty = few(pool, 50, 1);
    learned(moved, fifty, steps, 3e-3);
    Chain back = Chain.of(moved.modules().get(0), source.modules().get(1));
    double still = share(back, knownTest);
    double there = share(moved, test);
    // end
    lesson.figure("still", still);
    lesson.figure("there", there);

    // region gentle
    Chain gentle = transferred(source, image, 1);
    learned(gentle, fifty, steps, 3e-3, "0.*");
    learned(gentle, fifty, steps, 1e-4);
    Chain gentleBack = Chain.of(gentle.modules().get(0), source.modules().get(1));
    double gentleStill = share(gentleBack, knownTest);
    double gentleThere = share(gentle, test);
    // end
    lesson.figure("gentle-still", gentleStill);
    lesson.figure("gentle-there", gentleThere);
}

// region five
/// The images of five digits, from the first one on, as classes 0 to 4.
Dataset five(Dataset digits, int first) {
    Batch chosen = digits
            .filter((x, y) -> y[0] >= first && y[0] < first + 5)
            .all();
    return Dataset.of(chosen.x(), chosen.y().sub(first));
}
// end

// region few
/// So many images of each class, drawn at random.
Dataset few(Dataset digits, int each, long seed) {
    Dataset shuffled = digits.shuffle(seed);
    int[] labels = shuffled.labels();
    int[] taken = new int[5];
    int[] places = IntStream.range(0, labels.length)
            .filter(i -> taken[labels[i]]++ < each)
            .toArray();
    Batch chosen = shuffled.get(places);
    return Dataset.of(chosen.x(), chosen.y());
}
// end

// region fresh
/// A network with random weights: a body that makes 64 features of an
/// image, and a head that decides between five classes.
Chain fresh(Shape image, long seed) {
    var body = Sequential.of(
            conv2d(16, 3), relu(), maxPool2d(2),
            conv2d(32, 3), relu(), maxPool2d(2),
            flatten(), linear(64), relu());
    var head = linear(5);
    return Sequential.of(body, head).build(image, RandomStream.of(seed));
}
// end

// region learned
/// Trains a model for so many steps. Parameters whose paths match stay as
/// they are.
void learned(
        Chain model, Dataset images, int steps, double rate, String... still) {
    int batch = Math.min(images.size(), 50);
    Loader batches = images.shuffle(1).batch(batch).dropLast();
    int epochs = Math.ceilDiv(steps, batches.count());
    long all = (long) epochs * batches.count();
    Trainer.of(model)
            .loss(Loss.crossEntropy())
            .optimizer(Adam.of(rate).scheduled(Schedule.oneCycle(all)))
            .freeze(still)
            .progress(false)
            .fit(batches, Epochs.of(epochs));
}

/// The right answers, in percent.
double share(Chain model, Loader asked) {
    var trainer = Trainer.of(model)
            .loss(Loss.crossEntropy())
            .metrics(Metric.accuracy());
    return 100 * trainer.evaluate(asked).accuracy();
}
// end

// region nearest-method
/// The right answers, in percent, if each image gets the class whose mean
/// is nearest.
double nearest(Dataset labelled, Loader asked, UnaryOperator<Tensor> features) {
    Batch examples = labelled.all();
    Tensor isOf = examples.y().oneHot(5, DType.F32).transpose();
    Tensor sums = isOf.matmul(features.apply(examples.x()));
    Tensor means = sums.div(isOf.sum(true, 1)).evaluate();
    double right = 0;
    for (Batch batch : asked) {
        Tensor made = features.apply(batch.x());
        Tensor products = made.matmul(means.transpose());
        Tensor far = means.square().sum(1).sub(products.mul(2));
        Tensor hits = far.argmin(1).equal(batch.y());
        right += hits.sum().item();
    }
    return 100 * right / asked.samples();
}
// end

// region transferred
/// A network with the body of another one, and a new head.
Chain transferred(Chain source, Shape image, long seed) {
    Chain target = fresh(image, seed);
    var learnedBody = Modules.state(source.modules().get(0));
    Modules.load(target.modules().get(0), learnedBody);
    return target;
}
// end

// region statistics
double mean(double[] values) {
    return Tensor.of(values).mean().item();
}

/// The standard deviation.
double spread(double[] values) {
    return Tensor.of(values).variance().sqrt().item();
}
// end

/// An image of each class of the two tasks, without the empty margins.
Picture task(Dataset known, Dataset pool) {
    var pictures = new ArrayList<Picture>();
    for (Dataset digits : List.of(known, pool)) {
        for (int digit = 0; digit < 5; digit++) {
            int wanted = digit;
            int[] labels = digits.labels();
            int place = IntStream.range(0, labels.length).filter(i -> labels[i] == wanted).findFirst().orElseThrow();
            Tensor image = digits.get(place).x().reshape(28, 28).slice(0, 4, 24).slice(1, 4, 24);
            pictures.add(Heat.of(digits == known ? "known" : "new", image).square(5));
        }
    }
    return new Panels("The digits of the first task, and those of the second", 5, pictures);
}

Picture curves(int[] sizes, double[][] scratch, double[][] random, double[][] frozen, double[][] tuned) {
    double[] xs = Arrays.stream(sizes).asDoubleStream().toArray();
    double[] each = Arrays.stream(xs).flatMap(x -> DoubleStream.generate(() -> x).limit(scratch[0].length)).toArray();
    var names = List.of("from scratch", "random, frozen", "transferred, frozen", "fine-tuned");
    var ways = List.of(scratch, random, frozen, tuned);
    var plot = Plot.of("Right answers about the digits 5 to 9").x("labels a class").y("% right")
            .logX().rangeX(1.8, 56).rangeY(40, 100);
    for (int i = 0; i < ways.size(); i++) {
        plot = plot.line(names.get(i), xs, Stream.of(ways.get(i)).mapToDouble(v -> mean(v)).toArray()).colour(i)
                .points("", each, Stream.of(ways.get(i)).flatMapToDouble(Arrays::stream).toArray()).colour(i);
    }
    return plot;
}
