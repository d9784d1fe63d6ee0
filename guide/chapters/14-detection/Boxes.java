import module fathom.core;
import module fathom.data;
import module fathom.guide;
import module fathom.nn;

import static fathom.nn.Layers.*;

import fathom.nn.train.MeanAveragePrecision.Detection;
import fathom.nn.train.MeanAveragePrecision.Truth;

// region sizes
/// A canvas has 64 × 64 pixels, and the network looks at 8 × 8 cells of it.
final int SIDE = 64;
final int CELLS = 8;
final int CELL = SIDE / CELLS;
// end

void main() {
    var lesson = Lesson.begin();

    // region data
    Mnist mnist = Mnist.load();
    List<Scene> train = scenes(
            mnist.train().take(55_000), lesson.choose(10_000, 400), 1);
    List<Scene> valid = scenes(
            mnist.train().skip(55_000), lesson.choose(500, 20), 2);
    List<Scene> test = scenes(
            mnist.test(), lesson.choose(2_000, 30), 3);
    // end
    lesson.figure("train-scenes", train.size());
    lesson.figure("test-scenes", test.size());
    int digits = test.stream().mapToInt(s -> s.truths().size()).sum();
    lesson.figure("test-digits", digits);
    lesson.figure("empty", 100 - 100.0 * digits / (test.size() * CELLS * CELLS));
    lesson.picture("scenes", Panels.of("", 3, IntStream.range(0, 6)
            .mapToObj(i -> withTruths("", test.get(i))).toArray(Picture[]::new)));

    // region iou
    Box one = new Box(0, 0, 10, 10);
    double same = one.intersectionOverUnion(one);
    double shifted = one.intersectionOverUnion(new Box(2, 0, 12, 10));
    double twice = one.intersectionOverUnion(new Box(2, 2, 12, 12));
    double half = one.intersectionOverUnion(new Box(5, 0, 15, 10));
    // end
    lesson.figure("iou-same", same);
    lesson.figure("iou-shifted", shifted);
    lesson.figure("iou-twice", twice);
    lesson.figure("iou-half", half);
    lesson.picture("iou", Panels.of("", 4,
            pair("IoU 1", 0, 0), pair("IoU 0.67", 2, 0), pair("IoU 0.47", 2, 2), pair("IoU 0.33", 5, 0)));

    // region network
    var network = Sequential.of(
            conv2d(16, 3).padding(Padding.of(1)).stride(2), batchNorm(), relu(),
            conv2d(24, 3).padding(Padding.of(1)), batchNorm(), relu(),
            maxPool2d(2),
            conv2d(48, 3).padding(Padding.of(1)), batchNorm(), relu(),
            maxPool2d(2),
            conv2d(80, 3).padding(Padding.of(1)), batchNorm(), relu(),
            conv2d(80, 3).padding(Padding.of(1)), batchNorm(), relu(),
            conv2d(15, 1));
    // end

    // region train
    int epochs = lesson.choose(7, 2);
    Loader batches = dataset(train).shuffle(7).batch(64);
    int steps = epochs * batches.count();
    var trainer = Trainer.of(network)
            .seed(1)
            .loss((said, target) -> loss(said, target))
            .optimizer(Adam.of(0.004).scheduled(Schedule.oneCycle(steps)))
            .validation(dataset(valid).batch(100));
    trainer.fit(batches, Epochs.of(epochs));
    // end
    lesson.figure("parameters", Modules.count(trainer.model()));

    // region answers
    List<List<Detection>> all = detect(trainer, test);
    var kept = new ArrayList<List<Detection>>();
    for (List<Detection> ofScene : all) {
        kept.add(suppress(ofScene, 0.3));
    }
    // end
    lesson.figure("sure-before", count(all, 0.3));
    lesson.figure("sure-after", count(kept, 0.3));
    int crowded = IntStream.range(0, test.size()).boxed()
            .max(Comparator.comparingInt(
                    i -> count(all.subList(i, i + 1), 0.1) - count(kept.subList(i, i + 1), 0.1)))
            .orElse(0);
    lesson.picture("cells", Panels.of("", 2,
            withTruths("a scene", test.get(2)).square(5),
            Heat.of("is the middle of a digit here?", foundIn(trainer, test.get(2))).numbers(1).square(40)));
    lesson.picture("nms", Panels.of("", 2,
            withDetections("all boxes from 0.1 on", test.get(crowded), all.get(crowded), 0.1).square(5),
            withDetections("after suppression", test.get(crowded), kept.get(crowded), 0.1).square(5)));
    lesson.picture("found", Panels.of("", 3, IntStream.range(6, 15)
            .mapToObj(i -> withDetections("", test.get(i), kept.get(i), 0.3)).toArray(Picture[]::new)));

    // region judge
    double sum = 0;
    double[] each = new double[10];
    for (int label = 0; label < 10; label++) {
        each[label] = averagePrecision(curve(kept, test, label, 0.5));
        sum += each[label];
        IO.println(label + ": average precision " + each[label]);
    }
    double map = sum / 10;
    // end
    lesson.figure("map", map);
    double worst = Arrays.stream(each).min().orElse(0);
    double best = Arrays.stream(each).max().orElse(0);
    int worstDigit = IntStream.range(0, 10).filter(i -> each[i] == worst).findFirst().orElse(0);
    int bestDigit = IntStream.range(0, 10).filter(i -> each[i] == best).findFirst().orElse(0);
    lesson.figure("worst", worst);
    lesson.figure("best", best);
    lesson.figure("worst-digit", worstDigit);
    lesson.figure("best-digit", bestDigit);
    lesson.picture("curves", Plot.of("Precision over recall, at an IoU of 0.5")
            .x("recall").y("precision").rangeX(0, 1).rangeY(0.5, 1.02)
            .line("the best digit: " + bestDigit, recalls(kept, test, bestDigit), precisions(kept, test, bestDigit))
            .line("the worst one: " + worstDigit, recalls(kept, test, worstDigit), precisions(kept, test, worstDigit)));

    // region library
    var loose = MeanAveragePrecision.of(0.5);
    var strict = MeanAveragePrecision.of(0.75);
    var cluttered = MeanAveragePrecision.of(0.5);
    for (int i = 0; i < test.size(); i++) {
        loose.add(kept.get(i), test.get(i).truths());
        strict.add(kept.get(i), test.get(i).truths());
        cluttered.add(all.get(i), test.get(i).truths());
    }
    var suppression = new NonMaximumSuppression(0.3);
    long other = IntStream.range(0, test.size())
            .filter(i -> !suppression.apply(all.get(i)).equals(kept.get(i)))
            .count();
    // end
    lesson.figure("suppressed-otherwise", other);
    lesson.figure("difference", Math.abs(loose.value() - map));
    lesson.figure("map-strict", strict.value());
    lesson.figure("map-cluttered", cluttered.value());

    // region errors
    int[] errors = errors(kept, test, 0.5);
    // end
    lesson.figure("right", errors[0]);
    lesson.figure("mistaken", errors[1]);
    lesson.figure("displaced", errors[2]);
    lesson.figure("missed", errors[3]);
    lesson.figure("right-percent", 100.0 * errors[0] / digits);
}

// region scene-record
/// An image of 64 × 64 pixels, and what is where in it.
record Scene(float[] pixels, List<Truth> truths) {}

List<Scene> scenes(Dataset digits, int count, long seed) {
    var random = new Random(seed);
    var scenes = new ArrayList<Scene>();
    while (scenes.size() < count) {
        scenes.add(scene(digits, random));
    }
    return scenes;
}
// end

// region scene
/// Whether two boxes are apart, in different cells.
boolean fits(Box box, Box other) {
    boolean apart = box.intersectionOverUnion(other) < 0.1;
    return apart && (column(box) != column(other) || row(box) != row(other));
}

/// One to four digits of random sizes at random places.
Scene scene(Dataset digits, Random random) {
    float[] pixels = new float[SIDE * SIDE];
    var truths = new ArrayList<Truth>();
    int wanted = random.nextInt(1, 5);
    for (int tries = 0; tries < 40 && truths.size() < wanted; tries++) {
        Batch digit = digits.get(random.nextInt(digits.size()));
        int size = random.nextInt(20, 41);
        Image image = Image.of(digit.x().toFloats(), Shape.of(28, 28, 1))
                .resize(size, size);
        Box ink = ink(image);
        int width = (int) ink.width();
        int height = (int) ink.height();
        int left = random.nextInt(SIDE - width + 1);
        int top = random.nextInt(SIDE - height + 1);
        Box box = new Box(left, top, left + width, top + height);
        if (truths.stream().allMatch(t -> fits(box, t.box()))) {
            int x = left - (int) ink.left();
            int y = top - (int) ink.top();
            paint(pixels, image, x, y);
            truths.add(new Truth(box, (int) digit.y().item()));
        }
    }
    return new Scene(pixels, truths);
}
// end

/// The box around all that is not paper, with a margin of two pixels.
Box ink(Image image) {
    int left = image.width();
    int right = 0;
    int top = image.height();
    int bottom = 0;
    for (int i = 0; i < image.height(); i++) {
        for (int j = 0; j < image.width(); j++) {
            if (image.at(i, j, 0) > 0.2) {
                left = Math.min(left, j);
                right = Math.max(right, j + 1);
                top = Math.min(top, i);
                bottom = Math.max(bottom, i + 1);
            }
        }
    }
    return new Box(left - 2, top - 2, right + 2, bottom + 2);
}

/// Puts an image onto the canvas, with its corner at a place.
void paint(float[] pixels, Image image, int left, int top) {
    for (int i = 0; i < image.height(); i++) {
        for (int j = 0; j < image.width(); j++) {
            int y = top + i;
            int x = left + j;
            if (x >= 0 && y >= 0 && x < SIDE && y < SIDE) {
                int at = y * SIDE + x;
                pixels[at] = Math.max(pixels[at], image.at(i, j, 0));
            }
        }
    }
}

// region targets
/// The cell that a box's middle lies in.
int column(Box box) {
    return (int) (box.centerX() / CELL);
}

int row(Box box) {
    return (int) (box.centerY() / CELL);
}

/// What each cell should say: whether a middle lies in it, where, how large the
/// box is, and which digit.
float[] target(Scene scene) {
    float[] cells = new float[CELLS * CELLS * 6];
    for (Truth truth : scene.truths()) {
        Box box = truth.box();
        int at = (row(box) * CELLS + column(box)) * 6;
        cells[at] = 1;
        cells[at + 1] = (float) (box.centerX() / CELL - column(box) - 0.5);
        cells[at + 2] = (float) (box.centerY() / CELL - row(box) - 0.5);
        cells[at + 3] = (float) Math.log(box.width() / CELL);
        cells[at + 4] = (float) Math.log(box.height() / CELL);
        cells[at + 5] = truth.label();
    }
    return cells;
}

Dataset dataset(List<Scene> scenes) {
    int count = scenes.size();
    float[] x = new float[count * SIDE * SIDE];
    float[] y = new float[count * CELLS * CELLS * 6];
    for (int i = 0; i < count; i++) {
        float[] pixels = scenes.get(i).pixels();
        float[] cells = target(scenes.get(i));
        System.arraycopy(pixels, 0, x, i * pixels.length, pixels.length);
        System.arraycopy(cells, 0, y, i * cells.length, cells.length);
    }
    return Dataset.of(
            Tensor.of(x, count, SIDE, SIDE, 1),
            Tensor.of(y, count, CELLS, CELLS, 6));
}
// end

// region loss
/// Whether there is something in each cell; and of those where there is, where
/// it lies and what it is.
Tensor loss(Tensor said, Tensor target) {
    Tensor there = target.at(-1, 0);
    Tensor found = Loss.binaryCrossEntropy()
            .terms(said.at(-1, 0), there).sum().div(there.sum());
    Tensor place = Loss.huber(0.2)
            .terms(said.slice(-1, 1, 5), target.slice(-1, 1, 5))
            .weighted(there).mean();
    Tensor digit = Loss.crossEntropy()
            .terms(said.slice(-1, 5, 15), target.at(-1, 5).cast(DType.I32))
            .weighted(there).mean();
    return found.add(place.mul(20)).add(digit);
}
// end

// region detect
/// All that the network sees in some scenes, with scores above 0.02.
List<List<Detection>> detect(Trainer trainer, List<Scene> scenes) {
    Tensor said = trainer.predict(dataset(scenes).batch(250));
    float[] found = said.at(-1, 0).sigmoid().toFloats();
    float[] place = said.slice(-1, 1, 5).toFloats();
    float[] digit = said.slice(-1, 5, 15).softmax(-1).toFloats();
    var all = new ArrayList<List<Detection>>();
    for (int i = 0; i < scenes.size(); i++) {
        var ofScene = new ArrayList<Detection>();
        for (int cell = 0; cell < CELLS * CELLS; cell++) {
            int at = i * CELLS * CELLS + cell;
            int label = 0;
            for (int c = 1; c < 10; c++) {
                label = digit[at * 10 + c] > digit[at * 10 + label] ? c : label;
            }
            double score = found[at] * digit[at * 10 + label];
            if (score > 0.02) {
                Box box = box(place, at * 4, cell);
                ofScene.add(new Detection(box, label, score));
            }
        }
        all.add(ofScene);
    }
    return all;
}

/// The box that a cell says.
Box box(float[] place, int at, int cell) {
    double x = (cell % CELLS + 0.5 + place[at]) * CELL;
    double y = (Math.floorDiv(cell, CELLS) + 0.5 + place[at + 1]) * CELL;
    double width = Math.exp(place[at + 2]) * CELL;
    double height = Math.exp(place[at + 3]) * CELL;
    return Box.around(x, y, width, height);
}
// end

// region suppress
/// Of boxes with the same label that overlap, only the one with the best score.
List<Detection> suppress(List<Detection> found, double limit) {
    var kept = new ArrayList<Detection>();
    found.stream()
            .sorted(Comparator.comparingDouble(Detection::score).reversed())
            .filter(d -> kept.stream().noneMatch(k -> k.label() == d.label()
                    && k.box().intersectionOverUnion(d.box()) > limit))
            .forEach(d -> kept.add(d));
    return kept;
}
// end

// region curve
/// Recall and precision of one digit after each of its detections, the surest
/// first.
List<double[]> curve(
        List<List<Detection>> found, List<Scene> scenes,
        int label, double limit) {
    record Guess(Detection detection, List<Truth> open) {}
    var guesses = new ArrayList<Guess>();
    int boxes = 0;
    for (int i = 0; i < scenes.size(); i++) {
        List<Truth> open = scenes.get(i).truths().stream()
                .filter(t -> t.label() == label)
                .collect(Collectors.toCollection(ArrayList::new));
        boxes += open.size();
        found.get(i).stream().filter(d -> d.label() == label)
                .forEach(d -> guesses.add(new Guess(d, open)));
    }
    guesses.sort(Comparator.comparingDouble(
            (Guess g) -> g.detection().score()).reversed());
    var points = new ArrayList<double[]>();
    int hits = 0;
    for (Guess guess : guesses) {
        Truth best = nearest(guess.detection().box(), guess.open());
        if (best != null && overlap(guess.detection(), best) >= limit) {
            guess.open().remove(best);
            hits++;
        }
        double precision = hits / (points.size() + 1.0);
        points.add(new double[] {hits / (double) boxes, precision});
    }
    return points;
}

/// The truth that overlaps most with a box; null if there is none left.
Truth nearest(Box box, List<Truth> truths) {
    return truths.stream()
            .max(Comparator.comparingDouble(
                    t -> t.box().intersectionOverUnion(box)))
            .orElse(null);
}

double overlap(Detection detection, Truth truth) {
    return detection.box().intersectionOverUnion(truth.box());
}
// end

// region average-precision
/// The area under a curve, each precision raised to the best that comes later.
double averagePrecision(List<double[]> curve) {
    double area = 0;
    double best = 0;
    for (int i = curve.size() - 1; i >= 0; i--) {
        best = Math.max(best, curve.get(i)[1]);
        double before = i == 0 ? 0 : curve.get(i - 1)[0];
        area += (curve.get(i)[0] - before) * best;
    }
    return area;
}
// end

// region errors-of
/// How many digits are found and right, taken for another digit, found at the
/// wrong place, and not found; by detections with scores of 0.3 or more.
int[] errors(List<List<Detection>> found, List<Scene> scenes, double limit) {
    int[] errors = new int[4];
    for (int i = 0; i < scenes.size(); i++) {
        for (Truth truth : scenes.get(i).truths()) {
            Detection nearest = found.get(i).stream()
                    .filter(d -> d.score() >= 0.3)
                    .max(Comparator.comparingDouble(d -> overlap(d, truth)))
                    .orElse(null);
            double overlap = nearest == null ? 0 : overlap(nearest, truth);
            boolean same = overlap > 0 && nearest.label() == truth.label();
            errors[overlap < 0.1 ? 3 : overlap < limit ? 2 : same ? 0 : 1]++;
        }
    }
    return errors;
}
// end

/// A curve's points; one at 0 if nothing was found, as in a short training.
Stream<double[]> drawn(List<List<Detection>> found, List<Scene> scenes, int label) {
    List<double[]> points = curve(found, scenes, label, 0.5);
    return points.isEmpty() ? Stream.of(new double[2]) : points.stream();
}

double[] recalls(List<List<Detection>> found, List<Scene> scenes, int label) {
    return drawn(found, scenes, label).mapToDouble(p -> p[0]).toArray();
}

double[] precisions(List<List<Detection>> found, List<Scene> scenes, int label) {
    return drawn(found, scenes, label).mapToDouble(p -> p[1]).toArray();
}

int count(List<List<Detection>> found, double score) {
    return (int) found.stream().flatMap(List::stream).filter(d -> d.score() >= score).count();
}

/// What the network says of each cell: the probability that a middle is there.
Tensor foundIn(Trainer trainer, Scene scene) {
    Tensor said = trainer.predict(Tensor.of(scene.pixels(), 1, SIDE, SIDE, 1));
    return said.at(-1, 0).sigmoid().squeeze(0);
}

/// Two boxes of the same size, the second moved.
Heat pair(String title, double x, double y) {
    return Heat.of(title, new double[14][17]).square(9)
            .frame(1, 1, 11, 11, "", 2).frame(1 + x, 1 + y, 11 + x, 11 + y, "", 1);
}

Heat withDetections(String title, Scene scene, List<Detection> found, double score) {
    Heat heat = canvas(title, scene);
    for (Detection d : found) {
        if (d.score() >= score) {
            Box b = d.box();
            heat = heat.frame(onCanvas(b.left()), onCanvas(b.top()),
                    onCanvas(b.right()), onCanvas(b.bottom()), "" + d.label(), 1);
        }
    }
    return heat;
}

double onCanvas(double x) {
    return Math.clamp(x, 0, SIDE);
}

Heat canvas(String title, Scene scene) {
    double[][] pixels = new double[SIDE][SIDE];
    for (int i = 0; i < SIDE * SIDE; i++) {
        pixels[Math.floorDiv(i, SIDE)][i % SIDE] = Math.rint(scene.pixels()[i] * 20) / 20;
    }
    return Heat.of(title, pixels).square(3.4);
}

Heat withTruths(String title, Scene scene) {
    Heat heat = canvas(title, scene);
    for (Truth t : scene.truths()) {
        Box b = t.box();
        heat = heat.frame(b.left(), b.top(), b.right(), b.bottom(), "" + t.label(), 2);
    }
    return heat;
}
