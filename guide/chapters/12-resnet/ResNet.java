import module fathom.core;
import module fathom.data;
import module fathom.guide;
import module fathom.nn;

import fathom.nn.Module;
import fathom.nn.Parameter;
import fathom.nn.train.Callback;

import static fathom.nn.Layers.*;

void main() {
    var lesson = Lesson.begin();

    // region data
    LabelledImages pictures = DownloadedSets.standard().smallCifar10();
    int each = lesson.choose(1_500, 20);
    var parts = pictures.train().takeOfEach(each).cache()
            .shuffle(1).stratifiedSplit(0.9, 0.1);
    Statistics colours = parts.get(0).statistics();
    Dataset train = parts.get(0).standardise(colours).cache();
    Dataset validation = parts.get(1).standardise(colours).cache();
    // end
    lesson.figure("train-images", train.size());
    lesson.figure("validation-images", validation.size());
    lesson.picture("block", block());

    // region four
    int few = lesson.choose(3, 1);
    int many = lesson.choose(7, 2);
    var four = List.of(
            new Design(few, false), new Design(many, false),
            new Design(few, true), new Design(many, true));
    Shape image = train.inputShape();
    // end
    // What figures call them, also where a quick run has fewer layers.
    var ids = new LinkedHashMap<String, String>();
    for (Design design : four) {
        String id = (design.residual() ? "residual-" : "plain-") + (design.n() == few ? 20 : 44);
        ids.put(design.name(), id);
        lesson.figure(id + "-weights", Modules.count(built(design, image)));
    }

    // region start
    Loader some = train.shuffle(2).take(lesson.choose(512, 32))
            .batch(lesson.choose(128, 16));
    var starts = new LinkedHashMap<String, Slopes>();
    for (Design design : four) {
        starts.put(design.name(), slopes(built(design, image), some));
    }
    // end
    starts.forEach((name, slopes) -> {
        lesson.figure(ids.get(name) + "-start-ratio", slopes.ratio());
        lesson.figure(ids.get(name) + "-start-cosine", mean(early(slopes)));
        lesson.figure(ids.get(name) + "-start-late", mean(late(slopes)));
        lesson.figure(ids.get(name) + "-start-agreeing", agreeing(slopes));
    });
    lesson.figure("growth", growth(starts.get(four.get(1).name()).norms()));
    lesson.figure("growth-theory", Math.sqrt(Math.PI / (Math.PI - 1)));
    lesson.figure("grown", Math.pow(Math.PI / (Math.PI - 1), 21));

    // region bare
    var bare = new LinkedHashMap<String, Slopes>();
    Initializer he = Initializer.heNormal();
    Initializer glorot = Initializer.glorotNormal();
    bare.put("plain, He", slopes(
            built(new Design(many, false, false, he), image), some));
    bare.put("plain, Glorot", slopes(
            built(new Design(many, false, false, glorot), image), some));
    bare.put("residual, He", slopes(
            built(new Design(many, true, false, he), image), some));
    // end
    bare.forEach((name, slopes) -> {
        String id = "bare-" + name.replace(", ", "-").toLowerCase(Locale.ROOT);
        double scale = name.contains("Glorot") ? 1e9 : 1;
        lesson.figure(id + "-first", slopes.norms()[0] * scale);
        lesson.figure(id + "-last", slopes.norms()[slopes.norms().length - 1] * scale);
    });
    lesson.figure("bare-share", 1e7 * bare.get("plain, Glorot").norms()[0] / bare.get("plain, He").norms()[0]);
    lesson.picture("start", start(starts, bare));

    // region race
    int epochs = lesson.choose(3, 2);
    Loader batches = train.shuffle(7).batch(lesson.choose(64, 30)).dropLast();
    var trainers = new LinkedHashMap<String, Trainer>();
    var histories = new LinkedHashMap<String, History>();
    var losses = new LinkedHashMap<String, List<Double>>();
    var later = new LinkedHashMap<String, Slopes>();
    for (Design design : four) {
        String name = design.name();
        losses.put(name, new ArrayList<>());
        var trainer = trainer(built(design, image), epochs * batches.count())
                .validation(validation.batch(250));
        trainer.callbacks(
                Callback.onStep(step -> {
                    losses.get(name).add(step.loss());
                    report(name, step);
                }),
                Callback.onEpoch(result -> {
                    if (result.epoch() == 1) {
                        later.put(name, slopes(trainer.model(), some));
                    }
                }));
        histories.put(name, trainer.fit(batches, Epochs.of(epochs)));
        trainers.put(name, trainer);
    }
    // end
    lesson.figure("epochs", epochs);
    lesson.figure("steps", (double) epochs * batches.count());
    histories.forEach((name, history) -> {
        String id = ids.get(name);
        lesson.figure(id + "-train-loss", history.training("loss")[epochs - 1]);
        lesson.figure(id + "-train", 100 * history.training("accuracy")[epochs - 1]);
        lesson.figure(id + "-validation", 100 * history.validation("accuracy")[epochs - 1]);
        lesson.figure(id + "-later-ratio", later.get(name).ratio());
        lesson.figure(id + "-later-cosine", mean(early(later.get(name))));
    });
    lesson.picture("race", race(losses, histories, later, batches.count()));

    // region cut
    Dataset asked = validation.takeOfEach(lesson.choose(50, 2));
    var whole = new LinkedHashMap<String, Double>();
    var cuts = new LinkedHashMap<String, double[]>();
    for (Design design : four) {
        String name = design.name();
        Chain network = (Chain) trainers.get(name).model();
        whole.put(name, right(network, asked));
        cuts.put(name, removable(design.n())
                .mapToDouble(block -> right(without(network, block), asked))
                .toArray());
        IO.println(name + ": blocks are cut out");
    }
    // end
    lesson.figure("asked-images", asked.size());
    cuts.forEach((name, right) -> {
        lesson.figure(ids.get(name) + "-whole", whole.get(name));
        lesson.figure(ids.get(name) + "-cut-mean", mean(right));
        lesson.figure(ids.get(name) + "-cut-worst", Arrays.stream(right).min().orElseThrow());
        lesson.figure(ids.get(name) + "-cut-best", Arrays.stream(right).max().orElseThrow());
    });
    lesson.picture("cuts", cuts(cuts, whole));

    // region test
    Dataset test = pictures.test().takeOfEach(lesson.choose(300, 3))
            .standardise(colours).cache();
    var inTheEnd = new LinkedHashMap<String, Double>();
    trainers.forEach((name, trainer) ->
            inTheEnd.put(name, right(trainer.model(), test)));
    // end
    lesson.figure("test-images", test.size());
    inTheEnd.forEach((name, right) -> lesson.figure(ids.get(name) + "-test", right));
    lesson.picture("answers", answers(pictures, test, trainers.get(four.get(3).name())));

    // What the solutions of the exercises say.
    // region zero
    Chain zero = built(new Design(many, true), image);
    Modules.parameters(zero).forEach((path, parameter) -> {
        if (path.endsWith("body.2.1.weight")) {
            parameter.set(parameter.value().mul(0));
        }
    });
    Slopes ofZero = slopes(zero, some);
    var first = trainer(zero, epochs * batches.count())
            .validation(validation.batch(250))
            .callbacks(Callback.onStep(step -> report("from zero", step)))
            .fit(batches, Epochs.of(1));
    // end
    lesson.figure("zero-moving", Arrays.stream(ofZero.norms()).filter(norm -> norm > 0).count());
    lesson.figure("zero-cosine", ofZero.cosines()[0]);
    lesson.figure("first-cosine", starts.get(four.get(3).name()).cosines()[0]);
    lesson.figure("first-cosine-plain", starts.get(four.get(1).name()).cosines()[0]);
    lesson.figure("zero-first", 100 * first.validation("accuracy")[0]);
    for (Design design : four.subList(2, 4)) {
        String name = design.name();
        lesson.figure(ids.get(name) + "-first", 100 * histories.get(name).validation("accuracy")[0]);
    }
}

// region design
/// What a network is made of; it has 6n + 2 layers.
record Design(
        int n, boolean residual, boolean normalised, Initializer start) {
    Design(int n, boolean residual) {
        this(n, residual, true, Initializer.heNormal());
    }

    String name() {
        return (residual ? "residual " : "plain ") + (6 * n + 2);
    }
}
// end

// region convolution
/// A convolution that keeps the size of the image or, with stride 2, halves
/// it, and a batch normalisation. The latter has a shift, so that the
/// convolution needs no bias.
Layer convolution(Design design, int filters, int kernel, int stride) {
    var convolution = conv2d(filters, kernel)
            .stride(stride).padding(Padding.of(kernel / 2))
            .withoutBias().initializer(design.start());
    return design.normalised()
            ? Sequential.of(convolution, batchNorm())
            : convolution;
}
// end

// region block-method
/// Two convolutions, and past them the shortcut, if the design has one.
Layer block(Design design, int filters, int stride) {
    Layer first = convolution(design, filters, 3, stride);
    Layer second = convolution(design, filters, 3, 1);
    if (!design.residual()) {
        return Sequential.of(first, relu(), second, relu());
    }
    var sum = residual(first, relu(), second);
    if (stride == 2) { // Both ways need the same shape, to be added.
        sum = sum.shortcut(convolution(design, filters, 1, 2));
    }
    return Sequential.of(sum, relu());
}
// end

// region network
/// A first convolution, three stages of n blocks, and a dense layer.
Sequential network(Design design) {
    var layers = new ArrayList<Layer>();
    layers.add(Sequential.of(convolution(design, 8, 3, 1), relu()));
    for (int stage = 0; stage < 3; stage++) {
        for (int i = 0; i < design.n(); i++) {
            int stride = stage > 0 && i == 0 ? 2 : 1;
            layers.add(block(design, 8 << stage, stride));
        }
    }
    layers.add(globalAvgPool2d());
    layers.add(linear(10));
    return new Sequential(layers);
}
// end

// region built
Chain built(Design design, Shape image) {
    return network(design).build(image, RandomStream.of(1));
}
// end

// region gradients
/// The gradients of the weights of all 3 by 3 convolutions, first to last.
List<Tensor> gradients(Module network, Batch batch) {
    List<Tensor> weights = Modules.parameters(network).values().stream()
            .map(Parameter::value)
            .filter(weight -> weight.rank() == 4 && weight.dim(0) == 3)
            .toList();
    return Context.training(RandomStream.of(1), () -> {
        Tensor answers = network.apply(batch.x());
        Tensor loss = Loss.crossEntropy(answers, batch.y());
        List<Tensor> gradients = Gradients.of(loss, weights);
        Device.current().evaluate(gradients); // all of them in one go
        Context.takeUpdates(); // Running averages stay as they are.
        return gradients;
    });
}
// end

// region slopes
/// How long the gradients are, layer by layer, and how alike the directions
/// are in which two batches send a layer.
record Slopes(double[] norms, double[] cosines) {
    double ratio() {
        return norms[0] / norms[norms.length - 1];
    }
}

Slopes slopes(Module network, Iterable<Batch> batches) {
    var ofBatches = new ArrayList<List<Tensor>>();
    for (Batch batch : batches) {
        ofBatches.add(gradients(network, batch));
    }
    int count = ofBatches.size();
    int layers = ofBatches.getFirst().size();
    double[] norms = new double[layers];
    double[] cosines = new double[layers];
    for (int i = 0; i < layers; i++) {
        int layer = i;
        Tensor rows = Tensor.stack(0, ofBatches.stream()
                .map(gradients -> gradients.get(layer))
                .toArray(Tensor[]::new)).flatten(1).cast(DType.F64);
        Tensor lengths = rows.square().sum(true, 1).sqrt();
        norms[i] = lengths.mean().item();
        Tensor unit = rows.div(lengths);
        Tensor all = unit.matmul(unit.transpose()); // 1 on its diagonal
        cosines[i] = (all.sum().item() - count) / (count * (count - 1));
    }
    return new Slopes(norms, cosines);
}
// end

// region trainer
Trainer trainer(Module network, int steps) {
    return Trainer.of(network)
            .seed(1)
            .loss(Loss.crossEntropy())
            .optimizer(Sgd.of(0.1, 0.9).withNesterov().withWeightDecay(5e-4)
                    .scheduled(Schedule.oneCycle(steps)))
            .metrics(Metric.accuracy())
            .progress(false);
}
// end

/// A line for about every ten seconds, and one for each epoch.
void report(String name, StepResult step) {
    if (step.step() % 50 == 0 || step.batch() == step.batches()) {
        IO.println("%s: epoch %s, batch %s of %s: %.1f %% right".formatted(name, step.epoch(), step.batch(),
                step.batches(), 100 * step.averages().get("accuracy")));
    }
}

// region without
/// The blocks that leave the shape as it is.
IntStream removable(int n) {
    return IntStream.rangeClosed(1, 3 * n)
            .filter(block -> block == 1 || (block - 1) % n > 0);
}

/// The network without one of its blocks; the parameters are the same.
Chain without(Chain network, int block) {
    var modules = new ArrayList<>(network.modules());
    modules.remove(block);
    return new Chain(modules);
}

/// The share of right answers, in percent.
double right(Module network, Dataset asked) {
    var trainer = Trainer.of(network)
            .loss(Loss.crossEntropy())
            .metrics(Metric.accuracy());
    return 100 * trainer.evaluate(asked.batch(250)).accuracy();
}
// end

double mean(double... values) {
    return Arrays.stream(values).average().orElseThrow();
}

/// The cosines of the first third of the layers.
double[] early(Slopes slopes) {
    return Arrays.copyOf(slopes.cosines(), slopes.cosines().length / 3);
}

/// Those of the last third.
double[] late(Slopes slopes) {
    int layers = slopes.cosines().length;
    return Arrays.copyOfRange(slopes.cosines(), layers - layers / 3, layers);
}

/// How many layers, from the last one back, have a cosine of more than a tenth.
long agreeing(Slopes slopes) {
    double[] cosines = slopes.cosines();
    return IntStream.rangeClosed(1, cosines.length).takeWhile(i -> cosines[cosines.length - i] > 0.1).count();
}

/// By which factor the norms grow per layer, from the last layer of the first stage back to its first.
double growth(double[] norms) {
    int last = (norms.length - 1) / 3;
    return Math.pow(norms[1] / norms[last], 1.0 / (last - 1));
}

Picture block() {
    return Diagram.of("A residual block")
            .box("x", 0, 0, 0, "x")
            .box("one", 1, 0, 1, "3 × 3", "batch norm")
            .box("relu", 2, 0, 1, "ReLU")
            .box("two", 3, 0, 1, "3 × 3", "batch norm")
            .box("sum", 4, 0, 0, "+")
            .box("after", 5, 0, 0, "ReLU")
            .box("past", 2, 1, 2, "shortcut")
            .arrow("x", "one", "").arrow("one", "relu", "").arrow("relu", "two", "").arrow("two", "sum", "f(x)")
            .arrow("x", "past", "").arrow("past", "sum", "x").arrow("sum", "after", "");
}

/// Norms and cosines before training.
Picture start(Map<String, Slopes> starts, Map<String, Slopes> bare) {
    return Panels.of("Gradients before training, layer by layer", 1,
            norms("Norm of the gradient, with normalisation", starts).size(720, 300),
            cosines("Cosine between the gradients of two batches, with normalisation", starts).size(720, 300),
            norms("Norm of the gradient, without normalisation, 44 layers", bare).y("").size(720, 300));
}

/// Norms over the layers, with an axis of whole powers of ten.
Plot norms(String title, Map<String, Slopes> slopes) {
    Plot plot = Plot.of(title).x("layer").y("norm").logY();
    for (var one : slopes.entrySet()) {
        plot = plot.line(one.getKey(), layers(one.getValue()), one.getValue().norms());
    }
    var all = slopes.values().stream().flatMapToDouble(one -> Arrays.stream(one.norms())).summaryStatistics();
    return plot.rangeY(Math.pow(10, Math.floor(Math.log10(all.getMin()))),
            Math.pow(10, Math.ceil(Math.log10(all.getMax()))));
}

Plot cosines(String title, Map<String, Slopes> slopes) {
    Plot plot = Plot.of(title).x("layer").y("cosine");
    for (var one : slopes.entrySet()) {
        plot = plot.line(one.getKey(), layers(one.getValue()), one.getValue().cosines());
    }
    return plot;
}

double[] layers(Slopes slopes) {
    return IntStream.rangeClosed(1, slopes.norms().length).asDoubleStream().toArray();
}

/// How the loss falls, what is right after each epoch, and the gradients after the first one.
Picture race(Map<String, List<Double>> losses, Map<String, History> histories, Map<String, Slopes> later, int steps) {
    Plot known = Plot.of("Training loss").x("epoch").y("loss");
    Plot held = Plot.of("Right on validation data").x("epoch").y("% right").rangeY(0, 70)
            .rangeX(0.9, losses.values().iterator().next().size() / (double) steps + 0.1);
    for (String name : histories.keySet()) {
        double[] shares = percent(histories.get(name).validation("accuracy"));
        double[] epochs = IntStream.rangeClosed(1, shares.length).asDoubleStream().toArray();
        known = smooth(known, name, losses.get(name), steps);
        int colour = held.series().size() / 2;
        held = held.line(name, epochs, shares).colour(colour).points("", epochs, shares).colour(colour);
    }
    return Panels.of("Four networks while they learn", 2,
            known.size(490, 340), held.size(490, 340),
            norms("Norm of the gradient after the first epoch", later).size(490, 340),
            cosines("Cosine after the first epoch", later).size(490, 340));
}

/// With seven points for each epoch.
Plot smooth(Plot plot, String name, List<Double> losses, int steps) {
    int window = Math.ceilDiv(steps, 7);
    int points = losses.size() / window;
    double[] xs = IntStream.range(0, points).mapToDouble(i -> (i + 0.5) * window / steps).toArray();
    double[] ys = IntStream.range(0, points).mapToDouble(i -> losses.subList(i * window, (i + 1) * window).stream()
            .mapToDouble(loss -> loss).average().orElseThrow()).toArray();
    return plot.line(name, xs, ys);
}

double[] percent(double[] shares) {
    return Arrays.stream(shares).map(share -> 100 * share).toArray();
}

/// What is right after each cut, and that of the whole network as a line.
Picture cuts(Map<String, double[]> cuts, Map<String, Double> whole) {
    var panels = new ArrayList<Picture>();
    for (var one : cuts.entrySet()) {
        int n = (one.getValue().length + 2) / 3;
        double[] places = removable(n).asDoubleStream().toArray();
        double right = whole.get(one.getKey());
        panels.add(Plot.of(one.getKey() + " layers").x("block that is missing").y("% right").rangeY(0, 70)
                .size(490, 260).bars("without a block", places, one.getValue())
                .line("whole", new double[] {0.5, 3 * n + 0.5}, new double[] {right, right}));
    }
    return new Panels("Right answers of networks that miss a block", 2, panels);
}

/// The first test image of each class, with the answer.
Picture answers(LabelledImages pictures, Dataset test, Trainer trainer) {
    int each = test.size() / 10;
    int[] places = IntStream.range(0, 10).map(i -> i * each).toArray();
    Tensor probabilities = trainer.predict(test.get(places).x()).softmax(1).evaluate();
    Tensor images = pictures.test().takeOfEach(each).get(places).x();
    var photos = new ArrayList<Picture>();
    for (int i = 0; i < 10; i++) {
        double[] of = probabilities.at(0, i).toDoubles();
        int answer = IntStream.range(0, 10).boxed().max(Comparator.comparing(c -> of[c])).orElseThrow();
        String text = "%s %.0f %%".formatted(pictures.classes().get(answer), 100 * of[answer]);
        photos.add(Photo.of(pictures.classes().get(i), images.at(0, i)).below(text).square(4));
    }
    return new Panels("An image of each class, and what the network says", 5, photos);
}
