import module fathom.core;
import module fathom.data;
import module fathom.guide;

import static fathom.tensor.Index.*;

void main() {
    var lesson = Lesson.begin();

    // region digit
    Mnist mnist = Mnist.load();
    Tensor digit = mnist.train().get(0).x().reshape(28, 28);
    // end
    lesson.picture("digit", digitPicture(digit));

    // region ranks
    Tensor temperature = Tensor.scalar(36.6);
    Tensor flower = Tensor.of(5.1f, 3.5f, 1.4f, 0.2f);
    Tensor three = Tensor.of(new float[][] {
        {5.1f, 3.5f, 1.4f, 0.2f},
        {7.0f, 3.2f, 4.7f, 1.4f},
        {6.3f, 3.3f, 6.0f, 2.5f}});
    for (Tensor t : List.of(temperature, flower, three, digit)) {
        IO.println(t.rank() + " axes, shape " + t.shape() + ", "
                + t.size() + " elements of " + t.dtype());
    }
    // end
    lesson.figure("scalar-axes", temperature.rank());
    lesson.figure("three-size", three.size());
    lesson.figure("pixels", digit.size());

    // region making
    Tensor zeros = Tensor.zeros(2, 3);
    Tensor ones = Tensor.ones(4);
    Tensor counted = Tensor.arange(12);
    Tensor steps = Tensor.linspace(0, 1, 11);
    Tensor flowers = DataSets.iris().dataset().all().x();
    // end
    lesson.figure("zeros-sum", zeros.sum().item());
    lesson.figure("ones-sum", ones.sum().item());
    lesson.figure("last-counted", counted.at(0, -1).item());
    lesson.figure("third-step", steps.at(0, 3).item());
    lesson.figure("flowers", flowers.dim(0));
    lesson.figure("measures", flowers.dim(1));

    // region indexing
    Tensor first = flowers.at(0, 0);
    Tensor petalLengths = flowers.at(1, 2);
    double last = flowers.at(0, -1).at(0, 2).item();
    Tensor secondSpecies = flowers.slice(0, 50, 100);
    Tensor petals = flowers.get(all(), range(2, 4));
    // end
    lesson.figure("first-petal", first.at(0, 2).item());
    lesson.figure("petal-lengths", petalLengths.size());
    lesson.figure("last-petal", last);
    lesson.figure("second-species", secondSpecies.dim(0));
    lesson.figure("petal-columns", petals.dim(1));

    // region reshape
    Tensor wide = counted.reshape(3, 4);
    Tensor tall = wide.reshape(4, 3);
    Tensor turned = wide.transpose();
    // end
    lesson.picture("reshape", Panels.of("Reshaping and transposing", 3,
            numbers("3 rows of 4", wide, 0),
            numbers("reshape(4, 3)", tall, 0),
            numbers("transpose()", turned, 0)));
    lesson.figure("tall-element", tall.get(at(0), at(1)).item());
    lesson.figure("turned-element", turned.get(at(0), at(1)).item());

    // region elementwise
    Tensor inches = flowers.div(2.54);
    Tensor boxes = flowers.at(1, 2).mul(flowers.at(1, 3));
    Tensor isLong = petalLengths.greater(2.5);
    double share = isLong.mean().item();
    // end
    lesson.figure("first-inches", inches.at(0, 0).at(0, 0).item());
    lesson.figure("first-box", boxes.at(0, 0).item());
    lesson.figure("long-share", 100 * share);

    // region broadcast
    Tensor column = Tensor.of(10, 20, 30).unsqueeze(1);
    Tensor row = Tensor.of(1, 2, 3, 4);
    Tensor table = column.add(row);
    // end
    Shape shape = table.shape();
    lesson.figure("table-size", table.size());
    lesson.picture("broadcast", Panels.of("A column plus a row", 3,
            Panels.of("", 1, numbers("column", column, 0), numbers("row", row.unsqueeze(0), 0)),
            Panels.of("", 1, numbers("stretched", column.broadcastTo(shape), 0),
                    numbers("stretched", row.broadcastTo(shape), 0)),
            numbers("added", table, 0)));

    // region axes
    Tensor means = flowers.mean(0);
    Tensor ofEachFlower = flowers.mean(1);
    Tensor centred = flowers.sub(means);
    double left = centred.mean(0).abs().max().item();
    // end
    lesson.figure("means-size", means.size());
    lesson.figure("each-size", ofEachFlower.size());
    lesson.figure("mean-petal", means.at(0, 2).item());
    lesson.figure("mean-left", left);

    // region species
    Tensor bySpecies = flowers.reshape(3, 50, 4).mean(1);
    // end
    lesson.picture("species", Heat.of("Means of 50 flowers of each species, in cm", bySpecies)
            .names(DataSets.iris().classes(), DataSets.iris().features())
            .numbers(2).square(96));
    lesson.figure("setosa-petal", bySpecies.get(at(0), at(2)).item());
    lesson.figure("virginica-petal", bySpecies.get(at(2), at(2)).item());

    // region weighted-sum
    Tensor weights = Tensor.of(0.299f, 0.587f, 0.114f);
    Tensor orange = Tensor.of(1.0f, 0.65f, 0.0f);
    Tensor blue = Tensor.of(0.0f, 0.0f, 1.0f);
    double ofOrange = orange.matmul(weights).item();
    double ofBlue = blue.matmul(weights).item();
    // end
    lesson.figure("orange", ofOrange);
    lesson.figure("blue", ofBlue);

    // region arrows
    Tensor a = Tensor.of(3, 4);
    Tensor b = Tensor.of(4, 3);
    Tensor across = Tensor.of(-4, 3);
    IO.println(length(a) + ", " + similarity(a, b)
            + ", " + similarity(a, across));
    // end
    lesson.figure("length", length(a));
    lesson.figure("dot", a.matmul(b).item());
    lesson.figure("cosine", similarity(a, b));
    lesson.figure("right-angle", similarity(a, across));
    lesson.picture("arrows", arrows());

    // region alike
    Tensor some = mnist.train().take(20).all().x().flatten(1);
    Tensor one = some.at(0, 6);
    Tensor otherOne = some.at(0, 8);
    Tensor five = some.at(0, 0);
    Tensor otherFive = some.at(0, 11);
    Tensor zero = some.at(0, 1);
    // end
    lesson.figure("two-ones", similarity(one, otherOne));
    lesson.figure("two-fives", similarity(five, otherFive));
    lesson.figure("five-and-zero", similarity(five, zero));
    lesson.picture("alike", Panels.of("Five digits", 5,
            small("a one", one), small("another one", otherOne),
            small("a zero", zero), small("a five", five), small("another five", otherFive)));

    // region bills
    Tensor amounts = Tensor.of(new float[][] {
        {2, 1, 0},
        {0, 3, 4},
        {1, 1, 6}});
    Tensor prices = Tensor.of(new float[][] {
        {3.0f, 2.5f},
        {1.2f, 1.5f},
        {0.5f, 0.4f}});
    Tensor bills = amounts.matmul(prices);
    // end
    var people = List.of("Ada", "Ben", "Cleo");
    var goods = List.of("bread", "milk", "apples");
    var shops = List.of("market", "corner");
    lesson.picture("bills", Panels.of("Amounts times prices are bills", 3,
            numbers("amounts", amounts, 0).names(people, goods),
            numbers("prices", prices, 2).names(goods, shops),
            numbers("bills", bills, 2).names(people, shops)));
    lesson.figure("cleo-corner", bills.get(at(2), at(1)).item());

    // region map
    Tensor shear = Tensor.of(new float[][] {
        {1, 0},
        {0.5f, 1}});
    Tensor point = Tensor.of(2, 1);
    Tensor moved = point.matmul(shear);
    // end
    lesson.figure("moved-x", moved.at(0, 0).item());
    lesson.figure("moved-y", moved.at(0, 1).item());

    // region turn
    Tensor turn = turnBy(Math.PI / 6);
    Tensor stretch = Tensor.of(new float[][] {
        {1.5f, 0},
        {0, 0.5f}});
    Tensor ink = inkOf(digit);
    Tensor tilted = ink.matmul(turn);
    // end
    lesson.figure("ink", ink.dim(0));
    Tensor flat = Tensor.of(new float[][] {{1, 0.5f}, {0.8f, 0.4f}});
    Tensor mirror = Tensor.of(new float[][] {{-1, 0}, {0, 1}});
    lesson.picture("maps", Panels.of("What a matrix does to the plane", 3,
            mapped("as it is", ink, Tensor.eye(2)),
            mapped("turned by 30 degrees", ink, turn),
            mapped("stretched and squeezed", ink, stretch),
            mapped("sheared", ink, shear),
            mapped("mirrored", ink, mirror),
            mapped("flattened", ink, flat)));

    // region order
    Tensor both = ink.matmul(turn).matmul(stretch);
    Tensor atOnce = ink.matmul(turn.matmul(stretch));
    double apart = both.sub(atOnce).abs().max().item();

    Tensor otherWay = ink.matmul(stretch.matmul(turn));
    double different = otherWay.sub(atOnce).abs().max().item();
    // end
    lesson.figure("apart", apart);
    lesson.figure("different", different);
    lesson.picture("order", Panels.of("The order matters", 2,
            mapped("turned, then stretched", ink, turn.matmul(stretch)),
            mapped("stretched, then turned", ink, stretch.matmul(turn))));

    // region batch
    Batch train = mnist.train().take(lesson.choose(60_000, 6_000)).all();
    Batch test = mnist.test().take(lesson.choose(10_000, 1_000)).all();
    Tensor images = train.x().flatten(1);
    IO.println(train.x().shape() + " as rows: " + images.shape());
    // end
    lesson.figure("images", images.dim(0));
    lesson.figure("image-axes", train.x().rank());

    // region mean-digits
    Tensor isDigit = train.y().oneHot(10, DType.F32);
    Tensor sums = isDigit.transpose().matmul(images);
    Tensor counts = isDigit.sum(0).unsqueeze(1);
    Tensor meanDigits = sums.div(counts).evaluate();
    // end
    lesson.figure("most", isDigit.sum(0).max().item());
    lesson.figure("fewest", isDigit.sum(0).min().item());
    lesson.picture("means", meanPicture(meanDigits));

    // region likeness
    Tensor lengths = meanDigits.square().sum(true, 1).sqrt();
    Tensor directions = meanDigits.div(lengths);
    Tensor likeness = directions.matmul(directions.transpose());
    // end
    var names = IntStream.range(0, 10).mapToObj(Integer::toString).toList();
    lesson.picture("likeness", Heat.of("How alike the mean digits are", likeness)
            .names(names, names).numbers(2).square(40));
    lesson.figure("four-nine", likeness.get(at(4), at(9)).item());
    lesson.figure("zero-one", likeness.get(at(0), at(1)).item());

    // region answers
    Tensor scores = test.x().flatten(1).matmul(directions.transpose());
    Tensor answers = scores.argmax(1);
    Tensor right = answers.equal(test.y());
    // end
    lesson.figure("score-rows", scores.dim(0));
    lesson.figure("right", 100 * right.mean().item());

    var waits = waiting(images);
    lesson.figure("before", waits.get(0) ? 1 : 0);
    lesson.figure("after", waits.get(1) ? 1 : 0);

    // region refused
    int refused = 0;
    try {
        flowers.matmul(flowers);
    } catch (IllegalArgumentException e) {
        refused++;
        IO.println(e.getMessage());
    }
    // end
    lesson.figure("refused", refused);

    lesson.figure("forgotten", forgets(images) ? 1 : 0);

    // region trap
    Tensor said = Tensor.of(1, 2, 3).unsqueeze(1);
    Tensor wanted = Tensor.of(1, 2, 3);
    Tensor errors = said.sub(wanted);
    IO.println(errors.shape() + " " + errors.square().mean().item());
    // end
    lesson.figure("trap-size", errors.size());
    lesson.figure("trap", errors.square().mean().item());

    // region types
    double whole = Tensor.of(new int[] {7}).div(2).item();
    double round = Tensor.of(new byte[] {(byte) 200}).add(100).item();
    double big = Tensor.scalar(16_777_216).add(1).item();
    // end
    lesson.figure("whole", whole);
    lesson.figure("round", round);
    lesson.figure("big", big);

    // What the solutions of the exercises say.
    Tensor distances = distances(test.x().flatten(1), meanDigits);
    Tensor nearest = distances.argmin(1);
    lesson.figure("nearest", 100 * nearest.equal(test.y()).mean().item());
    Tensor quarter = turnBy(Math.PI / 2);
    lesson.figure("four-quarters", quarter.matmul(quarter).matmul(quarter).matmul(quarter)
            .sub(Tensor.eye(2)).abs().max().item());
}

// region lazy
/// Whether a tensor is still to be computed: before it is read, and after.
List<Boolean> waiting(Tensor images) {
    Device device = Device.current();
    Tensor lazy = images.sub(0.5).square().mean(1);
    boolean before = device.program(lazy).isPresent();
    float[] values = lazy.toFloats();
    boolean after = device.program(lazy).isPresent();
    IO.println("to be computed: " + before + ", then " + after);
    return List.of(before, after);
}
// end

// region together
/// Whether a tensor on the way to two others would have to be computed again.
boolean forgets(Tensor images) {
    Tensor contrast = images.sub(images.mean(true, 1)).square().mean(1);
    Tensor least = contrast.min();
    Tensor most = contrast.max();
    Tensor.evaluateAll(least, most);
    IO.println("from " + least.item() + " to " + most.item());
    return Device.current().program(contrast).isPresent();
}
// end

// region similarity
double length(Tensor a) {
    return Math.sqrt(a.matmul(a).item());
}

double similarity(Tensor a, Tensor b) {
    return a.matmul(b).item() / (length(a) * length(b));
}
// end

// region turn-by
/// The matrix that turns points in rows, against the clock.
Tensor turnBy(double angle) {
    float cos = (float) Math.cos(angle);
    float sin = (float) Math.sin(angle);
    return Tensor.of(new float[][] {{cos, sin}, {-sin, cos}});
}

/// The places of dark pixels: x to the right, y upwards.
Tensor inkOf(Tensor digit) {
    float[] pixels = digit.toFloats();
    List<float[]> points = new ArrayList<>();
    for (int i = 0; i < pixels.length; i++) {
        if (pixels[i] > 0.5) {
            float x = (i % 28 - 13.5f) / 5;
            float y = (13.5f - i / 28) / 5;
            points.add(new float[] {x, y});
        }
    }
    return Tensor.of(points.toArray(float[][]::new));
}
// end

Tensor distances(Tensor images, Tensor means) {
    Tensor ofImages = images.square().sum(true, 1);
    Tensor ofMeans = means.square().sum(1);
    return ofImages.add(ofMeans).sub(images.matmul(means.transpose()).mul(2));
}

Heat numbers(String title, Tensor matrix, int decimals) {
    return Heat.of(title, matrix).numbers(decimals).square(46);
}

/// The digit, and its middle with the values of the pixels.
Picture digitPicture(Tensor digit) {
    Tensor middle = digit.get(range(5, 15), range(9, 19)).mul(255).round();
    return Panels.of("A digit, and the numbers that it is made of", 2,
            Heat.of("28 × 28 pixels", digit).square(13),
            Heat.of("10 × 10 of them", middle).numbers(0).square(36));
}

/// One arrow that turns, and its dot product with another one that does not.
Picture arrows() {
    var frames = new ArrayList<Plot>();
    for (int degrees = 0; degrees <= 180; degrees += 15) {
        double x = Math.cos(Math.toRadians(degrees + 20));
        double y = Math.sin(Math.toRadians(degrees + 20));
        double fixedX = Math.cos(Math.toRadians(20));
        double fixedY = Math.sin(Math.toRadians(20));
        double dot = x * fixedX + y * fixedY;
        frames.add(Plot.of(String.format(Locale.ROOT, "%d degrees apart: the dot product is %.2f", degrees, dot))
                .size(460, 460).rangeX(-1.2, 1.2).rangeY(-1.2, 1.2)
                .line("", new double[] {0, fixedX}, new double[] {0, fixedY})
                .points("", new double[] {fixedX}, new double[] {fixedY}).colour(0)
                .line("", new double[] {0, x}, new double[] {0, y}).colour(1)
                .points("", new double[] {x}, new double[] {y}).colour(1));
    }
    return Animation.of("Two arrows of length 1 and their dot product", 0.7, frames);
}

/// The plane and the ink after a matrix has been at it.
Plot mapped(String title, Tensor ink, Tensor matrix) {
    var plot = Plot.of(title).size(290, 290).rangeX(-4, 4).rangeY(-4, 4);
    for (int k = -2; k <= 2; k++) {
        plot = line(plot, matrix, k, -2, k, 2, 5);
        plot = line(plot, matrix, -2, k, 2, k, 5);
    }
    Tensor moved = ink.matmul(matrix);
    for (int from = 0; from < ink.dim(0); from += 50) {
        Tensor part = moved.slice(0, from, from + 50);
        plot = plot.points("", part.at(1, 0).toDoubles(), part.at(1, 1).toDoubles()).colour(0);
    }
    plot = line(plot, matrix, 0, 0, 1, 0, 1);
    return line(plot, matrix, 0, 0, 0, 1, 4);
}

/// A straight line where the matrix puts it.
Plot line(Plot plot, Tensor matrix, float x1, float y1, float x2, float y2, int colour) {
    Tensor ends = Tensor.of(new float[][] {{x1, y1}, {x2, y2}}).matmul(matrix);
    return plot.line("", ends.at(1, 0).toDoubles(), ends.at(1, 1).toDoubles()).colour(colour);
}

Heat small(String title, Tensor image) {
    return Heat.of(title, image.reshape(28, 28)).square(5);
}

Picture meanPicture(Tensor meanDigits) {
    var pictures = new ArrayList<Picture>();
    for (int d = 0; d < 10; d++) {
        pictures.add(small("all " + d, meanDigits.at(0, d)));
    }
    return new Panels("The mean of all images of each digit", 5, pictures);
}
