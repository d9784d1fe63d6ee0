import module fathom.core;
import module fathom.data;
import module fathom.guide;
import module fathom.nn;

import fathom.nn.Module;
import fathom.nn.train.Callback;

import static fathom.nn.Layers.*;

void main() {
    var lesson = Lesson.begin();

    // region data
    var german = DownloadedSets.standard().multi30k("de");
    var english = DownloadedSets.standard().multi30k("en");
    int count = lesson.choose(29_000, 512);
    int few = lesson.choose(1_014, 64);
    Pairs train = Pairs.of(german, english, "train", count);
    Pairs valid = Pairs.of(german, english, "val", few);
    Pairs test = Pairs.of(german, english, "test_2016_flickr", few);
    // end
    lesson.figure("train-pairs", train.size());
    lesson.figure("valid-pairs", valid.size());
    lesson.figure("test-pairs", test.size());
    lesson.figure("german-words", lengths(train.german()).average().orElseThrow());
    lesson.figure("english-words", lengths(train.english()).average().orElseThrow());
    lesson.figure("new-words", 100 * unseen(train.german(), test.german()));

    // region pieces
    int size = lesson.choose(3_000, 400);
    var pieces = new Pieces(
            BytePair.train(train.german(), size),
            BytePair.train(train.english(), size));
    // end
    lesson.figure("pieces", pieces.german().vocabulary().size());
    lesson.figure("pieces-a-word", lengths(valid.german(), pieces.german()) / lengths(valid.german()).sum());
    lesson.picture("pieces", Panels.of("", 1,
            cut("A German sentence of the test in pieces", pieces.german(), test.german().getFirst()),
            cut("The English one", pieces.english(), test.english().getFirst())));
    lesson.picture("bottleneck", bottleneck());

    // region batches
    int multiple = lesson.choose(8, 48);
    SequenceLoader batches = pairs(train, pieces).batch(64)
            .shuffle(1).bucketed(50).lengthsMultipleOf(multiple);
    SequenceLoader unread = pairs(valid, pieces).batch(64)
            .bucketed(50).lengthsMultipleOf(multiple);
    // end

    // region models
    int units = lesson.choose(128, 16);
    var narrow = Translator.of(size, units, false, RandomStream.of(1));
    var looking = Translator.of(size, units, true, RandomStream.of(1));
    // end
    lesson.figure("width", 2 * units);
    lesson.figure("parameters", Modules.count(looking));
    lesson.picture("attention", attention());

    // region train
    int epochs = lesson.choose(4, 2);
    double rate = lesson.isQuick() ? 0.01 : 0.002;
    double withAll = learn(looking, batches, unread, epochs, rate);
    double withOne = learn(narrow, batches, unread, epochs, rate);
    // end
    lesson.figure("epochs", epochs);
    lesson.figure("narrow-perplexity", withOne);
    lesson.figure("perplexity", withAll);

    // region by-hand
    List<String> ours = words("a man in a red hat sits on a boat.");
    List<String> theirs = words("a man in a red hat is sitting on a boat.");
    double[] found = IntStream.rangeClosed(1, 4)
            .mapToDouble(n -> found(ours, theirs, n)).toArray();
    double mean = Math.pow(found[0] * found[1] * found[2] * found[3], 0.25);
    double penalty = Math.min(1,
            Math.exp(1 - (double) theirs.size() / ours.size()));
    double byHand = 100 * penalty * mean;
    // end
    lesson.figure("ours", ours.size());
    lesson.figure("theirs", theirs.size());
    for (int n = 1; n <= 4; n++) {
        lesson.figure("runs-" + n, 100 * found[n - 1]);
    }
    lesson.figure("penalty", penalty);
    lesson.figure("by-hand", byHand);
    lesson.figure("hand-difference", Math.abs(byHand
            - bleu(List.of(String.join(" ", ours)), List.of(String.join(" ", theirs)), text -> words(text))));

    // region judge
    List<String> byOne = say(pieces, translate(narrow, pieces, test.german()));
    List<String> byAll = say(pieces, translate(looking, pieces, test.german()));
    double narrowBleu = bleu(byOne, test.english(), text -> words(text));
    double bleu = bleu(byAll, test.english(), text -> words(text));
    // end
    lesson.figure("narrow-bleu", narrowBleu);
    lesson.figure("bleu", bleu);
    lesson.figure("bleu-spaces", bleu(byAll, test.english(), text -> List.of(text.strip().split(" "))));
    lesson.figure("bleu-pieces", bleu(byAll, test.english(), text -> pieces.english().tokens(text)));

    // region by-length
    int[] ends = {0, 8, 10, 12, 15, 50};
    double[] oneByLength = byLength(byOne, test, ends);
    double[] allByLength = byLength(byAll, test, ends);
    // end
    int last = ends.length - 2;
    lesson.figure("short-narrow", oneByLength[0]);
    lesson.figure("short", allByLength[0]);
    lesson.figure("long-narrow", oneByLength[last]);
    lesson.figure("long", allByLength[last]);
    lesson.figure("short-count", lengths(test.german()).filter(l -> l <= ends[1]).count());
    lesson.figure("long-count", lengths(test.german()).filter(l -> l > ends[last]).count());
    double[] middles = {7, 9.5, 11.5, 14, 18};
    lesson.picture("lengths", Plot.of("Short sentences and long ones").x("German words").y("BLEU")
            .rangeY(0, 40).rangeX(6, 19)
            .line("attention", middles, allByLength).line("one vector", middles, oneByLength));

    // region beam-search
    List<String> wider = say(pieces, search(looking, pieces, test.german(), 5));
    double beamBleu = bleu(wider, test.english(), text -> words(text));
    // end
    lesson.figure("beam-bleu", beamBleu);

    // region maps
    lesson.picture("maps", Panels.of("Where the network looks", 2,
            map(looking, pieces, valid.german().get(6)),
            map(looking, pieces, valid.german().get(37))));
    // end

    // region samples
    lesson.picture("samples", Panels.of("", 1,
            samples("The first five sentences of the test",
                    test, byOne, wider, List.of(0, 1, 2, 3, 4)),
            samples("The three with the fewest right words",
                    test, byOne, wider, worst(wider, test))));
    // end
}

// region pairs
/// Sentences and their translations, in small letters.
record Pairs(List<String> german, List<String> english) {
    static Pairs of(Map<String, List<String>> german,
            Map<String, List<String>> english, String part, int count) {
        return new Pairs(
                small(german.get(part), count),
                small(english.get(part), count));
    }

    /// With a space in front, as before any other word.
    private static List<String> small(List<String> lines, int count) {
        return lines.stream().limit(count)
                .map(line -> " " + line.strip().toLowerCase(Locale.ROOT))
                .toList();
    }

    int size() {
        return german.size();
    }
}
// end

// region marks
/// Bytes that no sentence has: nothing, start of text, end of text.
interface Mark {
    int NOTHING = 0;
    int START = 2;
    int END = 3;
}

/// How the texts of two languages are cut.
record Pieces(BytePair german, BytePair english) {}
// end

// region dataset
int[] append(int[] some, int... more) {
    return IntStream.concat(IntStream.of(some), IntStream.of(more)).toArray();
}

/// What was written before, what comes next, and the German besides.
SequenceDataset pairs(Pairs text, Pieces pieces) {
    var read = text.german().stream().map(pieces.german()::encode).toList();
    var said = text.english().stream().map(pieces.english()::encode).toList();
    var next = said.stream().map(p -> append(p, Mark.END)).toList();
    var before = said.stream()
            .map(p -> append(new int[] {Mark.START}, p)).toList();
    return SequenceDataset.of(before, next).with("german", read);
}
// end

// region source
/// A sentence that was read: a vector for each place, whether there is a
/// piece at it, and one vector for the whole.
record Source(Tensor places, Tensor real, Tensor whole) {
    /// How much of each place is seen by each question `[N, T, width]`.
    Tensor shares(Tensor questions) {
        Tensor scores = questions.matmul(places.transpose())
                .div(Math.sqrt(places.dim(2)));
        Tensor never = Tensor.scalar(Double.NEGATIVE_INFINITY);
        return real.unsqueeze(1).select(scores, never).softmax(-1);
    }

    /// The same sentences, or some of them, or some several times.
    Source take(Tensor rows) {
        return new Source(places.take(rows, 0),
                real.take(rows, 0), whole.take(rows, 0));
    }

    Source evaluate() {
        Tensor.evaluateAll(places, real, whole);
        return this;
    }
}
// end

// region encoder
/// Reads sentences from both ends.
record Encoder(Embedding pieces, Recurrent both, Dropout dropout, boolean keeps)
        implements Module {
    /// Of pieces `[N, S]`, filled up with 0.
    Source read(Tensor sentences) {
        Tensor real = sentences.notEqual(Mark.NOTHING);
        Tensor vectors = dropout.apply(pieces.apply(sentences));
        var run = both.run(Sequences.of(vectors).lengths(real.sum(1)));
        Tensor whole = Tensor.concat(1, run.state());
        return keeps
                ? new Source(run.outputs(), real, whole)
                : new Source(whole.unsqueeze(1), real.slice(1, 0, 1), whole);
    }

    public Tensor forward(Tensor sentences) {
        return read(sentences).whole();
    }
}
// end

// region decoder
/// Logits for what comes next, the state, and where was looked.
record Written(Tensor logits, Tensor state, Tensor shares) {}

/// Goes on writing.
record Decoder(Embedding pieces, Linear first, Recurrent memory,
        Linear question, Linear join, Dropout dropout, Linear head)
        implements Module {
    Tensor start(Source source) {
        return first.apply(source.whole()).tanh();
    }

    /// Of what was written before, `[N, T]`, and the state before that.
    Written write(Tensor before, Tensor state, Source source) {
        Tensor vectors = dropout.apply(pieces.apply(before));
        var run = memory.run(Sequences.of(vectors).from(List.of(state)));
        Tensor h = run.outputs();
        Tensor shares = source.shares(question.apply(h));
        Tensor seen = shares.matmul(source.places());
        Tensor joined = join.apply(Tensor.concat(2, h, seen)).tanh();
        return new Written(head.apply(dropout.apply(joined)),
                run.state().getFirst(), shares);
    }

    public Tensor forward(Tensor x) {
        throw new UnsupportedOperationException("write() needs a source");
    }
}
// end

// region translator
/// Reads, and then writes.
record Translator(Encoder encoder, Decoder decoder) implements Module {
    static Translator of(
            int pieces, int units, boolean keeps, RandomStream random) {
        int width = 2 * units;
        Shape one = Shape.of(width);
        Shape steps = Shape.of(1, width);
        var vectors = embedding(pieces, width)
                .initializer(Initializer.normal(0, 0.1));
        var dropout = new Dropout(0.1);
        return new Translator(
                new Encoder(
                        vectors.build(Shape.of(1), random.split("german")),
                        gru(units).bidirectional()
                                .build(steps, random.split("both")),
                        dropout, keeps),
                new Decoder(
                        vectors.build(Shape.of(1), random.split("english")),
                        linear(width).build(one, random.split("first")),
                        gru(width).build(steps, random.split("memory")),
                        linear(width).withoutBias()
                                .build(one, random.split("question")),
                        linear(width).build(
                                Shape.of(2 * width), random.split("join")),
                        dropout,
                        linear(pieces).build(one, random.split("head"))));
    }

    /// The loss of a batch, with what is right written before each piece.
    Outcome step(Batch batch) {
        Source source = encoder.read(batch.get("german"));
        Written written = decoder.write(
                batch.x(), decoder.start(source), source);
        Tensor loss = Loss.crossEntropy().ignoring(Mark.NOTHING)
                .of(written.logits(), batch.y());
        return Outcome.of(loss, written.logits());
    }

    public Tensor forward(Tensor sentences) {
        return encoder.apply(sentences);
    }
}
// end

// region learn
/// Trains, and gives the perplexity of other pairs at the end.
double learn(Translator model, SequenceLoader batches,
        SequenceLoader unread, int epochs, double rate) {
    int steps = epochs * batches.count();
    Schedule schedule = Schedule.warmup(1 + steps / 10, 0.1)
            .times(Schedule.cosine(steps, 0));
    History history = Trainer.of(model).seed(1)
            .trainStep((_, batch) -> model.step(batch))
            .optimizer(Adam.of(rate).scheduled(schedule))
            .clipNorm(1)
            .validation(unread)
            .callbacks(Callback.onStep(r -> {
                if (r.batch() % 100 == 0) {
                    IO.println("batch " + r.batch() + ": loss " + r.loss());
                }
            }))
            .fit(batches, Epochs.of(epochs));
    return Math.exp(history.validation("loss")[epochs - 1]);
}
// end

// region greedy
/// Sentences side by side, filled up to the longest.
Tensor rows(Pieces pieces, List<String> sentences) {
    var all = sentences.stream().map(pieces.german()::encode).toList();
    int longest = all.stream().mapToInt(s -> s.length).max().orElseThrow();
    return TokenPadding.to(longest).pad(all);
}

int[] untilEnd(int[] written) {
    return IntStream.of(written).takeWhile(p -> p != Mark.END).toArray();
}

/// Writes translations, always with the piece that is likeliest next.
List<int[]> translate(Translator model, Pieces pieces, List<String> sentences) {
    int n = sentences.size();
    Source source = model.encoder().read(rows(pieces, sentences)).evaluate();
    Tensor state = model.decoder().start(source);
    int[] last = new int[n];
    Arrays.fill(last, Mark.START);
    int[][] written = new int[n][0];
    for (int t = 0; t < 50; t++) {
        Written next = model.decoder()
                .write(Tensor.of(last, n, 1), state, source);
        Tensor likeliest = next.logits().argmax(-1);
        Tensor.evaluateAll(likeliest, next.state());
        state = next.state().detach();
        last = likeliest.toInts();
        for (int i = 0; i < n; i++) {
            written[i] = append(written[i], last[i]);
        }
    }
    return Stream.of(written).map(w -> untilEnd(w)).toList();
}

List<String> say(Pieces pieces, List<int[]> written) {
    return written.stream().map(pieces.english()::decode).toList();
}
// end

// region beam
/// Translates a sentence, which stands in each row of the source, with as
/// many drafts as there are rows.
int[] search(Translator model, Source source) {
    int width = source.whole().dim(0);
    Tensor state = model.decoder().start(source);
    int[][] drafts = new int[width][0];
    double[] logs = new double[width];
    // At first all drafts are the same: only the first may go on.
    Arrays.fill(logs, 1, width, Double.NEGATIVE_INFINITY);
    int[] last = new int[width];
    Arrays.fill(last, Mark.START);
    int[] found = {};
    double mean = Double.NEGATIVE_INFINITY;
    double hope = 0;
    for (int t = 1; t <= 50 && mean < hope; t++) {
        Written next = model.decoder()
                .write(Tensor.of(last, width, 1), state, source);
        Tensor pieces = next.logits().at(1, 0).logSoftmax(-1);
        int size = pieces.dim(1);
        Tensor before = Tensor.of(logs, width, 1).cast(DType.F32);
        var best = pieces.add(before).reshape(width * size).topK(width, 0);
        state = next.state().take(best.indices().div(size), 0);
        Tensor.evaluateAll(best.values(), best.indices(), state);
        int[] places = best.indices().toInts();
        logs = best.values().toDoubles();
        int[][] longer = new int[width][];
        hope = Double.NEGATIVE_INFINITY;
        for (int k = 0; k < width; k++) {
            last[k] = places[k] % size;
            longer[k] = append(drafts[places[k] / size], last[k]);
            if (last[k] != Mark.END) {
                hope = Math.max(hope, logs[k] / t);
            } else {
                found = logs[k] / t > mean ? longer[k] : found;
                mean = Math.max(mean, logs[k] / t);
                logs[k] = Double.NEGATIVE_INFINITY;
            }
        }
        drafts = longer;
    }
    return untilEnd(found.length > 0 ? found : drafts[0]);
}
// end

List<int[]> search(Translator model, Pieces pieces, List<String> sentences, int width) {
    Source all = model.encoder().read(rows(pieces, sentences)).evaluate();
    return IntStream.range(0, sentences.size()).mapToObj(i -> {
        if (i % 200 == 0) {
            IO.println("searching for translations from " + i + " on");
        }
        int[] row = new int[width];
        Arrays.fill(row, i);
        return search(model, all.take(Tensor.of(row, width)).evaluate());
    }).toList();
}

// region words
/// The words of a text as the usual programs for BLEU cut them.
List<String> words(String text) {
    String apart = (" " + text + " ")
            .replaceAll("([{-~\\[-` -&(-+:-@/])", " $1 ")
            .replaceAll("([^0-9])([.,])", "$1 $2 ")
            .replaceAll("([.,])([^0-9])", " $1 $2")
            .replaceAll("([0-9])(-)", "$1 $2 ");
    return List.of(apart.strip().split("\\s+"));
}
// end

// region found
/// The share of runs of n words that are in the reference, each found once.
double found(List<String> ours, List<String> reference, int n) {
    List<List<String>> left = new ArrayList<>();
    for (int i = 0; i + n <= reference.size(); i++) {
        left.add(reference.subList(i, i + n));
    }
    int runs = ours.size() - n + 1;
    long found = IntStream.range(0, runs)
            .filter(i -> left.remove(ours.subList(i, i + n))).count();
    return (double) found / runs;
}
// end

// region bleu
/// BLEU in percent, over all translations at once.
double bleu(List<String> ours, List<String> references,
        Function<String, List<String>> words) {
    var bleu = Bleu.of(4, Mark.END);
    for (int i = 0; i < ours.size(); i++) {
        bleu.add(words.apply(ours.get(i)),
                List.of(words.apply(references.get(i))));
    }
    return 100 * bleu.value();
}
// end

// region by-length-method
/// BLEU of the sentences whose German words are more than the one end and
/// at most the next.
double[] byLength(List<String> ours, Pairs pairs, int[] ends) {
    return IntStream.range(1, ends.length).mapToDouble(b -> {
        int[] some = IntStream.range(0, ours.size()).filter(i -> {
            int length = words(pairs.german().get(i)).size();
            return length > ends[b - 1] && length <= ends[b];
        }).toArray();
        return bleu(IntStream.of(some).mapToObj(ours::get).toList(),
                IntStream.of(some).mapToObj(pairs.english()::get).toList(),
                text -> words(text));
    }).toArray();
}
// end

// region map
/// A row for each piece that is written: where was looked before it.
Heat map(Translator model, Pieces pieces, String sentence) {
    int[] read = pieces.german().encode(sentence);
    int[] written = translate(model, pieces, List.of(sentence)).getFirst();
    Source source = model.encoder().read(rows(pieces, List.of(sentence)));
    Tensor before = Tensor.of(
            append(new int[] {Mark.START}, written), 1, written.length + 1);
    Tensor shares = model.decoder()
            .write(before, model.decoder().start(source), source).shares();
    return Heat.of("", shares.at(0, 0).slice(0, 0, written.length)).square(18)
            .names(names(pieces.english(), written),
                    names(pieces.german(), read));
}
// end

/// Each piece as it is read, with a dot in front where it goes on with a word.
List<String> names(BytePair pieces, int[] encoded) {
    return IntStream.of(encoded).mapToObj(p -> pieces.decode(p))
            .map(p -> p.startsWith(" ") ? p.strip() : "·" + p).toList();
}

// region worst
/// The three sentences in which the smallest share of words is right.
List<Integer> worst(List<String> ours, Pairs pairs) {
    return IntStream.range(0, ours.size()).boxed()
            .sorted(Comparator.comparingDouble(i -> found(
                    words(ours.get(i)), words(pairs.english().get(i)), 1)))
            .limit(3).toList();
}
// end

IntStream lengths(List<String> texts) {
    return texts.stream().mapToInt(text -> words(text).size());
}

/// How many pieces texts have.
double lengths(List<String> texts, BytePair pieces) {
    return texts.stream().mapToInt(text -> pieces.encode(text).length).sum();
}

/// Which part of the words of some texts does not occur in others.
double unseen(List<String> known, List<String> texts) {
    Set<String> seen = new HashSet<>();
    known.forEach(text -> seen.addAll(words(text)));
    return texts.stream().flatMap(text -> words(text).stream())
            .mapToDouble(word -> seen.contains(word) ? 0 : 1).average().orElseThrow();
}

/// A text with every other piece on a ground.
Letters cut(String title, BytePair pieces, String text) {
    int[] encoded = pieces.encode(text);
    double[] grounds = new double[text.length()];
    for (int i = 0, at = 0; i < encoded.length; i++) {
        int length = pieces.decode(encoded[i]).length();
        Arrays.fill(grounds, at, Math.min(at + length, grounds.length), i % 2);
        at += length;
    }
    return Letters.of(title, text.substring(1)).values(Arrays.copyOfRange(grounds, 1, grounds.length));
}

/// Reads, hands on one vector, and writes.
Picture bottleneck() {
    var diagram = Diagram.of("All that was read has to go through one vector").box("v", 2.3, 1, 3, "v", "one vector");
    String[] read = {"ein", "mann", "schläft"};
    String[] next = {"(start)", "a", "man", "sleeps", "(end)"};
    for (int i = 0; i < 3; i++) {
        diagram = diagram.box("x" + i, 0.75 * i, 2, 0, read[i]).box("s" + i, 0.75 * i, 1, 1, "reads")
                .arrow("x" + i, "s" + i, "");
    }
    for (int i = 0; i < 4; i++) {
        double column = 3.1 + 0.75 * i;
        diagram = diagram.box("b" + i, column, 2, 0, next[i]).box("h" + i, column, 1, 2, "writes")
                .box("y" + i, column, 0, 0, next[i + 1]).arrow("b" + i, "h" + i, "").arrow("h" + i, "y" + i, "")
                .arrow(i == 0 ? "v" : "h" + (i - 1), "h" + i, "");
    }
    return diagram.arrow("s2", "v", "").arrow("s0", "s1", "").arrow("s1", "s2", "")
            .arrow("s2", "s1", "").arrow("s1", "s0", "");
}

/// One question to three places.
Picture attention() {
    var diagram = Diagram.of("A question to all places, and the mean of what they have")
            .box("q", 0, 1, 2, "question", "q").box("c", 3.6, 1, 3, "mean", "c");
    String[][] places = {{"ein", "0", "0.09"}, {"mann", "2", "0.67"}, {"schläft", "1", "0.24"}};
    for (int i = 0; i < 3; i++) {
        diagram = diagram.box("s" + i, 1.8, i, 1, places[i][0], "s" + (i + 1))
                .arrow("q", "s" + i, "score " + places[i][1]).arrow("s" + i, "c", "share " + places[i][2]);
    }
    return diagram;
}

/// What was read, what both networks wrote, and what a person wrote.
Letters samples(String title, Pairs pairs, List<String> one, List<String> all, List<Integer> which) {
    String text = which.stream()
            .flatMap(i -> Stream.of("German:" + pairs.german().get(i), "one vector:" + one.get(i),
                    "attention:" + all.get(i), "a person:" + pairs.english().get(i), ""))
            .map(line -> line.length() <= 88 ? line : line.replaceAll("(.{60,88}) ", "$1\n"))
            .collect(Collectors.joining("\n"));
    return Letters.of(title, text).columns(90);
}
