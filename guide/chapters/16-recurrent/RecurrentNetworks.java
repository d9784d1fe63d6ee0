import module fathom.core;
import module fathom.data;
import module fathom.guide;
import module fathom.nn;
import fathom.nn.Module;
import fathom.nn.Parameter;

import static fathom.nn.Layers.*;

void main() {
    var lesson = Lesson.begin();

    // region data
    LabelledTexts names = DataSets.surnames().distinct().shuffle(42);
    List<LabelledTexts> parts = names.stratifiedSplit(0.85, 0.15);
    LabelledTexts train = parts.get(0).shuffle(1);
    LabelledTexts test = parts.get(1).shuffle(1);
    var letters = CharacterTokenizer.train(
            train.texts().stream().map(name -> name + " ").toList());
    int languages = names.classes().size();
    // end
    lesson.figure("names", names.size());
    lesson.figure("languages", languages);
    lesson.figure("train-names", train.size());
    lesson.figure("test-names", test.size());
    lesson.figure("letters", letters.vocabulary().size() - 2);
    int russian = names.classes().indexOf("Russian");
    lesson.figure("always-russian", 100 * share(test, i -> test.labels()[i] == russian));
    Set<String> known = Set.copyOf(train.texts());
    lesson.figure("known", 100 * share(test, i -> known.contains(test.texts().get(i))));

    // region bag
    int batch = lesson.choose(64, 512);
    var counted = Trainer.of(linear(languages))
            .seed(1)
            .loss(Loss.crossEntropy())
            .optimizer(Adam.of(0.01))
            .metrics(Metric.accuracy());
    counted.fit(
            counts(train, letters).shuffle(1).batch(batch),
            Epochs.of(lesson.choose(10, 1)));
    double bag = counted.evaluate(counts(test, letters).batch(512)).accuracy();
    // end
    lesson.figure("bag", 100 * bag);

    // region by-hand
    var cell = (Rnn) rnn(8).build(Shape.of(1, 5), RandomStream.of(1));
    Tensor steps = RandomStream.of(2).normal(Shape.of(1, 12, 5));

    Tensor w = cell.inputWeight().value();
    Tensor u = cell.recurrentWeight().value();
    Tensor b = cell.bias().value();
    Tensor state = Tensor.zeros(1, 8);
    for (int t = 0; t < 12; t++) {
        Tensor x = steps.at(1, t);
        state = x.matmul(w).add(state.matmul(u)).add(b).tanh();
    }
    Tensor byLibrary = cell.apply(steps).at(1, 11);
    // end
    lesson.figure("hand-difference", state.sub(byLibrary).abs().max().item());
    lesson.picture("unrolled", unrolled());

    // region far
    int length = 60;
    Dataset lists = lists(train, letters, length, 200);
    Map<String, double[]> reach = new LinkedHashMap<>();
    var random = reader(rnn(64), letters, languages);
    reach.put("plain", reach(random, lists));
    reach.put("plain, U times 2", reach(widened(random, 2), lists));
    reach.put("plain, U times 5", reach(widened(random, 2.5), lists));
    // end
    lesson.figure("factor-plain", factor(reach.get("plain")));
    lesson.figure("left-plain", 1e11 * left(reach.get("plain")));
    lesson.figure("factor-two", factor(reach.get("plain, U times 2")));
    lesson.figure("factor-five", factor(reach.get("plain, U times 5")));
    lesson.picture("vanishing", reachPlot("The size of the derivative in a plain layer, before training", reach));

    // region far-gated
    Map<String, double[]> gatedReach = new LinkedHashMap<>();
    var fresh = reader(lstm(64), letters, languages);
    gatedReach.put("plain", reach.get("plain"));
    gatedReach.put("GRU", reach(reader(gru(64), letters, languages), lists));
    gatedReach.put("LSTM", reach(fresh, lists));
    var open = reader(lstm(64).forgetBias(3), letters, languages);
    gatedReach.put("LSTM, forget gates open", reach(open, lists));
    // end
    lesson.figure("factor-gru", factor(gatedReach.get("GRU")));
    lesson.figure("factor-lstm", factor(gatedReach.get("LSTM")));
    lesson.figure("factor-open", factor(gatedReach.get("LSTM, forget gates open")));
    lesson.figure("left-open", 100 * left(gatedReach.get("LSTM, forget gates open")));
    lesson.figure("lstm-parameters", Modules.count(fresh.cell()));
    lesson.picture("reach", reachPlot("The size of the derivative in three kinds of layers, before training", gatedReach));

    // region memory
    int gap = lesson.choose(40, 12);
    int count = lesson.choose(6000, 300);
    int epochs = lesson.choose(8, 1);
    List<LabelledTexts> inner = train.stratifiedSplit(0.85, 0.15);
    Dataset listTrain = lists(inner.get(0), letters, gap, count);
    Dataset listTest = lists(inner.get(1), letters, gap, lesson.choose(1500, 300));
    var plain = reader(rnn(64), letters, languages);
    var gated = reader(gru(64), letters, languages);
    var lstm = reader(lstm(64).forgetBias(3), letters, languages);
    History ofPlain = learn(plain, listTrain, listTest, epochs);
    History ofGru = learn(gated, listTrain, listTest, epochs);
    History ofLstm = learn(lstm, listTrain, listTest, epochs);
    // end
    lesson.figure("list-length", gap);
    int[] listLabels = listTest.labels();
    lesson.figure("list-russian",
            100.0 * IntStream.of(listLabels).filter(l -> l == russian).count() / listLabels.length);
    lesson.figure("list-plain", 100 * last(accuracies(ofPlain)));
    lesson.figure("list-gru", 100 * last(accuracies(ofGru)));
    lesson.figure("list-lstm", 100 * last(accuracies(ofLstm)));
    lesson.figure("plain-loss", Arrays.stream(ofPlain.validation("loss")).min().orElseThrow());
    lesson.figure("label-entropy", entropy(listLabels, languages));
    lesson.picture("memory", Plot.of("Told right of lists that were not learned from")
            .x("epoch").y("share told right").rangeY(0.4, 0.8)
            .line("plain", accuracies(ofPlain))
            .line("GRU", accuracies(ofGru))
            .line("LSTM", accuracies(ofLstm)));

    // region open
    int[] shown = listTest.get(0).x().toInts();
    Tensor read = lstm.letters().apply(Tensor.of(shown, 1, gap));
    Gates gates = open((Lstm) lstm.cell(), read);
    Tensor whole = lstm.cell().apply(read).at(1, gap - 1);
    // end
    lesson.figure("gates-difference", gates.state().sub(whole).abs().max().item());
    int nameEnds = letters.decode(shown).indexOf(' ');
    int[] closed = IntStream.range(0, 64)
            .filter(cellNumber -> mean(gates.input(), cellNumber, nameEnds + 1, gap) < 0.1).toArray();
    lesson.figure("closed", closed.length);
    lesson.figure("written-in", mean(gates.written(), closed, 0, nameEnds));
    lesson.figure("written-after", mean(gates.written(), closed, nameEnds + 1, gap));
    lesson.picture("gates", Panels.of("Gates over the letters of a list", 1,
            gateHeat("The input gates of 20 cells", gates.input(), letters, shown),
            gateHeat("The forget gates of the same cells", gates.forget(), letters, shown)));

    // region train
    var model = nameReader(letters, languages, lesson.choose(64, 16), lesson.choose(128, 16));
    int all = lesson.choose(10, 1);
    int allSteps = all * Math.ceilDiv(train.size(), batch);
    var trainer = Trainer.of(model)
            .seed(1)
            .loss(Loss.crossEntropy())
            .optimizer(AdamW.of(3e-3).scheduled(Schedule.oneCycle(allSteps)))
            .metrics(Metric.accuracy());
    trainer.fit(batches(train, letters, batch).shuffle(1), Epochs.of(all));

    var matrix = ConfusionMatrix.of(languages);
    trainer.evaluate(batches(test, letters, 512),
            (prediction, asked) -> matrix.add(prediction, asked.y()));
    // end
    lesson.figure("parameters", Modules.count(model));
    lesson.figure("accuracy", 100 * matrix.accuracy());
    lesson.figure("macro-f1", matrix.macroF1());
    for (String language : List.of("Russian", "Japanese", "English", "Czech", "Scottish")) {
        String id = language.toLowerCase(Locale.ROOT);
        int i = names.classes().indexOf(language);
        lesson.figure(id, matrix.support(i));
        lesson.figure(id + "-recall", 100 * matrix.recall(i));
    }
    int scottish = names.classes().indexOf("Scottish");
    lesson.figure("scottish-english", matrix.count(scottish, names.classes().indexOf("English")));
    lesson.picture("confusion", confusion(matrix, names.classes()));

    // region letter-by-letter
    var pictures = new ArrayList<Picture>();
    for (String name : List.of("Funakoshi", "Freudenberger", "Vedensky", "Pereira")) {
        Tensor said = trainer.predict(prefixes(name, letters)).softmax(1);
        pictures.add(readingOf(name, said, names.classes()));
    }
    lesson.picture("reading", Panels.of(
            "Four names, letter by letter", 2, pictures.toArray(Picture[]::new)));
    // end

    // region backwards
    Dataset backTrain = backwards(listTrain);
    Dataset backTest = backwards(listTest);
    var turned = reader(rnn(64), letters, languages);
    History ofTurned = learn(turned, backTrain, backTest, epochs);
    // end
    lesson.figure("list-turned", 100 * last(accuracies(ofTurned)));
}

// region counts
/// How often each letter occurs in each name.
Dataset counts(LabelledTexts names, CharacterTokenizer letters) {
    float[][] counts = new float[names.size()][letters.vocabulary().size()];
    for (int i = 0; i < counts.length; i++) {
        for (int letter : letters.encode(names.texts().get(i))) {
            counts[i][letter]++;
        }
    }
    return Dataset.of(counts, names.labels());
}
// end

// region gates
/// The gates after each step, `[T][units]`, how much was written to the
/// cells, and the last state.
record Gates(
        double[][] input, double[][] forget, double[][] written, Tensor state) {}

/// An LSTM step by step, over one sequence `[1, T, in]`.
Gates open(Lstm lstm, Tensor steps) {
    int units = lstm.recurrentWeight().shape().dim(0);
    int length = steps.dim(1);
    double[][] inputs = new double[length][];
    double[][] forgets = new double[length][];
    double[][] written = new double[length][];
    Tensor h = Tensor.zeros(1, units);
    Tensor c = Tensor.zeros(1, units);
    for (int t = 0; t < length; t++) {
        Tensor z = steps.at(1, t).matmul(lstm.inputWeight().value())
                .add(h.matmul(lstm.recurrentWeight().value()))
                .add(lstm.bias().value());
        Tensor input = z.slice(1, 0, units).sigmoid();
        Tensor forget = z.slice(1, units, 2 * units).sigmoid();
        Tensor candidate = z.slice(1, 2 * units, 3 * units).tanh();
        Tensor output = z.slice(1, 3 * units, 4 * units).sigmoid();
        Tensor added = input.mul(candidate);
        c = forget.mul(c).add(added);
        h = output.mul(c.tanh());
        Tensor.evaluateAll(c, h, input, forget, added);
        inputs[t] = column(input);
        forgets[t] = column(forget);
        written[t] = column(added.abs());
    }
    return new Gates(inputs, forgets, written, h);
}

double[] column(Tensor row) {
    return row.at(0, 0).toDoubles();
}
// end

// region name-reader
/// Reads names from both ends, and classifies the two last states.
record NameReader(
        Embedding letters, Recurrent both, Dropout dropout, Linear head)
        implements Module {
    public Tensor forward(Tensor x) {
        Tensor lengths = x.greater(0).sum(1);
        var read = both.run(
                Sequences.of(letters.apply(x)).lengths(lengths));
        Tensor ends = Tensor.concat(1, read.state());
        return head.apply(dropout.apply(ends));
    }
}

NameReader nameReader(CharacterTokenizer letters, int classes, int width, int units) {
    var random = RandomStream.of(1);
    return new NameReader(
            embedding(letters.vocabulary().size(), width)
                    .build(Shape.of(1), random.split("letters")),
            gru(units).bidirectional()
                    .build(Shape.of(1, width), random.split("both")),
            new Dropout(0.4),
            linear(classes).build(Shape.of(2 * units), random.split("head")));
}
// end

// region sequence-batches
/// Batches of names of similar length, filled up with zeros.
SequenceLoader batches(LabelledTexts names, CharacterTokenizer letters, int size) {
    return names.sequences(letters::encode)
            .batch(size).bucketed(50).lengthsMultipleOf(5);
}
// end

// region prefixes
/// Each row one letter more of the name.
Tensor prefixes(String name, CharacterTokenizer letters) {
    int[] encoded = letters.encode(name);
    int n = encoded.length;
    int[] rows = new int[n * n];
    for (int i = 0; i < n; i++) {
        System.arraycopy(encoded, 0, rows, i * n, i + 1);
    }
    return Tensor.of(rows, n, n);
}
// end

// region reader
/// Letters become vectors, a recurrent layer reads them, and its last state
/// is classified.
record Reader(Embedding letters, RecurrentCell cell, Linear head)
        implements Module {
    public Tensor forward(Tensor x) {
        return read(letters.apply(x));
    }

    Tensor read(Tensor vectors) {
        return head.apply(cell.run(Sequences.of(vectors)).state().getFirst());
    }
}

Reader reader(Recurrent.Blueprint kind, CharacterTokenizer letters, int classes) {
    var random = RandomStream.of(1);
    int width = 16;
    return new Reader(
            embedding(letters.vocabulary().size(), width)
                    .initializer(Initializer.normal(0, 1))
                    .build(Shape.of(1), random.split("letters")),
            (RecurrentCell) kind.build(Shape.of(1, width), random.split("cell")),
            linear(classes).build(Shape.of(kind.units()), random.split("head")));
}
// end

// region lists
/// Lists of names, cut off after some letters, with the language of the first.
Dataset lists(LabelledTexts names, CharacterTokenizer letters, int length, int count) {
    int[] lists = new int[count * length];
    for (int i = 0; i < count; i++) {
        var text = new StringBuilder();
        for (int j = i; text.length() < length; j++) {
            text.append(names.texts().get(j % names.size())).append(' ');
        }
        int[] encoded = letters.encode(text.substring(0, length));
        System.arraycopy(encoded, 0, lists, i * length, length);
    }
    return Dataset.of(
            Tensor.of(lists, count, length),
            Tensor.of(Arrays.copyOf(names.labels(), count), count));
}
// end

// region reach
/// How large the derivatives of the loss are with respect to each step's input.
double[] reach(Reader reader, Dataset lists) {
    Batch all = lists.all();
    Tensor vectors = reader.letters().apply(all.x());
    Tensor loss = Loss.crossEntropy(reader.read(vectors), all.y());
    Tensor slopes = Gradients.of(loss, vectors).cast(DType.F64);
    return slopes.square().mean(0, 2).sqrt().toDoubles();
}
// end

// region widened
/// The same reader with a recurrent weight that is larger by a factor.
Reader widened(Reader reader, double factor) {
    Parameter u = reader.cell().recurrentWeight();
    u.set(u.value().mul(factor).evaluate());
    return reader;
}
// end

// region learn
/// Trains a reader, and measures after each epoch.
History learn(Reader reader, Dataset train, Dataset test, int epochs) {
    return Trainer.of(reader)
            .seed(1)
            .loss(Loss.crossEntropy())
            .optimizer(Adam.of(3e-3))
            .clipNorm(1)
            .metrics(Metric.accuracy())
            .validation(test.batch(500))
            .fit(train.shuffle(1).batch(64), Epochs.of(epochs));
}
// end

// region backwards-method
/// The same lists with their letters in the opposite order.
Dataset backwards(Dataset lists) {
    Batch all = lists.all();
    return Dataset.of(all.x().flip(1), all.y());
}
// end

double[] accuracies(History history) {
    return history.validation("accuracy");
}

double last(double[] values) {
    return values[values.length - 1];
}

/// Of how often each class occurs.
double entropy(int[] labels, int classes) {
    double entropy = 0;
    for (int k = 0; k < classes; k++) {
        int label = k;
        double q = IntStream.of(labels).filter(l -> l == label).count() / (double) labels.length;
        entropy -= q == 0 ? 0 : q * Math.log(q);
    }
    return entropy;
}

double share(LabelledTexts texts, IntPredicate which) {
    return IntStream.range(0, texts.size()).filter(which).count() / (double) texts.size();
}

/// What is left of the derivative 40 steps further back.
double left(double[] sizes) {
    return sizes[sizes.length - 41] / sizes[sizes.length - 1];
}

/// By which factor the derivatives change for each of these steps.
double factor(double[] sizes) {
    return Math.pow(left(sizes), 1 / 40.0);
}

Plot reachPlot(String title, Map<String, double[]> reach) {
    Plot plot = Plot.of(title).x("steps before the end").logY();
    for (var one : reach.entrySet()) {
        double[] sizes = one.getValue();
        double[] back = IntStream.range(0, sizes.length).mapToDouble(i -> sizes.length - 1 - i).toArray();
        plot = plot.line(one.getKey(), back, sizes);
    }
    return plot;
}

/// How likely three languages seem after each letter.
Plot readingOf(String name, Tensor said, List<String> languages) {
    int n = name.length();
    int[] likeliest = said.max(0).topK(3, 0).indices().toInts();
    Plot plot = Plot.of(name).size(440, 300).x("letters read").y("probability")
            .rangeX(0.5, n + 0.5).rangeY(0, 1.12);
    for (int language : likeliest) {
        double[] values = said.at(1, language).toDoubles();
        plot = plot.line(languages.get(language), values);
    }
    for (int i = 0; i < n; i++) {
        plot = plot.note(i + 0.8, 0.99, name.substring(i, i + 1));
    }
    return plot;
}

/// A row for each language: what its names were taken for, in percent.
Heat confusion(ConfusionMatrix matrix, List<String> languages) {
    int n = languages.size();
    double[][] shares = new double[n][n];
    for (int i = 0; i < n; i++) {
        for (int j = 0; j < n; j++) {
            shares[i][j] = 100.0 * matrix.count(i, j) / matrix.support(i);
        }
    }
    List<String> three = languages.stream().map(language -> language.substring(0, 3)).toList();
    return Heat.of("What the names of each language were taken for, in percent", shares)
            .names(languages, three).numbers(0).square(32);
}

/// The same cell once for each letter of a name.
Picture unrolled() {
    var diagram = Diagram.of("One layer, unrolled over the letters of a name");
    String name = "Sato";
    diagram = diagram.box("h0", 0, 1, 3, "h0", "zeros");
    for (int t = 1; t <= name.length(); t++) {
        diagram = diagram.box("x" + t, t, 2.4, 0, name.substring(t - 1, t), "x" + t)
                .box("h" + t, t, 1, 1, "h" + t, "tanh");
        diagram = diagram.arrow("x" + t, "h" + t, "W").arrow("h" + (t - 1), "h" + t, "U");
    }
    return diagram.box("y", name.length(), 0, 2, "Japanese?").arrow("h" + name.length(), "y", "");
}

/// The mean of one cell's gate over some steps.
double mean(double[][] gates, int cell, int from, int to) {
    return IntStream.range(from, to).mapToDouble(t -> gates[t][cell]).average().orElseThrow();
}

double mean(double[][] gates, int[] cells, int from, int to) {
    return IntStream.of(cells).mapToDouble(cell -> mean(gates, cell, from, to)).average().orElse(0);
}

/// A column for each letter, a row for each of the first cells.
Heat gateHeat(String title, double[][] gates, CharacterTokenizer letters, int[] shown) {
    double[][] rows = new double[20][gates.length];
    for (int t = 0; t < gates.length; t++) {
        for (int i = 0; i < rows.length; i++) {
            rows[i][t] = gates[t][i];
        }
    }
    List<String> names = IntStream.of(shown).mapToObj(letters.vocabulary()::token).toList();
    return Heat.of(title, rows).names(List.of(), names);
}
