import module fathom.core;
import module fathom.data;
import module fathom.guide;
import module fathom.nn;
import fathom.nn.Module;
import fathom.nn.train.Callback;

import static fathom.nn.Layers.*;

void main() {
    var lesson = Lesson.begin();

    // region text
    String plays = DataSets.tinyShakespeare();
    String spoken = plays.lines()
            .filter(line -> !line.endsWith(":"))
            .collect(Collectors.joining("\n"));
    var tokenizer = WordTokenizer.train(List.of(spoken), 20, 5000, true);
    Vocabulary vocabulary = tokenizer.vocabulary();
    int words = vocabulary.size();
    int[] said = IntStream.of(tokenizer.encode(spoken))
            .filter(token -> isWord(vocabulary.token(token)))
            .toArray();
    // end
    lesson.figure("characters", plays.length());
    lesson.figure("said", said.length);
    lesson.figure("millions", said.length / 1e6);
    lesson.figure("words", IntStream.of(said).distinct().count());

    // region counts
    double[] counts = new double[words];
    for (int word : said) {
        counts[word]++;
    }
    // end
    double[] sorted = Arrays.stream(counts).filter(c -> c > 0)
            .map(c -> -c).sorted().map(c -> -c).toArray();
    double[] ranks = IntStream.rangeClosed(1, sorted.length).asDoubleStream().toArray();
    lesson.figure("ten-share", 100 * Arrays.stream(sorted).limit(10).sum() / said.length);
    lesson.picture("zipf", Plot.of("How often each word occurs")
            .x("rank").y("times").rangeX(0.8, 1200).rangeY(15, 8000).logX().logY()
            .points("", ranks, sorted));

    // region company
    int[] kept = kept(said, counts, 0.001);
    Dataset pairs = pairs(kept, 5);
    // end
    int the = vocabulary.id("the");
    lesson.figure("the-kept", 100 * Math.sqrt(0.001 * said.length / counts[the]));
    lesson.figure("eight-kept", 100 * Math.sqrt(0.001 * said.length / 8000));
    lesson.figure("kept", kept.length);
    lesson.figure("pairs", pairs.size());

    // region build
    int width = 64;
    var model = skipGram(words, width);
    double atFirst = likeNearLike(model.vectors(), vocabulary);
    // end
    lesson.figure("parameters", Modules.count(model));
    lesson.figure("at-first", 100 * atFirst);
    lesson.figure("chance", 100 * chance());
    lesson.figure("tested", KINDS.values().stream().mapToInt(List::size).sum());

    // region train
    int strangers = 5;
    int batch = lesson.choose(1024, 16_384);
    Tensor urn = urn(counts, 100_000);
    Tensor truth = Tensor.concat(0, Tensor.ones(1), Tensor.zeros(strangers));
    TrainStep step = (_, given) -> {
        Tensor places = Context.random()
                .uniform(Shape.of(given.size(), strangers))
                .mul(urn.size()).cast(DType.I32);
        Tensor asked = Tensor.concat(1, given.y(), urn.take(places, 0));
        Tensor scores = model.scores(given.x(), asked);
        Tensor right = truth.broadcastTo(scores.shape());
        return Outcome.of(Loss.binaryCrossEntropy(scores, right), scores);
    };
    var shares = new ArrayList<Double>(List.of(atFirst));
    var trainer = Trainer.of(model).seed(1)
            .optimizer(Adam.of(0.003))
            .trainStep(step)
            .callbacks(Callback.onEpoch(
                    _ -> shares.add(likeNearLike(model.vectors(), vocabulary))));
    History history = trainer.fit(
            pairs.shuffle(1).batch(batch), Epochs.of(lesson.choose(10, 1)));
    Tensor vectors = model.vectors();
    double learned = likeNearLike(vectors, vocabulary);
    // end
    double[] losses = history.training("loss");
    lesson.figure("first-loss", losses[0]);
    lesson.figure("last-loss", losses[losses.length - 1]);
    lesson.figure("learned", 100 * learned);
    lesson.figure("best", 100 * shares.stream().mapToDouble(s -> s).max().orElseThrow());
    lesson.picture("learning", Plot.of("Like near like").x("epochs").y("share").rangeY(0, 1)
            .line("the vectors", IntStream.range(0, shares.size()).asDoubleStream().toArray(),
                    shares.stream().mapToDouble(s -> s).toArray())
            .curve("chance", _ -> chance(), 0, shares.size() - 1));

    // region neighbours
    var panels = new ArrayList<Picture>();
    for (String word : List.of("king", "father", "sword", "heart", "speak", "thy")) {
        panels.add(neighbours(word, vectors, vocabulary));
    }
    lesson.picture("neighbours", Panels.of(
            "The nearest words", 3, panels.toArray(Picture[]::new)));
    // end

    // region likeness
    List<String> some = KINDS.values().stream().flatMap(List::stream).toList();
    Tensor rows = unit(vectors.take(ids(some, vocabulary), 0));
    Tensor alike = rows.matmul(rows.transpose());
    // end
    lesson.picture("likeness", Heat.of("Cosine similarity of words of six kinds", alike)
            .names(some, List.of()).square(13));

    // region map
    Tensor centred = rows.sub(rows.mean(true, 0)).evaluate();
    Tensor across = direction(centred);
    Tensor rest = centred.sub(centred.matmul(across).matmul(across.transpose()));
    Tensor upwards = direction(rest.evaluate());
    Tensor xs = centred.matmul(across);
    Tensor ys = centred.matmul(upwards);
    // end
    double all = centred.square().sum().item();
    lesson.figure("map-share", 100 * (xs.square().sum().item() + ys.square().sum().item()) / all);
    lesson.picture("map", map(some, column(xs), column(ys)));

    // region pmi
    Tensor byCounting = surprise(pairs, words);
    double counted = likeNearLike(byCounting, vocabulary);
    // end
    lesson.figure("counted", 100 * counted);

    // region analogies
    int mine = rank(vectors, vocabulary, "thou", "thy", "you", "your");
    int child = rank(vectors, vocabulary, "father", "mother", "son", "daughter");
    int girl = rank(vectors, vocabulary, "brother", "sister", "son", "daughter");
    // end
    lesson.figure("daughters", counts[vocabulary.id("daughter")]);
    lesson.figure("analogy-your", mine);
    lesson.figure("analogy-daughter", child);
    lesson.figure("analogy-girl", girl);
}

boolean isWord(String token) {
    return Character.isLetter(token.charAt(0));
}

// region kinds
/// Words of six kinds.
Map<String, List<String>> kinds() {
    var kinds = new LinkedHashMap<String, List<String>>();
    kinds.put("family", List.of("father", "mother", "brother", "sister",
            "son", "daughter", "wife", "husband"));
    kinds.put("rank", List.of("king", "queen", "prince", "duke", "lord", "lady"));
    kinds.put("body", List.of("eyes", "hand", "head", "heart", "face", "tongue", "lips"));
    kinds.put("number", List.of("two", "three", "four", "ten", "twenty", "thousand"));
    kinds.put("speech", List.of("speak", "say", "tell", "hear", "answer"));
    kinds.put("time", List.of("day", "night", "hour", "morning", "year", "years"));
    return kinds;
}

final Map<String, List<String>> KINDS = kinds();
// end

// region kept
/// The words with the frequent ones thinned out.
int[] kept(int[] said, double[] counts, double t) {
    var random = new Random(1);
    return IntStream.of(said)
            .filter(w -> random.nextDouble() < Math.sqrt(t * said.length / counts[w]))
            .toArray();
}
// end

// region pairs
/// Each word with each of those around it.
Dataset pairs(int[] words, int most) {
    var random = new Random(2);
    var centres = IntStream.builder();
    var company = IntStream.builder();
    for (int i = 0; i < words.length; i++) {
        int reach = random.nextInt(1, most + 1);
        for (int j = Math.max(0, i - reach); j <= i + reach && j < words.length; j++) {
            if (j != i) {
                centres.add(words[i]);
                company.add(words[j]);
            }
        }
    }
    return Dataset.of(column(centres.build()), column(company.build())).shuffle(3);
}

Tensor column(IntStream values) {
    int[] all = values.toArray();
    return Tensor.of(all, all.length, 1);
}
// end

// region model
/// Two vectors for each word: as a centre, and as company.
record SkipGram(Embedding centres, Embedding company) implements Module {
    Tensor scores(Tensor centre, Tensor asked) {
        return centres.apply(centre).mul(company.apply(asked)).sum(2);
    }

    /// A row for each word.
    Tensor vectors() {
        return centres.weight().value().copy();
    }

    public Tensor forward(Tensor x) {
        return centres.apply(x);
    }
}

SkipGram skipGram(int words, int width) {
    var random = RandomStream.of(1);
    var table = embedding(words, width).initializer(Initializer.normal(0, 0.1));
    return new SkipGram(
            table.build(Shape.of(1), random.split("centres")),
            table.build(Shape.of(1), random.split("company")));
}
// end

// region urn
/// Words, each as often as its count to the power of 3/4 asks.
Tensor urn(double[] counts, int size) {
    double[] weights = Arrays.stream(counts).map(c -> Math.pow(c, 0.75)).toArray();
    double sum = Arrays.stream(weights).sum();
    int[] urn = new int[size];
    double upTo = 0;
    int filled = 0;
    for (int word = 0; word < counts.length; word++) {
        upTo += weights[word];
        while (filled < size && filled < upTo / sum * size) {
            urn[filled++] = word;
        }
    }
    return Tensor.of(urn, size);
}
// end

// region like
/// How often the nearest of the other listed words is of the same kind.
double likeNearLike(Tensor vectors, Vocabulary vocabulary) {
    List<String> listed = KINDS.values().stream().flatMap(List::stream).toList();
    List<String> kind = KINDS.entrySet().stream()
            .flatMap(e -> e.getValue().stream().map(_ -> e.getKey())).toList();
    Tensor rows = unit(vectors.take(ids(listed, vocabulary), 0));
    Tensor notItself = Tensor.eye(listed.size()).mul(2);
    int[] nearest = rows.matmul(rows.transpose()).sub(notItself).argmax(1).toInts();
    return IntStream.range(0, nearest.length)
            .filter(i -> kind.get(i).equals(kind.get(nearest[i])))
            .count() / (double) nearest.length;
}

Tensor unit(Tensor rows) {
    return rows.div(rows.square().sum(true, 1).sqrt());
}

Tensor ids(List<String> some, Vocabulary vocabulary) {
    return Tensor.of(vocabulary.ids(some), some.size());
}
// end

// region nearest
/// The words whose vectors point most nearly in the same direction.
int[] nearest(Tensor vectors, Vocabulary vocabulary, String word, int count) {
    Tensor rows = unit(vectors);
    Tensor own = rows.at(0, vocabulary.id(word)).unsqueeze(1);
    int[] best = rows.matmul(own).squeeze(1).topK(count + 1, 0).indices().toInts();
    return Arrays.copyOfRange(best, 1, best.length);
}
// end

// region direction
/// The direction along which rows differ most, `[width, 1]`.
Tensor direction(Tensor centred) {
    Tensor together = centred.transpose().matmul(centred).evaluate();
    Tensor way = RandomStream.of(4).normal(Shape.of(centred.dim(1), 1));
    for (int i = 0; i < 200; i++) {
        way = together.matmul(way);
        way = way.div(way.square().sum().sqrt()).evaluate();
    }
    return way;
}
// end

// region surprise
/// For each two words, how much more often they meet than chance would have
/// it, as a logarithm; 0 if less.
Tensor surprise(Dataset pairs, int words) {
    Batch all = pairs.all();
    int[] centres = all.x().toInts();
    int[] company = all.y().toInts();
    double[] of = new double[words];
    double[] by = new double[words];
    double[] both = new double[words * words];
    for (int i = 0; i < centres.length; i++) {
        of[centres[i]]++;
        by[company[i]]++;
        both[centres[i] * words + company[i]]++;
    }
    for (int i = 0; i < both.length; i++) {
        double chance = of[i / words] * by[i % words] / centres.length;
        both[i] = both[i] == 0 ? 0 : Math.max(0, Math.log(both[i] / chance));
    }
    return Tensor.of(both, words, words).cast(DType.F32);
}
// end

// region rank
/// At which place the right answer stands if a is to b as c is to it.
int rank(Tensor vectors, Vocabulary vocabulary, String a, String b, String c, String right) {
    Tensor rows = unit(vectors);
    Tensor three = rows.take(ids(List.of(a, b, c), vocabulary), 0);
    Tensor goal = three.at(0, 1).sub(three.at(0, 0)).add(three.at(0, 2)).unsqueeze(1);
    List<Integer> best = new ArrayList<>(IntStream.of(
            rows.matmul(goal).squeeze(1).argsort(0, true).toInts()).boxed().toList());
    best.removeAll(List.of(vocabulary.id(a), vocabulary.id(b), vocabulary.id(c)));
    return best.indexOf(vocabulary.id(right)) + 1;
}
// end

/// How often like would be near like if neighbours were drawn.
double chance() {
    double n = KINDS.values().stream().mapToInt(List::size).sum();
    return KINDS.values().stream().mapToDouble(l -> l.size() / n * (l.size() - 1) / (n - 1)).sum();
}

double[] column(Tensor values) {
    return values.toDoubles();
}

/// The eight nearest words, each over its similarity.
Plot neighbours(String word, Tensor vectors, Vocabulary vocabulary) {
    int[] near = nearest(vectors, vocabulary, word, 8);
    Tensor rows = unit(vectors);
    double[] alike = column(rows.matmul(rows.at(0, vocabulary.id(word)).unsqueeze(1)));
    double[] xs = IntStream.of(near).mapToDouble(i -> alike[i]).toArray();
    double[] ys = IntStream.range(0, near.length).mapToDouble(i -> near.length - i).toArray();
    Plot plot = Plot.of(word).size(300, 300).x("cosine similarity").rangeX(0.3, 1).rangeY(0, 9)
            .points("", xs, ys);
    for (int i = 0; i < near.length; i++) {
        plot = plot.note(xs[i], ys[i] - 0.4, vocabulary.token(near[i]));
    }
    return plot;
}

/// Points with names, each at the first of some places that is free.
Plot map(List<String> words, double[] xs, double[] ys) {
    double least = -0.65;
    double most = 0.75;
    Plot plot = Plot.of("The words on a map").size(900, 800)
            .rangeX(least, most).rangeY(least, most);
    int from = 0;
    for (var kind : KINDS.entrySet()) {
        int to = from + kind.getValue().size();
        plot = plot.points(kind.getKey(),
                Arrays.copyOfRange(xs, from, to), Arrays.copyOfRange(ys, from, to));
        from = to;
    }
    double across = (most - least) / 820;
    double upwards = (most - least) / 698;
    var taken = new ArrayList<double[]>();
    for (int i = 0; i < xs.length; i++) {
        double w = 5 * across;
        double h = 5 * upwards;
        taken.add(new double[] {xs[i] - w, ys[i] - h, xs[i] + w, ys[i] + h});
    }
    for (int i = 0; i < words.size(); i++) {
        double wide = 7.5 * words.get(i).length();
        double[][] shifts = {
            {0, 0}, {0, -20}, {-16 - wide, 0}, {-16 - wide, -20}, {-8 - wide / 2, 6}, {-8 - wide / 2, -28},
            {2, -10}, {-18 - wide, -10}, {0, 12}, {0, -34}, {-16 - wide, 14}, {-16 - wide, -34}
        };
        for (double[] shift : shifts) {
            double x = xs[i] + shift[0] * across;
            double y = ys[i] + shift[1] * upwards;
            double[] box = {x + 7 * across, y + 5 * upwards, x + (9 + wide) * across, y + 19 * upwards};
            boolean free = taken.stream().noneMatch(other -> box[0] < other[2] && other[0] < box[2]
                    && box[1] < other[3] && other[1] < box[3]);
            if (free) {
                taken.add(box);
                plot = plot.note(x, y, words.get(i));
                break;
            }
        }
    }
    return plot;
}
