import module fathom.core;
import module fathom.data;
import module fathom.guide;
import module fathom.nn;

import fathom.nn.Parameter;
import fathom.nn.train.Callback;

import static fathom.nn.Layers.*;

void main() {
    var lesson = Lesson.begin();

    // region bowl
    var bowl = new Landscape(
            p -> (p[0] * p[0] + 50 * p[1] * p[1]) / 2,
            p -> new double[] {p[0], 50 * p[1]});
    double[][] plain = walk(bowl, sgd(2.0 / 51), 400, 10, 1);
    double narrow = Math.sqrt(50);
    double[][] rolling = walk(bowl,
            momentum(
                    Math.pow(2 / (narrow + 1), 2),
                    Math.pow((narrow - 1) / (narrow + 1), 2)),
            400, 10, 1);
    // end
    lesson.figure("plain-factor", 49.0 / 51);
    lesson.figure("plain-steps", arrival(bowl, plain, 1e-4));
    lesson.figure("rolling-factor", (narrow - 1) / (narrow + 1));
    lesson.figure("rolling-steps", arrival(bowl, rolling, 1e-4));
    lesson.figure("keep-bowl", Math.pow((narrow - 1) / (narrow + 1), 2));
    lesson.picture("bowl", Panels.of("25 steps in a narrow valley", 1,
            valley("gradient descent", plain, 25), valley("with momentum", rolling, 25)));

    // region rosenbrock
    var banana = new Landscape(
            p -> Math.pow(1 - p[0], 2) + 100 * Math.pow(p[1] - p[0] * p[0], 2),
            p -> {
                double off = p[1] - p[0] * p[0];
                return new double[] {
                    -2 * (1 - p[0]) - 400 * p[0] * off, 200 * off};
            });
    // end

    // region best
    var kinds = new LinkedHashMap<String, DoubleFunction<Rule>>();
    kinds.put("SGD", rate -> sgd(rate));
    kinds.put("momentum", rate -> momentum(rate, 0.9));
    kinds.put("RMSprop", rate -> rmsProp(rate));
    kinds.put("Adam", rate -> adam(rate));
    int steps = 1_000;
    var paths = new LinkedHashMap<String, double[][]>();
    var bestRates = new LinkedHashMap<String, Double>();
    kinds.forEach((name, kind) -> {
        double least = Double.POSITIVE_INFINITY;
        for (int i = 0; i <= 40; i++) {
            double rate = Math.pow(10, i / 10.0 - 4);
            double[][] path = walk(banana, kind.apply(rate), steps, -1.2, 1);
            double height = banana.height().applyAsDouble(path[steps]);
            if (height < least) {
                least = height;
                paths.put(name, path);
                bestRates.put(name, rate);
            }
        }
    });
    // end
    paths.forEach((name, path) -> {
        String key = name.toLowerCase(Locale.ROOT);
        lesson.figure("banana-rate-" + key, bestRates.get(name));
        lesson.figure("banana-height-" + key, Math.log10(banana.height().applyAsDouble(path[steps])));
        lesson.figure("banana-steps-" + key, arrival(banana, path, 0.01));
    });
    lesson.picture("rosenbrock", race(paths));

    // region library
    var place = Parameter.of(Tensor.of(new double[] {-1.2, 1}));
    var optimizer = Optimizer.of(Adam.of(0.1), Map.of("place", place));
    for (int step = 0; step < 100; step++) {
        Tensor x = place.value().slice(0, 0, 1);
        Tensor y = place.value().slice(0, 1, 2);
        Tensor off = y.sub(x.square());
        optimizer.step(x.sub(1).square().add(off.square().mul(100)).sum());
    }
    double[] byLibrary = place.value().toDoubles();
    double[] byHand = walk(banana, adam(0.1), 100, -1.2, 1)[100];
    // end
    lesson.figure("hand-difference", Math.hypot(byLibrary[0] - byHand[0], byLibrary[1] - byHand[1]));

    // region data
    var images = Mnist.load().train().shuffle(1);
    var seen = images.take(lesson.choose(10_000, 1_000));
    var held = images.skip(10_000).take(lesson.choose(5_000, 1_000));
    var statistics = seen.statistics();
    Dataset train = seen.standardise(statistics).cache();
    Dataset validation = held.standardise(statistics).cache();
    Dataset test = Mnist.load().test().standardise(statistics).cache();
    // end
    lesson.figure("train-images", train.size());
    lesson.figure("validation-images", validation.size());
    lesson.figure("test-images", test.size());

    // region tune
    var rules = new LinkedHashMap<String, UpdateRule>();
    rules.put("SGD", Sgd.of(1));
    rules.put("momentum", Sgd.of(1, 0.9));
    rules.put("RMSprop", RmsProp.of(1));
    rules.put("Adam", Adam.of(1));
    double[] rates = lesson.isQuick()
            ? new double[] {0.01, 0.1}
            : new double[] {1e-4, 3e-4, 1e-3, 3e-3, 0.01, 0.03, 0.1, 0.3, 1};
    int epochs = lesson.choose(2, 1);
    var shares = new LinkedHashMap<String, double[]>();
    rules.forEach((name, rule) -> {
        double[] right = new double[rates.length];
        for (int i = 0; i < rates.length; i++) {
            var trainer = trainerOf(rule.withLearningRate(rates[i]), 1);
            try {
                trainer.fit(train.shuffle(7).batch(100), Epochs.of(epochs));
                var result = trainer.evaluate(validation.batch(500));
                right[i] = 100 * result.accuracy();
                IO.println(name + ", rate " + rates[i] + ": " + right[i] + " %");
            } catch (DivergedException e) {
                IO.println(name + ", rate " + rates[i] + ": " + e.getMessage());
            }
        }
        shares.put(name, right);
    });
    // end
    lesson.picture("rates", rates(rates, shares));

    // region race
    int runs = lesson.choose(3, 1);
    var results = new LinkedHashMap<String, double[]>();
    var losses = new LinkedHashMap<String, List<Double>>();
    rules.forEach((name, rule) -> {
        double rate = rates[largest(shares.get(name))];
        double[] right = new double[runs];
        for (int run = 0; run < runs; run++) {
            var trainer = trainerOf(rule.withLearningRate(rate), 2 + run);
            var seenLosses = new ArrayList<Double>();
            trainer.callbacks(Callback.onStep(s -> seenLosses.add(s.loss())));
            trainer.fit(train.shuffle(7).batch(100), Epochs.of(epochs));
            right[run] = 100 * trainer.evaluate(test.batch(500)).accuracy();
            losses.putIfAbsent(name, seenLosses);
        }
        results.put(name, right);
    });
    // end
    lesson.figure("runs", runs);
    for (String name : rules.keySet()) {
        String key = name.toLowerCase(Locale.ROOT);
        double[] right = shares.get(name);
        double best = right[largest(right)];
        lesson.figure("rate-" + key, rates[largest(right)]);
        lesson.figure("share-" + key, best);
        lesson.figure("close-" + key, Arrays.stream(right).filter(r -> r > best - 2).count());
        lesson.figure("early-" + key,
                losses.get(name).stream().limit(50).mapToDouble(v -> v).average().orElseThrow());
        lesson.figure("test-" + key, Arrays.stream(results.get(name)).average().orElseThrow());
        lesson.figure("lowest-" + key, Arrays.stream(results.get(name)).min().orElseThrow());
        lesson.figure("highest-" + key, Arrays.stream(results.get(name)).max().orElseThrow());
    }
    lesson.picture("race", smoothed(losses));

    // What the solutions of the exercises say.
    var steep = new Landscape(
            p -> 1000 * banana.height().applyAsDouble(p),
            p -> Arrays.stream(banana.slope().apply(p)).map(v -> 1000 * v).toArray());
    double[] scaled = walk(steep, adam(0.1), 100, -1.2, 1)[100];
    lesson.figure("scaled-difference", Math.hypot(scaled[0] - byHand[0], scaled[1] - byHand[1]) * 1e9);
    lesson.figure("uncorrected", 0.01 / Math.sqrt(0.001));
    lesson.figure("uncorrected-ratio", 0.1 / Math.sqrt(0.001));
    lesson.figure("momentum-limit", arrival(bowl, walk(bowl, momentum(2.0 / 51, 0.9), 2_000, 10, 1), 1e-4));
}

// region landscape
/// A landscape: how high each place is, and the gradient there.
record Landscape(
        ToDoubleFunction<double[]> height, UnaryOperator<double[]> slope) {}

/// A way to walk: what has to be added to the place, given the gradient.
interface Rule {
    double[] step(double[] gradient);
}

/// All places of a walk, the first one included.
double[][] walk(
        Landscape land, Rule rule, int steps, double x, double y) {
    double[][] places = new double[steps + 1][];
    places[0] = new double[] {x, y};
    for (int i = 0; i < steps; i++) {
        double[] step = rule.step(land.slope().apply(places[i]));
        places[i + 1] = new double[] {
            places[i][0] + step[0], places[i][1] + step[1]};
    }
    return places;
}

/// The first step after which a walk stays below a height.
int arrival(Landscape land, double[][] path, double height) {
    int step = path.length;
    while (step > 0 && land.height().applyAsDouble(path[step - 1]) < height) {
        step--;
    }
    return step;
}
// end

// region sgd
/// A number for each of the two axes.
double[] each(IntToDoubleFunction ofElement) {
    return IntStream.range(0, 2).mapToDouble(ofElement).toArray();
}

Rule sgd(double rate) {
    return g -> each(i -> -rate * g[i]);
}
// end

// region momentum
Rule momentum(double rate, double keep) {
    double[] v = new double[2];
    return g -> each(i -> {
        v[i] = keep * v[i] + g[i];
        return -rate * v[i];
    });
}
// end

// region rmsprop
Rule rmsProp(double rate) {
    double[] s = new double[2];
    return g -> each(i -> {
        s[i] = 0.99 * s[i] + 0.01 * g[i] * g[i];
        return -rate * g[i] / (Math.sqrt(s[i]) + 1e-8);
    });
}
// end

// region adam
Rule adam(double rate) {
    double[] m = new double[2];
    double[] s = new double[2];
    int[] t = {0};
    return g -> {
        t[0]++;
        return each(i -> {
            m[i] = 0.9 * m[i] + 0.1 * g[i];
            s[i] = 0.999 * s[i] + 0.001 * g[i] * g[i];
            double mean = m[i] / (1 - Math.pow(0.9, t[0]));
            double square = s[i] / (1 - Math.pow(0.999, t[0]));
            return -rate * mean / (Math.sqrt(square) + 1e-8);
        });
    };
}
// end

// region trainer
Trainer trainerOf(UpdateRule rule, long seed) {
    return Trainer.of(Sequential.of(
                    flatten(), linear(100), relu(), linear(100), relu(), linear(10)))
            .seed(seed)
            .loss(Loss.crossEntropy())
            .optimizer(rule)
            .metrics(Metric.accuracy())
            .progress(false);
}

int largest(double[] values) {
    int at = 0;
    for (int i = 1; i < values.length; i++) {
        at = values[i] > values[at] ? i : at;
    }
    return at;
}
// end

double[] column(double[][] path, int axis, int to) {
    return Arrays.stream(path).limit(to).mapToDouble(p -> p[axis]).toArray();
}

/// The first steps of a walk in the bowl, over some of its contours.
Plot valley(String title, double[][] path, int steps) {
    var plot = Plot.of(title).size(860, 240).rangeX(-10.5, 10.5).rangeY(-3.6, 3.6);
    for (double level : new double[] {2, 10, 25, 50}) {
        double[] xs = new double[121];
        double[] ys = new double[121];
        for (int i = 0; i < xs.length; i++) {
            xs[i] = Math.sqrt(2 * level) * Math.cos(i * Math.PI / 60);
            ys[i] = Math.sqrt(2 * level / 50) * Math.sin(i * Math.PI / 60);
        }
        plot = plot.line("", xs, ys).colour(5);
    }
    double[] xs = column(path, 0, steps + 1);
    double[] ys = column(path, 1, steps + 1);
    return plot.line("", xs, ys).colour(1).points("", xs, ys).colour(1);
}

/// The four walks after more and more steps, side by side.
Picture race(Map<String, double[][]> paths) {
    var frames = new ArrayList<Picture>();
    for (int step : new int[] {0, 5, 10, 20, 50, 100, 200, 500, 1000}) {
        var panels = new ArrayList<Picture>();
        paths.forEach((name, path) -> {
            var plot = Plot.of(name + ", after " + step + " steps").size(430, 300).rangeX(-1.8, 1.8).rangeY(-0.6, 2.2);
            for (double level : new double[] {0.5, 5, 30, 100}) {
                for (int side = -1; side <= 1; side += 2) {
                    plot = contour(plot, level, side);
                }
            }
            double[] xs = column(path, 0, step + 1);
            double[] ys = column(path, 1, step + 1);
            panels.add(plot.points("", new double[] {1}, new double[] {1}).colour(2)
                    .line("", xs, ys).colour(1)
                    .points("", new double[] {xs[step]}, new double[] {ys[step]}).colour(1));
        });
        frames.add(Panels.of("", 2, panels.toArray(Picture[]::new)));
    }
    return Animation.of("Four ways down Rosenbrock's valley", 1, frames);
}

/// Where (1 - x)² + 100 (y - x²)² is a level, above the parabola or below it.
Plot contour(Plot plot, double level, int side) {
    double from = Math.max(-1.8, 1 - Math.sqrt(level));
    double to = Math.min(1.8, 1 + Math.sqrt(level));
    double[] xs = IntStream.rangeClosed(0, 60).mapToDouble(i -> from + (to - from) * i / 60).toArray();
    double[] ys = Arrays.stream(xs)
            .map(x -> x * x + side * Math.sqrt(Math.max(0, level - (1 - x) * (1 - x)) / 100))
            .toArray();
    return plot.line("", xs, ys).colour(5);
}

Picture rates(double[] rates, Map<String, double[]> shares) {
    var plot = Plot.of("Right answers on the validation data, by learning rate")
            .x("learning rate").y("%").logX().rangeY(0, 100);
    int colour = 0;
    for (var entry : shares.entrySet()) {
        plot = plot.line(entry.getKey() + " ", rates, entry.getValue()).colour(colour)
                .points("", rates, entry.getValue()).colour(colour++);
    }
    return plot;
}

/// The losses of the steps, each the mean of the ten up to it.
Picture smoothed(Map<String, List<Double>> losses) {
    var plot = Plot.of("The loss while training, each with its best rate")
            .x("step").y("loss, mean of ten steps").rangeY(0, 2.5);
    for (var entry : losses.entrySet()) {
        var all = entry.getValue();
        double[] means = IntStream.range(0, all.size())
                .mapToDouble(i -> all.subList(Math.max(0, i - 9), i + 1).stream()
                        .mapToDouble(v -> v).average().orElseThrow())
                .toArray();
        plot = plot.line(entry.getKey() + " ", means);
    }
    return plot;
}
