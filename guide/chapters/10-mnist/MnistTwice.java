import module fathom.core;
import module fathom.data;
import module fathom.guide;
import module fathom.nn;

import static fathom.nn.Layers.*;

void main() {
    var lesson = Lesson.begin();

    // region data
    Mnist mnist = Mnist.load();
    Dataset train = mnist.train().take(lesson.choose(55_000, 1_000));
    Dataset validation = mnist.train().skip(lesson.choose(55_000, 59_500));
    Dataset test = mnist.test().take(lesson.choose(10_000, 500));
    // end
    lesson.figure("train-images", train.size());
    lesson.figure("validation-images", validation.size());
    lesson.figure("test-images", test.size());

    // region edges
    Tensor digit = test.get(0).x().cast(DType.F64);
    Tensor upperEdge = Tensor.of(new double[] {
        -1, -1, -1,
        0, 0, 0,
        1, 1, 1
    }, 3, 3);
    Tensor leftEdge = upperEdge.transpose();

    double[][] pixels = matrix(digit.reshape(28, 28));
    double[][] upper = slide(pixels, matrix(upperEdge));
    double[][] left = slide(pixels, matrix(leftEdge));
    // end
    lesson.picture("edges", Panels.of("A digit, and where two filters find edges", 3,
            Heat.of("a test image", pixels).square(8),
            Heat.of("upper and lower edges", upper).square(8),
            Heat.of("left and right edges", left).square(8)));

    // region library
    Tensor byLibrary = digit.conv2d(upperEdge.reshape(3, 3, 1, 1), 1, 0);
    double apart = byLibrary.reshape(26, 26).sub(tensor(upper)).abs().max().item();
    // end
    lesson.figure("edges-difference", apart);

    // region network
    var network = Sequential.of(
            conv2d(32, 3), relu(), maxPool2d(2),
            conv2d(64, 3), relu(), maxPool2d(2),
            flatten(), linear(128), relu(), linear(10));
    Shape image = Shape.of(28, 28, 1);
    IO.println(Summary.of(network, image));
    // end
    Summary summary = Summary.of(network, image);
    lesson.figure("first-weights", summary.rows().get(0).parameters());
    lesson.figure("second-weights", summary.rows().get(3).parameters());
    lesson.figure("third-weights", summary.rows().get(7).parameters());
    lesson.figure("all-weights", summary.parameters());
    lesson.figure("flat", summary.rows().get(6).output().size());
    lesson.figure("wider-weights", Summary.of(Sequential.of(
            conv2d(64, 3), relu(), maxPool2d(2),
            conv2d(64, 3), relu(), maxPool2d(2),
            flatten(), linear(128), relu(), linear(10)), image).parameters());
    lesson.figure("like-dense", 784.0 * 26 * 26 * 32 / 1e6);

    // region rule
    int epochs = lesson.choose(3, 1);
    Loader batches = train.shuffle(7).batch(128);
    var rule = Adam.of(3e-3)
            .scheduled(Schedule.oneCycle((long) epochs * batches.count()));
    // end
    lesson.figure("steps", epochs * batches.count());

    // region fit
    var trainer = Trainer.of(network)
            .seed(1)
            .loss(Loss.crossEntropy())
            .optimizer(rule)
            .metrics(Metric.accuracy())
            .validation(validation.batch(500));
    History history = trainer.fit(batches, Epochs.of(epochs));
    // end

    // region own
    Chain model = network.build(image, RandomStream.of(1).split("weights"));
    double[] losses = train(model, rule.on(model), batches, epochs);
    // end
    lesson.figure("first-loss", losses[0]);
    lesson.figure("last-loss", mean(losses, losses.length - Math.min(100, losses.length / 4), losses.length));
    lesson.picture("learning", learning(losses, history));

    // region same
    double difference = 0;
    var byFit = Modules.parameters(trainer.model());
    for (var parameter : Modules.parameters(model).entrySet()) {
        Tensor other = byFit.get(parameter.getKey()).value();
        Tensor gap = parameter.getValue().value().sub(other).abs().max();
        difference = Math.max(difference, gap.item());
    }
    // end
    lesson.figure("difference", difference);

    // region test
    double byTrainer = trainer.evaluate(test.batch(500)).accuracy();
    double byHand = accuracy(model, test.batch(500));
    // end
    lesson.figure("fit-accuracy", 100 * byTrainer);
    lesson.figure("own-accuracy", 100 * byHand);
    double wrongImages = Math.round((1 - byHand) * test.size());
    lesson.figure("wrong", wrongImages);
    lesson.figure("spread", 196 * Math.sqrt(byHand * (1 - byHand) / test.size()));

    // region dense
    var dense = Trainer.of(Sequential.of(
                    flatten(), linear(256), relu(), linear(96), relu(), linear(10)))
            .seed(1)
            .loss(Loss.crossEntropy())
            .optimizer(rule)
            .metrics(Metric.accuracy());
    dense.fit(batches, Epochs.of(epochs));
    double byDense = dense.evaluate(test.batch(500)).accuracy();
    // end
    lesson.figure("dense-weights", Modules.count(dense.model()));
    lesson.figure("dense-accuracy", 100 * byDense);
    lesson.figure("dense-wrong", Math.round((1 - byDense) * test.size()));

    // region filters
    Tensor filters = Modules.parameters(model).get("0.weight").value();
    // end
    lesson.picture("filters", filters(filters));

    // region maps
    Tensor seven = test.get(0).x();
    Tensor first = new Chain(model.modules().subList(0, 3)).apply(seven);
    Tensor second = new Chain(model.modules().subList(0, 6)).apply(seven);
    // end
    lesson.figure("first-maps", first.dim(3));
    lesson.figure("first-size", first.dim(1));
    lesson.figure("second-maps", second.dim(3));
    lesson.figure("second-size", second.dim(1));
    lesson.picture("first-maps", maps("What 16 of the 32 filters find in the digit", first, 16, 7));
    lesson.picture("second-maps", maps("What 32 of the 64 filters of the second layer find", second, 32, 10));

    // region surest
    Batch asked = test.all();
    Tensor probabilities = trainer.predict(asked.x()).softmax(-1);
    float[] sureness = probabilities.max(1).toFloats();
    int[] said = probabilities.argmax(1).toInts();
    int[] truth = asked.y().toInts();
    int[] surest = IntStream.range(0, truth.length)
            .filter(i -> said[i] != truth[i])
            .boxed()
            .sorted(Comparator.comparingDouble(i -> -sureness[i]))
            .limit(8)
            .mapToInt(i -> i)
            .toArray();
    // end
    lesson.picture("wrong", mistakes(test, surest, said, truth));
    lesson.figure("surest", 100 * sureness[surest[0]]);
    long unsure = IntStream.range(0, truth.length).filter(i -> sureness[i] < 0.9).count();
    long wrongUnsure = IntStream.range(0, truth.length)
            .filter(i -> sureness[i] < 0.9 && said[i] != truth[i]).count();
    lesson.figure("unsure", unsure);
    lesson.figure("wrong-unsure", wrongUnsure);
}

// region slide
/// The sum of weights times pixels, at every place where the weights fit.
double[][] slide(double[][] image, double[][] weights) {
    int height = image.length - weights.length + 1;
    int width = image[0].length - weights[0].length + 1;
    double[][] sums = new double[height][width];
    for (int row = 0; row < height; row++) {
        for (int column = 0; column < width; column++) {
            for (int i = 0; i < weights.length; i++) {
                for (int j = 0; j < weights[0].length; j++) {
                    sums[row][column] += weights[i][j] * image[row + i][column + j];
                }
            }
        }
    }
    return sums;
}
// end

// region loop
/// Trains a model. Gives the loss of each step.
double[] train(Chain model, Optimizer optimizer, Loader batches, int epochs) {
    double[] losses = new double[epochs * batches.count()];
    Context.training(RandomStream.of(1), () -> {
        for (int epoch = 0; epoch < epochs; epoch++) {
            for (Batch batch : batches.epoch(epoch)) {
                Tensor answers = model.apply(batch.x());
                Tensor loss = Loss.crossEntropy(answers, batch.y());
                optimizer.step(loss);

                int step = (int) optimizer.steps();
                losses[step - 1] = loss.item();
                if (step % 100 == 0) {
                    IO.println("step " + step + ": loss " + loss.item());
                }
            }
        }
    });
    return losses;
}
// end

// region accuracy
/// The share of right answers.
double accuracy(Chain model, Loader batches) {
    double right = 0;
    for (Batch batch : batches) {
        Tensor said = model.apply(batch.x()).argmax(1);
        right += said.equal(batch.y()).sum().item();
    }
    return right / batches.samples();
}
// end

double[][] matrix(Tensor tensor) {
    double[][] rows = new double[tensor.dim(0)][];
    for (int i = 0; i < rows.length; i++) {
        rows[i] = tensor.at(0, i).toDoubles();
    }
    return rows;
}

Tensor tensor(double[][] rows) {
    return Tensor.of(Stream.of(rows).flatMapToDouble(Arrays::stream).toArray(), rows.length, rows[0].length);
}

double mean(double[] values, int from, int to) {
    return Arrays.stream(values, from, to).average().orElseThrow();
}

/// The loss of each step, and the share of right answers after each epoch.
Picture learning(double[] losses, History history) {
    double[] steps = IntStream.rangeClosed(1, losses.length).asDoubleStream().toArray();
    int window = Math.max(1, Math.min(50, losses.length / 4));
    double[] smooth = IntStream.range(0, losses.length)
            .mapToDouble(i -> mean(losses, Math.max(0, i + 1 - window), i + 1)).toArray();
    double[] percent = Arrays.stream(history.validation("accuracy")).map(a -> 100 * a).toArray();
    double[] trained = Arrays.stream(history.training("accuracy")).map(a -> 100 * a).toArray();
    double[] epochs = IntStream.rangeClosed(1, percent.length).asDoubleStream().toArray();
    return Panels.of("Both ways learn", 2,
            Plot.of("The loss of each step, in the loop of our own").size(440, 360)
                    .x("step").y("loss").logY().rangeY(0.005, 3)
                    .points("one batch", steps, losses).line("mean of the last 50", steps, smooth),
            Plot.of("Right answers, as fit reports them").size(440, 360)
                    .x("epoch").y("%").rangeX(0.8, percent.length + 0.2)
                    .line("while training", epochs, trained).points("", epochs, trained).colour(0)
                    .line("on validation data", epochs, percent).colour(1)
                    .points("", epochs, percent).colour(1));
}

/// Each filter of the first layer.
Picture filters(Tensor weights) {
    return new Panels("The 32 filters of the first layer", 8, IntStream.range(0, weights.dim(3))
            .<Picture>mapToObj(i -> Heat.of("" + (i + 1), weights.at(3, i).reshape(3, 3)).square(20)).toList());
}

Picture maps(String title, Tensor maps, int count, double square) {
    Tensor images = maps.at(0, 0);
    return new Panels(title, 8, IntStream.range(0, count)
            .<Picture>mapToObj(i -> Heat.of("filter " + (i + 1), images.at(2, i)).square(square)).toList());
}

/// Test images without their empty margins, with what was said and what is right.
Picture mistakes(Dataset test, int[] which, int[] said, int[] truth) {
    return new Panels("Mistakes", 4, Arrays.stream(which)
            .<Picture>mapToObj(i -> Heat.of(
                    "said " + said[i] + ", label " + truth[i],
                    test.get(i).x().reshape(28, 28).slice(0, 3, 25).slice(1, 3, 25)).square(7))
            .toList());
}
