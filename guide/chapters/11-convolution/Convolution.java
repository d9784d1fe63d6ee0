import module fathom.core;
import module fathom.data;
import module fathom.guide;
import module fathom.nn;

import static fathom.nn.Layers.*;
import static fathom.tensor.Index.at;

void main() {
    var lesson = Lesson.begin();

    // region sizes
    Shape image = Shape.of(28, 28, 1);
    int plain = conv2d(1, 3).output(image).dim(0);
    int padded = conv2d(1, 3).padding(Padding.of(1)).output(image).dim(0);
    int strided = conv2d(1, 3).stride(2).output(image).dim(0);
    int dilated = conv2d(1, 3).dilation(2).output(image).dim(0);
    int all = conv2d(1, 5).padding(Padding.of(2)).stride(2).output(image).dim(0);
    // end
    lesson.figure("plain-size", plain);
    lesson.figure("padded-size", padded);
    lesson.figure("strided-size", strided);
    lesson.figure("dilated-size", dilated);
    lesson.figure("exercise-size", all);

    // region coverage
    Tensor seen = coverage(1, 0, 1);
    Tensor seenPadded = coverage(1, 1, 1);
    Tensor seenStrided = coverage(2, 0, 1);
    Tensor seenDilated = coverage(1, 0, 2);
    // end
    lesson.picture("coverage", Panels.of("How many windows see each pixel of an image of 7 by 7", 2,
            numbers("plain", seen), numbers("padding 1", seenPadded),
            numbers("stride 2", seenStrided), numbers("dilation 2", seenDilated)));
    lesson.figure("corner-seen", seen.get(at(0), at(0)).item());
    lesson.figure("middle-seen", seen.get(at(3), at(3)).item());
    lesson.figure("padded-corner-seen", seenPadded.get(at(0), at(0)).item());

    // region pooling
    Tensor small = Tensor.of(new float[] {
        1, 5, 0, 2,
        3, 1, 0, 2,
        0, 0, 9, 1,
        0, 4, 1, 1
    }, 1, 4, 4, 1);
    Tensor highest = small.maxPool2d(2);
    Tensor average = small.avgPool2d(2);
    // end
    lesson.picture("pooling", Panels.of("Pooling", 3,
            numbers("four by four", small.reshape(4, 4)),
            numbers("the maximum", highest.reshape(2, 2)),
            numbers("the mean", average.reshape(2, 2))));

    // region matrix
    Tensor filter = Tensor.arange(9).add(1).cast(DType.F32).reshape(3, 3, 1, 1);
    Tensor units = Tensor.eye(49).reshape(49, 7, 7, 1);
    Tensor matrix = units.conv2d(filter, 1, 0).reshape(49, 25);

    Tensor square = Tensor.arange(49).cast(DType.F32);
    Tensor byFilter = square.reshape(1, 7, 7, 1).conv2d(filter, 1, 0);
    Tensor byMatrix = square.reshape(1, 49).matmul(matrix);
    double apart = byFilter.reshape(1, 25).sub(byMatrix).abs().max().item();
    double used = matrix.greater(0).mean().item();
    // end
    lesson.picture("matrix", Heat.of("A convolution, as the matrix of a dense layer",
            matrix).square(8));
    lesson.figure("matrix-difference", apart);
    lesson.figure("matrix-used", 100 * used);
    lesson.figure("matrix-weights", matrix.size());

    // region counts
    long outputs = 28 * 28 * 32;
    long densely = 28 * 28 * outputs + outputs;
    long locally = 3 * 3 * outputs + outputs;
    long shared = 3 * 3 * 32 + 32;
    // end
    lesson.figure("densely", densely / 1e6);
    lesson.figure("locally", locally);
    lesson.figure("shared", shared);
    lesson.figure("times", (double) densely / shared);
    lesson.figure("outputs", outputs);
    lesson.figure("multiply-adds", 3 * 3 * outputs);

    // region stacks
    var four = Sequential.of(
            conv2d(8, 3), conv2d(8, 3), conv2d(8, 3), conv2d(8, 3));
    var pooled = Sequential.of(
            conv2d(8, 3), avgPool2d(2), conv2d(8, 3), avgPool2d(2));
    var jumping = Sequential.of(
            conv2d(8, 3).stride(2), conv2d(8, 3).stride(2),
            conv2d(8, 3).stride(2), conv2d(8, 3).stride(2));
    var spread = Sequential.of(
            conv2d(8, 3), conv2d(8, 3).dilation(2),
            conv2d(8, 3).dilation(4), conv2d(8, 3).dilation(8));
    var twelve = new Sequential(Collections.nCopies(12, conv2d(8, 3)));

    Tensor fieldOfFour = field(four, 41);
    Tensor fieldOfPooled = field(pooled, 41);
    Tensor fieldOfJumping = field(jumping, 41);
    Tensor fieldOfSpread = field(spread, 41);
    Tensor fieldOfTwelve = field(twelve, 41);
    // end
    lesson.figure("field-four", side(fieldOfFour));
    lesson.figure("field-pooled", side(fieldOfPooled));
    lesson.figure("field-jumping", side(fieldOfJumping));
    lesson.figure("field-spread", side(fieldOfSpread));
    lesson.figure("field-twelve", side(fieldOfTwelve));
    Tensor inner = fieldOfTwelve.slice(0, 14, 27).slice(1, 14, 27);
    lesson.figure("inner-share", 100 * inner.sum().item() / fieldOfTwelve.sum().item());
    lesson.figure("inner-area", 100.0 * 13 * 13 / (25 * 25));
    lesson.picture("fields", Panels.of("How strongly one number depends on each pixel", 3,
            drawn("four plain layers", fieldOfFour), drawn("twelve plain layers", fieldOfTwelve),
            drawn("four layers, dilation 1, 2, 4, 8", fieldOfSpread)));
    lesson.figure("one-five", Modules.count(Sequential.of(
            conv2d(8, 5)).build(Shape.of(28, 28, 8), RandomStream.of(1))));
    lesson.figure("two-threes", Modules.count(Sequential.of(
            conv2d(8, 3), conv2d(8, 3)).build(Shape.of(28, 28, 8), RandomStream.of(1))));
    var six = Sequential.of(Collections.nCopies(6, conv2d(1, 3)).toArray(Layer[]::new));
    lesson.figure("six-plain", side(field(six, 41)));
    lesson.figure("six-strided", side(field(Sequential.of(conv2d(1, 3), conv2d(1, 3).stride(2),
            conv2d(1, 3), conv2d(1, 3), conv2d(1, 3), conv2d(1, 3)), 41)));

    // region moved
    Mnist mnist = Mnist.load();
    Tensor digit = mnist.test().get(0).x();
    Chain layer = Sequential.of(conv2d(8, 3).padding(Padding.of(1)), relu())
            .build(image, RandomStream.of(1));
    Tensor movedBefore = layer.apply(moved(digit, 3));
    Tensor movedAfter = moved(layer.apply(digit), 3);
    double equivariance = movedBefore.sub(movedAfter).abs().max().item();
    // end
    lesson.figure("moved-difference", equivariance);
    lesson.figure("moved-size", movedAfter.abs().max().item());

    // region half
    Tensor still = layer.apply(digit).maxPool2d(2);
    Tensor byTwo = layer.apply(moved(digit, 2)).maxPool2d(2);
    Tensor byOne = layer.apply(moved(digit, 1)).maxPool2d(2);
    double whole = byTwo.sub(moved(still, 1)).abs().max().item();
    double stays = byOne.sub(still).abs().max().item();
    double moves = byOne.sub(moved(still, 1)).abs().max().item();
    // end
    lesson.figure("whole-difference", whole);
    lesson.figure("half-difference", Math.min(stays, moves));

    // region rivals
    Dataset some = mnist.train().take(lesson.choose(5_000, 300)).cache();
    Dataset test = mnist.test().take(lesson.choose(10_000, 300)).cache();
    Loader batches = some.shuffle(7).batch(50);
    int epochs = lesson.choose(5, 1);
    var dense = trained(batches, epochs, 1, Sequential.of(
            flatten(), linear(128), relu(), linear(10)));
    var flat = trained(batches, epochs, 1, Sequential.of(
            conv2d(16, 3), relu(), maxPool2d(2),
            conv2d(32, 3), relu(), maxPool2d(2),
            flatten(), linear(10)));
    var global = trained(batches, epochs, 1, Sequential.of(
            conv2d(16, 3), relu(), maxPool2d(2),
            conv2d(32, 3), relu(), maxPool2d(2),
            conv2d(64, 3), relu(),
            globalMaxPool2d(), linear(10)));
    // end

    // region shifts
    double[] shifts = {0, 1, 2, 3, 4, 5, 6};
    double[] ofDense = new double[shifts.length];
    double[] ofFlat = new double[shifts.length];
    double[] ofGlobal = new double[shifts.length];
    for (int i = 0; i < shifts.length; i++) {
        int right = (int) shifts[i];
        Loader shifted = test.batch(500)
                .map(b -> new Batch(moved(b.x(), right), b.y()));
        ofDense[i] = 100 * dense.evaluate(shifted).accuracy();
        ofFlat[i] = 100 * flat.evaluate(shifted).accuracy();
        ofGlobal[i] = 100 * global.evaluate(shifted).accuracy();
    }
    // end
    lesson.figure("rival-images", some.size());
    for (int i : new int[] {0, 3, 6}) {
        lesson.figure("dense-moved-" + i, ofDense[i]);
        lesson.figure("flat-moved-" + i, ofFlat[i]);
        lesson.figure("global-moved-" + i, ofGlobal[i]);
    }
    lesson.figure("dense-parameters", Modules.count(dense.model()));
    lesson.figure("flat-parameters", Modules.count(flat.model()));
    lesson.figure("global-parameters", Modules.count(global.model()));
    lesson.picture("shifts", Plot.of("Trained on digits in the middle, asked about digits further to the right")
            .x("pixels to the right").y("% right").rangeY(0, 102)
            .line("dense", shifts, ofDense).line("convolution, then dense", shifts, ofFlat)
            .line("convolution, then the maximum", shifts, ofGlobal));

    // region scrambled
    var places = new ArrayList<>(IntStream.range(0, 784).boxed().toList());
    Collections.shuffle(places, new Random(1));
    Tensor order = Tensor.of(places.stream().mapToInt(i -> i).toArray());
    Loader scrambledBatches = batches.map(b -> scrambled(b, order));
    Loader scrambledTest = test.batch(500).map(b -> scrambled(b, order));

    var denseScrambled = trained(scrambledBatches, epochs, 1, Sequential.of(
            flatten(), linear(128), relu(), linear(10)));
    var flatScrambled = trained(scrambledBatches, epochs, 1, Sequential.of(
            conv2d(16, 3), relu(), maxPool2d(2),
            conv2d(32, 3), relu(), maxPool2d(2),
            flatten(), linear(10)));
    double shareOfDense = denseScrambled.evaluate(scrambledTest).accuracy();
    double shareOfFlat = flatScrambled.evaluate(scrambledTest).accuracy();
    // end
    lesson.figure("dense-scrambled", 100 * shareOfDense);
    lesson.figure("flat-scrambled", 100 * shareOfFlat);

    // region augment
    Augmentation turn = Augmentations.rotate(15);
    Augmentation size = Augmentations.scale(0.85, 1.15);
    Augmentation crop = Augmentations.randomCrop(28, 28, 3);
    Augmentation three = turn.then(size).then(crop);
    Dataset changed = mnist.train().take(100).augment(1, three);
    // end
    lesson.picture("augmented", augmented(mnist.train().take(1), turn, size, crop, three));
    lesson.figure("changed-size", changed.size());

    // region few
    int[] sizes = {100, 300, 1000};
    int seeds = lesson.choose(3, 1);
    int images = lesson.choose(20_000, 200);
    Augmentation none = (picture, draws) -> picture;
    double[][] without = new double[sizes.length][seeds];
    double[][] with = new double[sizes.length][seeds];
    for (int i = 0; i < sizes.length; i++) {
        for (int seed = 0; seed < seeds; seed++) {
            Dataset few = mnist.train().shuffle(seed).take(sizes[i]).cache();
            without[i][seed] = learned(few, none, images, seed, test);
            with[i][seed] = learned(few, three, images, seed, test);
            IO.println(sizes[i] + " images: " + without[i][seed]
                    + " %, augmented " + with[i][seed] + " %");
        }
    }
    // end
    for (int i = 0; i < sizes.length; i++) {
        lesson.figure("without-" + sizes[i], mean(without[i]));
        lesson.figure("with-" + sizes[i], mean(with[i]));
        lesson.figure("without-spread-" + sizes[i], spread(without[i]));
        lesson.figure("with-spread-" + sizes[i], spread(with[i]));
    }
    lesson.picture("few", few(sizes, without, with));

    // region kinds
    var kinds = new LinkedHashMap<String, Augmentation>();
    kinds.put("turn", turn);
    kinds.put("size", size);
    kinds.put("crop", crop);
    kinds.put("flip", Augmentations.flipHorizontally(0.5));
    var shares = new LinkedHashMap<String, Double>();
    for (var kind : kinds.entrySet()) {
        double[] got = new double[seeds];
        for (int seed = 0; seed < seeds; seed++) {
            Dataset few = mnist.train().shuffle(seed).take(300).cache();
            got[seed] = learned(few, kind.getValue(), images, seed, test);
        }
        shares.put(kind.getKey(), mean(got));
        IO.println(kind.getKey() + ": " + mean(got) + " %");
    }
    // end
    for (var share : shares.entrySet()) {
        lesson.figure("only-" + share.getKey(), share.getValue());
    }
}

// region coverage-method
/// How many windows of 3 by 3 see each pixel.
Tensor coverage(int stride, int padding, int dilation) {
    Tensor image = Tensor.of(new float[49], 1, 7, 7, 1);
    Window window = Window.of(3, 3, stride, padding, dilation);
    Tensor sums = image.conv2d(Tensor.ones(3, 3, 1, 1), window, 1);
    return Gradients.of(sums.sum(), image).reshape(7, 7);
}
// end

// region field
/// How strongly the numbers in the middle of the output depend on each
/// pixel, in the mean over ten networks with random weights.
Tensor field(Sequential network, int size) {
    Tensor sum = Tensor.zeros(size, size);
    for (int seed = 0; seed < 10; seed++) {
        Tensor image = Tensor.of(new float[size * size], 1, size, size, 1);
        Tensor output = network
                .build(Shape.of(size, size, 1), RandomStream.of(seed))
                .apply(image);
        int middle = output.dim(1) / 2;
        Tensor one = output.get(at(0), at(middle), at(middle), at(0));
        sum = sum.add(Gradients.of(one, image).abs().reshape(size, size));
    }
    return sum.div(10).evaluate();
}

/// How many rows have something in them.
double side(Tensor field) {
    return field.sum(1).greater(0).sum().item();
}
// end

// region moved-method
/// Images, further to the right; what comes in from the left is empty.
Tensor moved(Tensor images, int right) {
    return images.pad(2, right, 0).slice(2, 0, images.dim(2));
}
// end

// region trained
/// A trained network.
Trainer trained(Loader batches, int epochs, long seed, Sequential network) {
    long steps = (long) epochs * batches.count();
    var trainer = Trainer.of(network)
            .seed(seed)
            .loss(Loss.crossEntropy())
            .optimizer(Adam.of(3e-3).scheduled(Schedule.oneCycle(steps)))
            .metrics(Metric.accuracy())
            .progress(false);
    trainer.fit(batches, Epochs.of(epochs));
    return trainer;
}
// end

// region scrambled-method
/// Images whose pixels are in another order.
Batch scrambled(Batch batch, Tensor order) {
    Tensor pixels = batch.x().flatten(1).take(order, 1);
    return new Batch(pixels.reshape(batch.x().shape()), batch.y());
}
// end

// region learned
/// The right answers, in percent, of a network that has looked so often
/// at an image, all of them from a few.
double learned(
        Dataset few, Augmentation change, int images, long seed, Dataset test) {
    Loader batches = few.augment(seed, change).batch(50);
    int epochs = Math.ceilDiv(images, few.size());
    var trainer = trained(batches, epochs, seed, Sequential.of(
            conv2d(16, 3), relu(), maxPool2d(2),
            conv2d(32, 3), relu(), maxPool2d(2),
            flatten(), linear(10)));
    return 100 * trainer.evaluate(test.batch(500)).accuracy();
}

double mean(double[] values) {
    return Tensor.of(values).mean().item();
}

/// The standard deviation.
double spread(double[] values) {
    return Tensor.of(values).variance().sqrt().item();
}
// end

Heat numbers(String title, Tensor matrix) {
    return Heat.of(title, matrix).square(40).numbers(matrix.dim(0) == 2 ? 1 : 0);
}

/// The middle of a field of 41 by 41.
Heat drawn(String title, Tensor field) {
    return Heat.of(title, field.slice(0, 5, 36).slice(1, 5, 36)).square(8);
}

/// An image, changed in two ways by each augmentation.
Picture augmented(Dataset one, Augmentation turn, Augmentation size, Augmentation crop, Augmentation three) {
    var pictures = new ArrayList<Picture>();
    for (int seed = 1; seed <= 2; seed++) {
        pictures.add(digit("turned", one.augment(seed, turn)));
        pictures.add(digit("scaled", one.augment(seed, size)));
        pictures.add(digit("cropped", one.augment(seed, crop)));
        pictures.add(digit("all three", one.augment(seed, three)));
    }
    return new Panels("One digit, changed at random", 4, pictures);
}

Heat digit(String title, Dataset images) {
    return Heat.of(title, images.get(0).x().reshape(28, 28)).square(5);
}

/// The right answers over the number of images: a line through the means, and a point for each run.
Picture few(int[] sizes, double[][] without, double[][] with) {
    double[] xs = Arrays.stream(sizes).asDoubleStream().toArray();
    double[] each = Arrays.stream(xs).flatMap(x -> DoubleStream.generate(() -> x).limit(without[0].length)).toArray();
    return Plot.of("Right answers after learning from few images").x("images to learn from").y("% right")
            .logX().rangeX(85, 1180).rangeY(60, 100)
            .line("as they are", xs, Stream.of(without).mapToDouble(v -> mean(v)).toArray())
            .points("", each, Stream.of(without).flatMapToDouble(Arrays::stream).toArray()).colour(0)
            .line("augmented", xs, Stream.of(with).mapToDouble(v -> mean(v)).toArray()).colour(1)
            .points("", each, Stream.of(with).flatMapToDouble(Arrays::stream).toArray()).colour(1);
}
