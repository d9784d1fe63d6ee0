import module fathom.core;
import module fathom.data;
import module fathom.guide;
import module fathom.nn;

import fathom.nn.Module;
import fathom.nn.Parameter;

import static fathom.nn.Layers.*;

void main() {
    var lesson = Lesson.begin();
    double[] shares = lesson.isQuick()
            ? new double[] {0.1, 0.04, 0.04, 0.82}
            : new double[] {0.8, 0.1, 0.1};

    // region data
    LabelledTexts reviews = DownloadedSets.standard().moviePolarity();
    var parts = reviews.distinct().shuffle(17).stratifiedSplit(shares);
    LabelledTexts train = parts.get(0);
    LabelledTexts validation = parts.get(1);
    LabelledTexts test = parts.get(2);
    // end
    lesson.figure("reviews", reviews.size());
    lesson.figure("train-texts", train.size());
    lesson.figure("validation-texts", validation.size());
    lesson.figure("test-texts", test.size());

    // region words
    var tokenizer = WordTokenizer.train(train.texts(), 2, 30_000, true);
    int words = tokenizer.vocabulary().size();
    // end
    lesson.figure("words", words);
    lesson.figure("longest", reviews.texts().stream()
            .mapToInt(text -> tokenizer.encode(text).length).max().orElseThrow());
    lesson.figure("unknown", 100 * unknown(tokenizer, test));

    // region counted
    double[] evidence = evidence(train, tokenizer);
    Tensor forGood = Tensor.of(evidence).cast(DType.F32);
    Tensor forBad = forGood.neg();
    var counted = new Bag(new Embedding(
            Parameter.of(Tensor.stack(1, forBad, forGood).div(2))));
    // end
    double byCounting = accuracy(counted, tokenizer, test);
    lesson.figure("counted-validation", 100 * accuracy(counted, tokenizer, validation));
    lesson.figure("counted", 100 * byCounting);
    lesson.figure("spread", 196 * Math.sqrt(byCounting * (1 - byCounting) / test.size()));
    lesson.picture("evidence", strongest(tokenizer, evidence));

    // region batches
    SequenceLoader batches = train.sequences(text -> ids(tokenizer, text))
            .batch(64).shuffle(1).bucketed(50).lengthsMultipleOf(8);
    SequenceLoader heldOut = loader(tokenizer, validation);
    int epochs = lesson.choose(12, 1);
    // end

    // region learned
    var bag = train(Bag.build(words), 3e-3, batches, heldOut, epochs);
    // end
    lesson.figure("bag-validation", 100 * accuracy(bag.model(), tokenizer, validation));
    lesson.figure("bag", 100 * accuracy(bag.model(), tokenizer, test));
    lesson.figure("bag-seen", 100 * accuracy(bag.model(), tokenizer, train));
    lesson.figure("bag-weights", Modules.count(bag.model()));

    // region cnn
    int width = lesson.choose(128, 16);
    var windows = Sequential.of(
            embedding(words, width).padding(0)
                    .initializer(Initializer.normal(0, 0.1)),
            dropout(0.5),
            concat(
                    Sequential.of(conv1d(100, 2), relu(), globalMaxPool1d()),
                    Sequential.of(conv1d(100, 3), relu(), globalMaxPool1d()),
                    Sequential.of(conv1d(100, 4), relu(), globalMaxPool1d())),
            dropout(0.5), linear(2));
    var cnn = train(windows.build(Shape.of(64), RandomStream.of(2)),
            1e-3, batches, heldOut, epochs);
    // end
    lesson.figure("cnn-validation", 100 * accuracy(cnn.model(), tokenizer, validation));
    lesson.figure("cnn", 100 * accuracy(cnn.model(), tokenizer, test));
    lesson.figure("cnn-seen", 100 * accuracy(cnn.model(), tokenizer, train));
    lesson.figure("width", width);
    lesson.figure("cnn-weights", Modules.count(cnn.model()));
    lesson.picture("windows", found((Chain) cnn.model(), tokenizer, test));

    // region lstm
    var lstm = train(Reader.build(words, width, lesson.choose(64, 8)),
            1e-3, batches, heldOut, epochs);
    // end
    lesson.figure("lstm-validation", 100 * accuracy(lstm.model(), tokenizer, validation));
    lesson.figure("lstm", 100 * accuracy(lstm.model(), tokenizer, test));
    lesson.figure("lstm-weights", Modules.count(lstm.model()));

    // region transformer
    var transformer = train(Attentive.build(words, lesson.choose(64, 16)),
            1e-3, batches, heldOut, epochs);
    // end
    lesson.figure("transformer-validation", 100 * accuracy(transformer.model(), tokenizer, validation));
    lesson.figure("transformer", 100 * accuracy(transformer.model(), tokenizer, test));
    lesson.figure("transformer-weights", Modules.count(transformer.model()));

    // region mixed
    LabelledTexts mixed = mixed(test, 5);
    double inDisorder = accuracy(lstm.model(), tokenizer, mixed);
    // end
    lesson.figure("counted-mixed", 100 * accuracy(counted, tokenizer, mixed));
    lesson.figure("cnn-mixed", 100 * accuracy(cnn.model(), tokenizer, mixed));
    lesson.figure("lstm-mixed", 100 * inDisorder);
    lesson.figure("transformer-mixed", 100 * accuracy(transformer.model(), tokenizer, mixed));

    // region together
    Tensor byWords = logits(counted, tokenizer, test).softmax(1);
    Tensor byReader = logits(lstm.model(), tokenizer, test).softmax(1);
    Tensor labels = Tensor.of(test.labels());
    Tensor wordsRight = byWords.argmax(1).equal(labels);
    Tensor readerRight = byReader.argmax(1).equal(labels);
    double onlyWords = wordsRight.and(readerRight.not()).sum().item();
    double onlyReader = readerRight.and(wordsRight.not()).sum().item();
    Tensor together = byWords.add(byReader).argmax(1);
    double share = together.equal(labels).mean().item();
    // end
    lesson.figure("only-words", onlyWords);
    lesson.figure("only-reader", onlyReader);
    lesson.figure("disagree", onlyWords + onlyReader);
    lesson.figure("half", (onlyWords + onlyReader) / 2);
    lesson.figure("coin", Math.sqrt(onlyWords + onlyReader) / 2);
    lesson.figure("together", 100 * share);
    lesson.picture("courses", courses(bag.history(), cnn.history(), lstm.history(), transformer.history()));
}

// region ids
/// The words of a text as numbers, and four empty places at the end.
int[] ids(WordTokenizer tokenizer, String text) {
    int[] words = tokenizer.encode(text);
    return Arrays.copyOf(words, words.length + 4);
}
// end

SequenceLoader loader(WordTokenizer tokenizer, LabelledTexts texts) {
    return texts.sequences(text -> ids(tokenizer, text)).batch(128).lengthsMultipleOf(16);
}

// region evidence
/// How much each word speaks for a good review: the logarithm of how many
/// times more often it stands in good ones than in bad ones.
double[] evidence(LabelledTexts texts, WordTokenizer tokenizer) {
    int words = tokenizer.vocabulary().size();
    double[][] counts = new double[2][words];
    for (double[] ofClass : counts) {
        Arrays.fill(ofClass, 1);
    }
    for (int i = 0; i < texts.size(); i++) {
        for (int word : tokenizer.encode(texts.texts().get(i))) {
            counts[texts.labels()[i]][word]++;
        }
    }
    double bad = Arrays.stream(counts[0]).sum();
    double good = Arrays.stream(counts[1]).sum();
    double[] evidence = new double[words];
    for (int word = 1; word < words; word++) {
        evidence[word] = Math.log(counts[1][word] / good)
                - Math.log(counts[0][word] / bad);
    }
    return evidence;
}
// end

// region bag
/// Adds up what each word says for itself.
record Bag(Embedding evidence) implements Module {
    static Bag build(int words) {
        return new Bag(embedding(words, 2).padding(0)
                .initializer(Initializer.zeros())
                .build(Shape.of(1), RandomStream.of(1)));
    }

    /// From the numbers of words `[N, T]` to logits `[N, 2]`.
    @Override
    public Tensor forward(Tensor x) {
        return evidence.apply(x).sum(1);
    }
}
// end

// region reader
/// Reads a text forwards and backwards with an LSTM.
record Reader(
        Embedding words, Dropout dropout, Recurrent reader, Linear head)
        implements Module {
    static Reader build(int words, int width, int units) {
        var random = RandomStream.of(3);
        Shape sequence = Shape.of(64, width);
        return new Reader(
                embedding(words, width).padding(0)
                        .initializer(Initializer.normal(0, 0.1))
                        .build(Shape.of(64), random.split("words")),
                new Dropout(0.5),
                lstm(units).bidirectional()
                        .build(sequence, random.split("reader")),
                linear(2).build(Shape.of(2 * units), random.split("head")));
    }

    @Override
    public Tensor forward(Tensor x) {
        Tensor isWord = x.greater(0);
        Tensor vectors = dropout.apply(words.apply(x));
        Tensor states = reader.run(Sequences.of(vectors)
                .lengths(isWord.sum(1))).outputs();
        Tensor empty = isWord.not().cast(DType.F32).unsqueeze(2);
        Tensor most = states.sub(empty.mul(10)).max(1);
        return head.apply(dropout.apply(most));
    }
}
// end

// region attentive
/// One layer of a transformer, and the mean of what it makes of the words.
record Attentive(
        Embedding words, Dropout dropout, LearnedPositions positions,
        TransformerEncoderLayer layer, LayerNorm norm, Linear head)
        implements Module {
    static Attentive build(int words, int width) {
        var random = RandomStream.of(4);
        Shape sequence = Shape.of(80, width);
        return new Attentive(
                embedding(words, width).padding(0)
                        .initializer(Initializer.normal(0, 0.1))
                        .build(Shape.of(80), random.split("words")),
                new Dropout(0.5),
                learnedPositions(80).build(sequence, random.split("positions")),
                transformerEncoderLayer(4, 2 * width).preNorm()
                        .build(sequence, random.split("layer")),
                layerNorm().build(sequence, random),
                linear(2).build(Shape.of(width), random.split("head")));
    }

    @Override
    public Tensor forward(Tensor x) {
        Tensor isWord = x.greater(0);
        Tensor count = isWord.sum(1);
        var mask = AttentionMask.none().lengths(count, x.dim(1));
        Tensor vectors = positions.apply(dropout.apply(words.apply(x)));
        Tensor seen = norm.apply(layer.apply(vectors, mask));
        Tensor ofWords = seen.mul(isWord.cast(DType.F32).unsqueeze(2));
        return head.apply(ofWords.sum(1)
                .div(count.cast(DType.F32).unsqueeze(1)));
    }
}
// end

// region train
record Trained(Module model, History history) {}

/// Trains until three epochs bring nothing new for the validation texts,
/// and keeps the weights of the best epoch.
Trained train(Module model, double learningRate, SequenceLoader batches,
        SequenceLoader validation, int epochs) {
    History history = Trainer.of(model)
            .seed(1)
            .loss(Loss.crossEntropy())
            .optimizer(AdamW.of(learningRate))
            .clipNorm(1)
            .metrics(Metric.accuracy())
            .validation(validation)
            .earlyStopping(EarlyStopping.onValidation("accuracy", 3)
                    .restoringBest())
            .fit(batches, Epochs.of(epochs));
    return new Trained(model, history);
}
// end

// region accuracy
/// What a model says of texts, in their order: logits `[N, 2]`.
Tensor logits(Module model, WordTokenizer tokenizer, LabelledTexts texts) {
    var answers = new ArrayList<Tensor>();
    for (Batch batch : loader(tokenizer, texts)) {
        answers.add(model.apply(batch.x()));
    }
    return Tensor.concat(0, answers).evaluate();
}

/// The share of texts of which it says the right thing.
double accuracy(Module model, WordTokenizer tokenizer, LabelledTexts texts) {
    Tensor said = logits(model, tokenizer, texts).argmax(1);
    return said.equal(Tensor.of(texts.labels())).mean().item();
}
// end

// region mix
/// The same texts with the words of each in a random order.
LabelledTexts mixed(LabelledTexts texts, long seed) {
    var random = new Random(seed);
    var mixed = texts.texts().stream()
            .map(text -> {
                List<String> words = new ArrayList<>(List.of(text.split(" ")));
                Collections.shuffle(words, random);
                return String.join(" ", words);
            })
            .toList();
    return new LabelledTexts(mixed, texts.labels(), texts.classes());
}
// end

/// The share of words that the vocabulary has not.
double unknown(WordTokenizer tokenizer, LabelledTexts texts) {
    return texts.texts().stream()
            .flatMapToInt(text -> Arrays.stream(tokenizer.encode(text)))
            .map(id -> id == 1 ? 1 : 0)
            .average().orElseThrow();
}

/// The words that say most for either side.
Picture strongest(WordTokenizer tokenizer, double[] evidence) {
    Integer[] order = IntStream.range(0, evidence.length).boxed().toArray(Integer[]::new);
    Arrays.sort(order, Comparator.comparingDouble(word -> -evidence[word]));
    int count = 14;
    var good = Arrays.asList(order).subList(0, count);
    var bad = Arrays.asList(order).subList(order.length - count, order.length).reversed();
    return Panels.of("Words that say most", 2,
            column("for a good review", good, tokenizer, evidence),
            column("for a bad review", bad, tokenizer, evidence));
}

Picture column(String title, List<Integer> ids, WordTokenizer tokenizer, double[] evidence) {
    return Heat.of(title, ids.stream().map(id -> new double[] {evidence[id]}).toArray(double[][]::new))
            .names(ids.stream().map(id -> tokenizer.vocabulary().token(id)).toList(), List.of(""))
            .numbers(1).square(30);
}

/// The three words at which some filters answer most strongly.
Picture found(Chain model, WordTokenizer tokenizer, LabelledTexts texts) {
    Embedding words = (Embedding) model.modules().get(0);
    Chain triples = new Chain(((Chain) ((Concat) model.modules().get(2)).branches().get(1)).modules().subList(0, 2));
    Tensor decision = ((Linear) model.modules().get(4)).weight().value();
    double[] forGood = decision.at(1, 1).sub(decision.at(1, 0)).slice(0, 100, 200).toDoubles();
    Integer[] filters = IntStream.range(0, 100).boxed().toArray(Integer[]::new);
    Arrays.sort(filters, Comparator.comparingDouble(f -> -forGood[f]));
    List<Picture> pictures = new ArrayList<>();
    for (int filter : List.of(filters[0], filters[1], filters[98], filters[99])) {
        TreeMap<Double, String> best = new TreeMap<>(Comparator.reverseOrder());
        for (String text : texts.texts()) {
            int[] ids = ids(tokenizer, text);
            double[] answers = triples.apply(words.apply(Tensor.of(ids, 1, ids.length))).at(2, filter).toDoubles();
            for (int i = 0; i + 3 < ids.length - 3; i++) {
                best.put(answers[i], tokenizer.decode(ids[i], ids[i + 1], ids[i + 2]));
            }
        }
        var top = best.entrySet().stream().limit(5).toList();
        String title = forGood[filter] > 0 ? "speaks for a good review" : "speaks for a bad review";
        pictures.add(Heat.of(title, top.stream().map(e -> new double[] {e.getKey()}).toArray(double[][]::new))
                .names(top.stream().map(Map.Entry::getValue).toList(), List.of(""))
                .numbers(1).square(30));
    }
    return new Panels("What four filters look for", 2, pictures);
}

/// Right answers on training and validation texts after each epoch.
Picture courses(History bag, History cnn, History lstm, History transformer) {
    return Panels.of("Right answers, epoch by epoch", 2,
            course("one number for each word", bag), course("convolution", cnn),
            course("LSTM", lstm), course("transformer", transformer));
}

Picture course(String title, History history) {
    double[] seen = Arrays.stream(history.training("accuracy")).map(a -> 100 * a).toArray();
    double[] heldOut = Arrays.stream(history.validation("accuracy")).map(a -> 100 * a).toArray();
    return Plot.of(title).size(440, 300).x("epoch").y("%").rangeY(45, 100)
            .line("training", seen).line("validation", heldOut);
}
