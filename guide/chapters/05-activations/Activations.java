import module fathom.core;
import module fathom.data;
import module fathom.guide;
import module fathom.nn;

import static fathom.nn.Layers.*;

void main() {
    var lesson = Lesson.begin();

    // region data
    Mnist mnist = Mnist.load();
    var seen = mnist.train().take(lesson.choose(10_000, 1_000));
    var unseen = mnist.test().take(lesson.choose(10_000, 1_000));
    Dataset train = seen.standardise().oneHot(10).cache();
    Dataset test = unseen.standardise(seen.statistics()).oneHot(10).cache();
    // end
    lesson.figure("train-images", train.size());
    lesson.figure("test-images", test.size());

    // region straight
    int epochs = lesson.choose(5, 2);
    var straight = trainer(Adam.of(1e-3), Sequential.of(
            flatten(), linear(100), linear(100), linear(100), linear(10)));
    straight.fit(train.shuffle(7).batch(100), Epochs.of(epochs));
    double straightShare = straight.evaluate(test.batch(500)).accuracy();
    // end
    lesson.figure("straight-share", 100 * straightShare);

    // region collapse
    var parameters = Modules.parameters(straight.model());
    Tensor weight = Tensor.eye(784);
    Tensor bias = Tensor.zeros(1, 784);
    for (int layer = 1; layer <= 4; layer++) {
        Tensor next = parameters.get(layer + ".weight").value();
        weight = weight.matmul(next);
        bias = bias.matmul(next).add(parameters.get(layer + ".bias").value());
    }
    Tensor images = test.all().x();
    Tensor byOne = images.flatten(1).matmul(weight).add(bias);
    Tensor apart = byOne.sub(straight.predict(images)).abs().max();
    // end
    lesson.figure("collapse-difference", apart.item());
    lesson.figure("four-layers", Modules.count(straight.model()));
    lesson.figure("one-layer", weight.size() + bias.size());

    // region bent
    var bent = trainer(Adam.of(1e-3), Sequential.of(
            flatten(),
            linear(100), relu(),
            linear(100), relu(),
            linear(100), relu(),
            linear(10)));
    bent.fit(train.shuffle(7).batch(100), Epochs.of(epochs));
    double bentShare = bent.evaluate(test.batch(500)).accuracy();
    // end
    lesson.figure("bent-share", 100 * bentShare);

    // region slopes
    Tensor places = Tensor.linspace(-5, 5, 201);
    var bends = List.of(
            sigmoid(), tanh(), relu(), leakyRelu(0.1), gelu(), silu());
    for (Activation bend : bends) {
        Tensor values = bend.apply(places);
        Tensor slopes = Gradients.of(values.sum(), places);
        IO.println(bend + ": lowest " + values.min().item()
                + ", steepest " + slopes.max().item());
    }
    // end
    lesson.picture("bends", Panels.of("Six activation functions and their derivatives", 2,
            bends.stream().map(bend -> drawn(bend, places)).toArray(Picture[]::new)));
    lesson.figure("sigmoid-steepest", slopes(sigmoid(), places).max().item());
    lesson.figure("sigmoid-slope-at-five", slopes(sigmoid(), Tensor.of(5)).item());
    lesson.figure("sigmoid-chain", Math.pow(0.25, 20) * 1e13);
    lesson.figure("tanh-steepest", slopes(tanh(), places).max().item());
    lesson.figure("tanh-slope-at-five", slopes(tanh(), Tensor.of(5)).item());
    lesson.figure("gelu-lowest", gelu().apply(places).min().item());
    lesson.figure("silu-lowest", silu().apply(places).min().item());
    lesson.figure("gelu-steepest", slopes(gelu(), places).max().item());

    // region rates
    double[] rates = {0.001, 0.003, 0.01, 0.03};
    double[] deadNeurons = new double[rates.length];
    double[] reluShares = new double[rates.length];
    double[] leakyShares = new double[rates.length];
    for (int i = 0; i < rates.length; i++) {
        var rectified = trainer(Adam.of(rates[i]), Sequential.of(
                flatten(), linear(200), relu(), linear(200), relu(), linear(10)));
        rectified.fit(train.shuffle(7).batch(100), Epochs.of(epochs));
        deadNeurons[i] = dead(rectified.model(), train);
        reluShares[i] = 100 * rectified.evaluate(test.batch(500)).accuracy();

        var leaky = trainer(Adam.of(rates[i]), Sequential.of(
                flatten(),
                linear(200), leakyRelu(),
                linear(200), leakyRelu(),
                linear(10)));
        leaky.fit(train.shuffle(7).batch(100), Epochs.of(epochs));
        leakyShares[i] = 100 * leaky.evaluate(test.batch(500)).accuracy();
    }
    // end
    var fresh = trainer(Adam.of(1), Sequential.of(
            flatten(), linear(200), relu(), linear(200), relu(), linear(10)));
    lesson.figure("dead-at-first", dead(fresh.build(train.inputShape()).model(), train));
    String[] names = {"slowest", "slow", "fast", "fastest"};
    for (int i = 0; i < rates.length; i++) {
        lesson.figure("dead-" + names[i], deadNeurons[i]);
        lesson.figure("relu-" + names[i], reluShares[i]);
        lesson.figure("leaky-" + names[i], leakyShares[i]);
    }
    lesson.picture("dead", Panels.of("Dead neurons and right answers over the learning rate", 2,
            Plot.of("Dead among 400 ReLUs").x("learning rate").y("neurons").size(420, 360)
                    .logX().rangeX(0.0009, 0.034).rangeY(0, 420).line("", rates, deadNeurons).points("", rates, deadNeurons).colour(0),
            Plot.of("Right answers").x("learning rate").y("% of the test images").size(420, 360)
                    .logX().rangeX(0.0009, 0.034).rangeY(0, 100).line("ReLU", rates, reluShares).line("leaky ReLU", rates, leakyShares)));

    // region starts
    var small = Initializer.normal(0, 0.02);
    var large = Initializer.normal(0, 0.5);
    var glorot = Initializer.glorotNormal();
    var he = Initializer.heNormal();
    Batch some = train.take(500).all();
    Pass tanhSmall = pass(deep(small, tanh()), some);
    Pass tanhLarge = pass(deep(large, tanh()), some);
    Pass tanhGlorot = pass(deep(glorot, tanh()), some);
    // end
    lesson.figure("tanh-small-last", tanhSmall.sizes()[19] * 1e14);
    lesson.figure("tanh-small-factor", Math.pow(tanhSmall.sizes()[19] / tanhSmall.sizes()[0], 1 / 19.0));
    lesson.figure("tanh-small-first-slope", tanhSmall.slopes()[0] * 1e19);
    lesson.figure("tanh-large-last", tanhLarge.sizes()[19]);
    lesson.figure("tanh-large-ends", 100 * atTheEnds(tanhLarge.signals().get(19)));
    lesson.figure("tanh-glorot-ends", 100 * atTheEnds(tanhGlorot.signals().get(19)));
    lesson.figure("tanh-large-slopes", tanhLarge.slopes()[0] / tanhLarge.slopes()[19]);
    lesson.figure("tanh-glorot-first", tanhGlorot.sizes()[0]);
    lesson.figure("tanh-glorot-last", tanhGlorot.sizes()[19]);
    lesson.figure("tanh-glorot-slopes", tanhGlorot.slopes()[0] / tanhGlorot.slopes()[19]);
    lesson.picture("tanh", byLayer("20 layers with tanh",
            List.of("too small", "too large", "Glorot"), tanhSmall, tanhLarge, tanhGlorot));
    lesson.picture("histograms", histograms(tanhSmall, tanhLarge, tanhGlorot));

    // region rectified
    Pass reluSmall = pass(deep(small, relu()), some);
    Pass reluLarge = pass(deep(large, relu()), some);
    Pass reluGlorot = pass(deep(glorot, relu()), some);
    Pass reluHe = pass(deep(he, relu()), some);
    // end
    lesson.figure("relu-glorot-factor", Math.pow(reluGlorot.sizes()[19] / reluGlorot.sizes()[0], 1 / 19.0));
    lesson.figure("relu-glorot-last", reluGlorot.sizes()[19] * 1e4);
    lesson.figure("relu-he-first", reluHe.sizes()[0]);
    lesson.figure("relu-he-last", reluHe.sizes()[19]);
    lesson.figure("relu-large-last", reluLarge.sizes()[19] / 1e11);
    lesson.picture("relu", byLayer("20 layers with ReLU",
            List.of("too small", "too large", "Glorot", "He"), reluSmall, reluLarge, reluGlorot, reluHe));

    // region race
    int rounds = lesson.choose(8, 2);
    var starts = new LinkedHashMap<String, Initializer>();
    starts.put("too small", small);
    starts.put("Glorot", glorot);
    starts.put("He", he);
    var shares = new LinkedHashMap<String, double[]>();
    starts.forEach((name, start) -> {
        var history = trainer(Sgd.of(0.1), deep(start, relu()))
                .validation(test.batch(500))
                .fit(train.shuffle(7).batch(20), Epochs.of(rounds));
        shares.put(name, history.validation("accuracy"));
    });
    // end
    lesson.figure("race-small", 100 * shares.get("too small")[rounds - 1]);
    lesson.figure("race-glorot-first", 100 * shares.get("Glorot")[0]);
    lesson.figure("race-glorot", 100 * shares.get("Glorot")[rounds - 1]);
    lesson.figure("race-he-first", 100 * shares.get("He")[0]);
    lesson.figure("race-he", 100 * shares.get("He")[rounds - 1]);
    lesson.picture("race", race(shares));

    // region explodes
    long lastStep = 0;
    try {
        trainer(Sgd.of(0.1), deep(large, relu()))
                .fit(train.shuffle(7).batch(20), Epochs.of(1));
    } catch (DivergedException e) {
        lastStep = e.step();
        IO.println(e.getMessage());
    }
    // end
    lesson.figure("exploded-at-step", lastStep);

    // region with-adam
    var withAdam = new ArrayList<Double>();
    for (var start : List.of(small, glorot)) {
        var network = trainer(Adam.of(1e-3), deep(start, relu()));
        network.fit(train.shuffle(7).batch(20), Epochs.of(rounds));
        withAdam.add(network.evaluate(test.batch(500)).accuracy());
    }
    // end
    lesson.figure("adam-small", 100 * withAdam.get(0));
    lesson.figure("adam-glorot", 100 * withAdam.get(1));

    // What the solutions of the exercises say.
    var zeros = trainer(Adam.of(1e-3), Sequential.of(
            flatten(), linear(100).initializer(Initializer.zeros()), relu(),
            linear(10).initializer(Initializer.zeros())));
    zeros.fit(train.shuffle(7).batch(100), Epochs.of(epochs));
    lesson.figure("zeros-share", 100 * zeros.evaluate(test.batch(500)).accuracy());
    lesson.figure("zeros-largest", Modules.parameters(zeros.model()).get("1.weight").value().abs().max().item());
    Pass sigmoidGlorot = pass(deep(glorot, sigmoid()), some);
    lesson.figure("sigmoid-glorot-slopes", sigmoidGlorot.slopes()[0] / sigmoidGlorot.slopes()[19] * 1e12);
    Pass geluHe = pass(deep(he, gelu()), some);
    lesson.figure("gelu-he-last", geluHe.sizes()[19]);
    lesson.figure("glorot-deviation", Math.sqrt(2.0 / (784 + 100)));
    lesson.figure("he-deviation", Math.sqrt(2.0 / 784));
    lesson.figure("quarter-chain", Math.pow(0.25, 19) * 1e12);
}

// region trainer
Trainer trainer(UpdateRule rule, Layer network) {
    return Trainer.of(network)
            .seed(1)
            .loss(Loss.meanSquaredError())
            .optimizer(rule)
            .metrics(Metric.accuracy());
}
// end

// region dead
/// Counts the neurons that are 0 for every image.
int dead(fathom.nn.Module network, Dataset images) {
    int dead = 0;
    Tensor signal = images.all().x();
    for (var module : ((Chain) network).modules()) {
        signal = module.apply(signal);
        if (module instanceof Activation) {
            Tensor largest = signal.max(0);
            dead += (int) largest.equal(0).sum().item();
        }
    }
    return dead;
}
// end

// region deep
/// 20 layers of 100 neurons, and ten neurons that answer.
Sequential deep(Initializer start, Activation bend) {
    var layers = new ArrayList<Layer>();
    layers.add(flatten());
    for (int i = 0; i < 20; i++) {
        layers.add(linear(100).initializer(start));
        layers.add(bend);
    }
    layers.add(linear(10).initializer(start));
    return new Sequential(layers);
}
// end

// region pass
/// What comes out of each of the 20 layers, how large it typically is, and
/// how large the derivatives of the loss with respect to it are.
record Pass(List<Tensor> signals, double[] sizes, double[] slopes) {}

Pass pass(Sequential layers, Batch images) {
    Chain network = layers.build(Shape.of(28, 28, 1), RandomStream.of(1));
    var signals = new ArrayList<Tensor>();
    Tensor signal = images.x();
    for (var module : network.modules()) {
        signal = module.apply(signal);
        if (module instanceof Activation) {
            signals.add(signal);
        }
    }
    Tensor loss = Loss.meanSquaredError(signal, images.y());
    var slopes = Gradients.of(loss, signals);
    return new Pass(signals, sizes(signals), sizes(slopes));
}

double[] sizes(List<Tensor> tensors) {
    return tensors.stream()
            .map(tensor -> tensor.cast(DType.F64).square().mean().sqrt())
            .mapToDouble(Tensor::item)
            .toArray();
}
// end

Tensor slopes(Activation bend, Tensor places) {
    return Gradients.of(bend.apply(places).sum(), places);
}

/// The part of values that lie beyond 0.99 on either side.
double atTheEnds(Tensor values) {
    return values.abs().greater(0.99).mean().item();
}

Picture drawn(Activation bend, Tensor places) {
    return Plot.of(bend.toString()).size(400, 250).rangeX(-5, 5).rangeY(-1.1, 2.2)
            .line("the function", places.toDoubles(), bend.apply(places).toDoubles())
            .line("its derivative", places.toDoubles(), slopes(bend, places).toDoubles());
}

/// Sizes of signals and of derivatives over the layers.
Picture byLayer(String title, List<String> names, Pass... passes) {
    var forwards = Plot.of("Forwards: typical size of the signal").x("layer").y("size").logY().size(440, 380);
    var backwards = Plot.of("Backwards: typical size of the derivative").x("layer").y("size").logY().size(440, 380);
    for (int i = 0; i < passes.length; i++) {
        forwards = forwards.line(names.get(i), passes[i].sizes());
        backwards = backwards.line(names.get(i), passes[i].slopes());
    }
    return Panels.of(title, 2, forwards, backwards);
}

/// How the values of a layer are spread, layer by layer.
Picture histograms(Pass small, Pass large, Pass glorot) {
    var frames = new ArrayList<Picture>();
    for (int layer : new int[] {1, 2, 3, 4, 6, 8, 12, 16, 20}) {
        frames.add(Panels.of("layer " + layer, 3,
                histogram("layer " + layer + ": too small", small.signals().get(layer - 1)),
                histogram("layer " + layer + ": too large", large.signals().get(layer - 1)),
                histogram("layer " + layer + ": Glorot", glorot.signals().get(layer - 1))));
    }
    return Animation.of("The values of a layer with tanh, from the first layer to the last", 1.2, frames);
}

Plot histogram(String title, Tensor signal) {
    double[] middles = new double[21];
    double[] counts = new double[21];
    for (int i = 0; i < middles.length; i++) {
        middles[i] = (i - 10) / 10.0;
    }
    double[] values = signal.flatten(0).toDoubles();
    for (double value : values) {
        counts[(int) Math.round(value * 10) + 10] += 100.0 / values.length;
    }
    return Plot.of(title).x("value").y("% of the values").size(300, 300).rangeY(0, 100)
            .bars("", middles, counts);
}

Picture race(Map<String, double[]> shares) {
    var plot = Plot.of("Right answers of a network of 20 layers, by how it started")
            .x("epoch").y("% of the test images").rangeY(0, 100);
    for (var share : shares.entrySet()) {
        plot = plot.line(share.getKey(), Arrays.stream(share.getValue()).map(v -> 100 * v).toArray());
    }
    return plot;
}
