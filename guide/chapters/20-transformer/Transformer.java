import module fathom.core;
import module fathom.data;
import module fathom.guide;
import module fathom.nn;

import fathom.nn.Module;

import static fathom.nn.Layers.*;

void main() {
    var lesson = Lesson.begin();

    // region lookup
    Tensor keys = Tensor.of(new float[][] {{1, 0}, {0, 1}, {-1, 0}});
    Tensor values = Tensor.of(new float[][] {{10}, {20}, {30}});
    Tensor query = Tensor.of(new float[][] {{3, 1}});
    Tensor scores = query.matmul(keys.transpose()).div(Math.sqrt(2));
    Tensor shares = scores.softmax(-1);
    double found = shares.matmul(values).item();
    // end
    lesson.figure("share-east", shares.at(1, 0).item());
    lesson.figure("share-north", shares.at(1, 1).item());
    lesson.figure("share-west", shares.at(1, 2).item());
    lesson.figure("found", found);

    // region root
    int d = 64;
    var random = RandomStream.of(20);
    Tensor asking = random.normal(Shape.of(1000, 1, d));
    Tensor offered = random.normal(Shape.of(1000, 32, d));
    Tensor products = asking.matmul(offered.transpose());
    double spread = Math.sqrt(products.variance().item());
    double raw = products.softmax(-1).max(-1).mean().item();
    double scaled = products.div(Math.sqrt(d)).softmax(-1).max(-1)
            .mean().item();
    // end
    lesson.figure("spread", spread);
    lesson.figure("largest-raw", raw);
    lesson.figure("largest-scaled", scaled);

    // region turn
    var turn = RotaryPositions.of();
    Shape everywhere = Shape.of(60, 32);
    Tensor one = random.normal(Shape.of(1, 32)).broadcastTo(everywhere);
    Tensor other = random.normal(Shape.of(1, 32)).broadcastTo(everywhere);
    Tensor meet = turn.apply(one).matmul(turn.apply(other).transpose());
    double size = meet.abs().mean().item();
    double moved = meet.slice(0, 1, 60).slice(1, 1, 60)
            .sub(meet.slice(0, 0, 59).slice(1, 0, 59)).abs().max().item();
    // end
    lesson.figure("turned-size", size);
    lesson.figure("moved", moved);

    // region same
    var own = SelfAttention.of(128, 4, true, RandomStream.of(2));
    var theirs = new MultiHeadAttention(
            own.query(), own.key(), own.value(), own.output(), 4, 4,
            AttentionMask.none().causal(), 0, Optional.of(turn));
    Tensor x = random.normal(Shape.of(8, 50, 128));
    double difference = own.apply(x).sub(theirs.apply(x))
            .abs().max().item();
    // end
    lesson.figure("difference", difference);

    // region bag
    var bag = new SelfAttention(own.query(), own.key(), own.value(),
            own.output(), 4, false, false);
    Tensor order = random.permutation(50);
    Tensor before = bag.apply(x.take(order, 1));
    Tensor after = bag.apply(x).take(order, 1);
    double disorder = before.sub(after).abs().max().item();
    // end
    lesson.figure("disorder", disorder);
    lesson.picture("block", parts());

    // region data
    String plays = DataSets.tinyShakespeare();
    CharacterTokenizer alphabet = alphabet(plays);
    int some = lesson.choose(55_000, 2_000);
    int rest = lesson.choose(plays.length() - 1_055_000, 2_000);
    String train = plays.substring(0, 1_000_000);
    String test = plays.substring(1_055_000, 1_055_000 + rest);
    int[] lines = alphabet.encode(train);
    int[] unread = alphabet.encode(
            plays.substring(1_000_000, 1_000_000 + some));
    // end

    // region network
    int context = lesson.choose(128, 40);
    int width = lesson.choose(128, 16);
    int blocks = lesson.choose(4, 2);
    int alphabetSize = alphabet.vocabulary().size();
    var gpt = Gpt.of(alphabetSize, context, width, 4, blocks, true,
            RandomStream.of(1));
    // end
    lesson.figure("distinct", alphabetSize);
    lesson.figure("test-letters", test.length());
    lesson.figure("context", context);
    lesson.figure("width", width);
    lesson.figure("parameters", Modules.count(gpt));
    lesson.figure("block-parameters", Modules.count(gpt.blocks().getFirst()));

    // region plan
    int steps = lesson.choose(2000, 24);
    int batch = lesson.choose(16, 8);
    var optimizer = AdamW.of(3e-3)
            .scheduled(Schedule.oneCycle(steps))
            .on(gpt)
            .clipNorm(1);
    // end
    lesson.figure("steps", steps);
    lesson.figure("letters-learned", (double) steps * batch * context / 1e6);

    // region train
    var drawn = new Random(1);
    var course = new ArrayList<double[]>();
    for (int step = 0; step < steps; step++) {
        if (step % (steps / 8) == 0) {
            course.add(progress(gpt, unread, step));
        }
        int[] starts = drawn.ints(batch, 0, lines.length - context).toArray();
        Tensor loss = losses(gpt, cut(lines, starts, context + 1)).mean();
        optimizer.step(loss);
        if (step % 50 == 0) {
            IO.println("step " + step + ": loss " + loss.item());
        }
    }
    course.add(progress(gpt, unread, steps));
    // end
    lesson.figure("before", course.getFirst()[1]);
    lesson.figure("validation", course.getLast()[1]);
    lesson.figure("validation-nats", Math.log(course.getLast()[1]));
    lesson.picture("training", training(course, steps));

    // region judge
    int[] future = alphabet.encode(test);
    double nats = loss(gpt, future);
    // end
    lesson.figure("nats", nats);
    lesson.figure("perplexity", Math.exp(nats));

    // region beyond
    double[] byPlace = byPlace(gpt, future, 2 * context, 32);
    // end
    lesson.figure("seen-one", Math.exp(byPlace[0]));
    lesson.figure("seen-two", Math.exp(byPlace[1]));
    lesson.figure("seen-five", Math.exp(byPlace[4]));
    lesson.figure("seen-ten", Math.exp(mean(byPlace, 8, 12)));
    lesson.figure("seen-most", Math.exp(mean(byPlace, context / 2, context)));
    lesson.figure("beyond", Math.exp(mean(byPlace, context * 3 / 2, 2 * context)));
    lesson.picture("places", Plot.of("What each further letter is worth, and where it ends")
            .x("letters seen").y("perplexity of the next one").logX().rangeX(1, 2 * context).rangeY(0, 26)
            .line("GPT", Arrays.stream(byPlace).map(Math::exp).toArray())
            .line("what it was trained on", new double[] {context, context}, new double[] {0, 26}));

    // region maps
    int[] begins = IntStream.range(0, 32).map(i -> 60 * i).toArray();
    Tensor pieces = cut(future, begins, context);
    Tensor maps = maps(gpt, pieces);
    Tensor places = Tensor.arange(context);
    Tensor back = places.unsqueeze(1).sub(places);
    Tensor isGap = pieces.less(2).unsqueeze(1).unsqueeze(1);
    Tensor toLast = habits(maps, back.equal(1));
    Tensor toSecond = habits(maps, back.equal(2));
    Tensor toGaps = habits(maps, isGap);
    Tensor distance = habits(maps, back);
    // end
    lesson.figure("head-before", 100 * toLast.max().item());
    lesson.figure("head-second", 100 * toSecond.max().item());
    lesson.figure("head-gaps", 100 * toGaps.max().item());
    lesson.figure("gaps", 100 * isGap.cast(DType.F32).mean().item());
    lesson.figure("head-near", distance.min().item());
    lesson.figure("head-far", distance.max().item());
    IO.println(toLast + "\n" + toSecond + "\n" + toGaps + "\n" + distance);
    String line = test.lines().filter(l -> l.length() > 25 && l.length() < 34).findFirst().orElseThrow();
    lesson.picture("heads", heads(gpt, alphabet, line, toLast, toSecond, toGaps, distance));

    // region cache
    int more = context - 1;
    String quickly = write(gpt, alphabet, "\n", 1, more, z -> z, 9).getFirst();
    String slowly = writeAnew(gpt, alphabet, "\n", more, z -> z, 9);
    // end
    if (!quickly.equals(slowly)) {
        throw new AssertionError(quickly + "\nis not\n" + slowly);
    }
    lesson.figure("through-kept", more);
    lesson.figure("through-anew", more * (more + 1) / 2.0);

    // region tail
    Tensor p = gpt.apply(pieces).softmax(-1);
    Tensor isRare = p.less(0.01).cast(DType.F32);
    double rare = isRare.sum(-1).mean().item();
    double together = isRare.mul(p).sum(-1).mean().item();
    // end
    lesson.figure("rare", rare);
    lesson.figure("rare-together", 100 * together);
    lesson.figure("rare-every", 1 / together);

    // region choices
    String beginning = "ROMEO:\nO, my ";
    Tensor said = logits(gpt, alphabet, beginning);
    var choices = new LinkedHashMap<String, UnaryOperator<Tensor>>();
    choices.put("as it says", z -> z);
    choices.put("greedy", z -> topK(z, 1));
    choices.put("temperature 0.7", z -> z.div(0.7));
    choices.put("top-k, k = 5", z -> topK(z, 5));
    choices.put("top-p, p = 0.8", z -> topP(z, 0.8));
    // end
    lesson.figure("likeliest", 100 * said.softmax(-1).max().item());
    lesson.figure("left", topP(said, 0.8).softmax(-1).greater(0).sum().item());
    lesson.picture("choices", bars(choices, said, alphabet));

    // region words
    int length = lesson.choose(300, 60);
    Set<String> vocabulary = new HashSet<>(words(train));
    var quality = new ArrayList<Quality>();
    var samples = new ArrayList<Picture>();
    for (var choice : choices.entrySet()) {
        List<String> texts = write(
                gpt, alphabet, "ROMEO:\n", 64, length, choice.getValue(), 7);
        quality.add(quality(texts, vocabulary));
        samples.add(page(choice.getKey(), texts.getFirst()));
        IO.println(choice.getKey() + ": " + quality.getLast());
    }
    // end
    for (String name : List.of("plain", "greedy", "cool", "few", "sure")) {
        lesson.figure("real-" + name, quality.getFirst().real());
        lesson.figure("new-" + name, quality.removeFirst().fresh());
    }
    lesson.picture("samples", new Panels("", 1, samples));

    // region cheat
    var cheat = Gpt.of(alphabetSize, context, lesson.choose(64, 16), 4, 2,
            false, RandomStream.of(1));
    int tries = lesson.choose(400, 24);
    var sure = AdamW.of(3e-3).scheduled(Schedule.oneCycle(tries))
            .on(cheat).clipNorm(1);
    for (int step = 0; step < tries; step++) {
        int[] starts = drawn.ints(batch, 0, lines.length - context).toArray();
        sure.step(losses(cheat, cut(lines, starts, context + 1)).mean());
    }
    IO.println("cheated for " + tries + " steps");
    double[] cheated = byPlace(cheat, unread, context, context);
    // end
    lesson.figure("cheat", mean(cheated, 0, context - 1));
    lesson.figure("cheat-last", cheated[context - 1]);
}

/// The letters of a text, each with a number, in the order of the alphabet.
CharacterTokenizer alphabet(String text) {
    return new CharacterTokenizer(Vocabulary.of(
            text.chars().distinct().sorted()
                    .mapToObj(Character::toString).toList()));
}

// region attention
/// Each place asks the places that it sees, in several heads.
record SelfAttention(Linear query, Linear key, Linear value, Linear output,
        int heads, boolean causal, boolean placed) implements Module {
    static SelfAttention of(
            int width, int heads, boolean causal, RandomStream random) {
        Shape vector = Shape.of(width);
        return new SelfAttention(
                linear(width).build(vector, random.split("query")),
                linear(width).build(vector, random.split("key")),
                linear(width).build(vector, random.split("value")),
                linear(width).build(vector, random.split("output")),
                heads, causal, true);
    }

    public Tensor forward(Tensor x) {
        Tensor first = Tensor.of(new int[] {0}, 1);
        return look(queries(x, first), keys(x, first), values(x),
                visible(x.dim(1)));
    }

    /// Queries of places, the first of which has this number.
    Tensor queries(Tensor x, Tensor first) {
        return turn(split(query.apply(x)), first);
    }

    Tensor keys(Tensor x, Tensor first) {
        return turn(split(key.apply(x)), first);
    }

    Tensor values(Tensor x) {
        return split(value.apply(x));
    }

    /// [N, T, width] to [N, heads, T, width / heads].
    Tensor split(Tensor x) {
        return x.reshape(x.dim(0), x.dim(1), heads, x.dim(2) / heads)
                .permute(0, 2, 1, 3);
    }

    Tensor turn(Tensor x, Tensor first) {
        return placed ? RotaryPositions.of().apply(x, first) : x;
    }

    /// Whether a place (row) sees another one (column).
    Tensor visible(int length) {
        Tensor places = Tensor.arange(length);
        Tensor past = places.lessEqual(places.unsqueeze(1));
        return causal ? past : Tensor.full(past.shape(), DType.BOOL, 1);
    }

    /// What queries find among keys and values.
    Tensor look(Tensor queries, Tensor keys, Tensor values, Tensor visible) {
        Tensor found = shares(queries, keys, visible).matmul(values);
        return output.apply(found.permute(0, 2, 1, 3).flatten(2));
    }

    /// Which share of each query's attention each key gets.
    Tensor shares(Tensor queries, Tensor keys, Tensor visible) {
        double root = Math.sqrt(queries.dim(-1));
        Tensor scores = queries.matmul(keys.transpose()).div(root);
        Tensor never = Tensor.scalar(Double.NEGATIVE_INFINITY);
        return visible.select(scores, never).softmax(-1);
    }
}
// end

// region block
/// First each place looks around, then each thinks for itself.
record Block(LayerNorm before, SelfAttention attention,
        LayerNorm between, Linear up, Linear down) implements Module {
    static Block of(
            int width, int heads, boolean causal, RandomStream random) {
        Shape vector = Shape.of(width);
        Shape wide = Shape.of(4 * width);
        return new Block(
                layerNorm().build(vector, random),
                SelfAttention.of(width, heads, causal, random.split("look")),
                layerNorm().build(vector, random),
                linear(4 * width).build(vector, random.split("up")),
                linear(width).build(wide, random.split("down")));
    }

    /// The second half: two dense layers at each place.
    Tensor think(Tensor x) {
        Tensor wide = up.apply(between.apply(x));
        return x.add(down.apply(Activations.gelu(wide)));
    }

    public Tensor forward(Tensor x) {
        return think(x.add(attention.apply(before.apply(x))));
    }
}
// end

// region gpt
/// Letters to vectors, some blocks, logits for the next letter.
record Gpt(Embedding letters, List<Block> blocks, LayerNorm last,
        Linear head, int context) implements Module {
    static Gpt of(int alphabet, int context, int width, int heads,
            int blocks, boolean causal, RandomStream random) {
        var all = new ArrayList<Block>();
        for (int i = 0; i < blocks; i++) {
            all.add(Block.of(width, heads, causal, random.split("block" + i)));
        }
        Shape vector = Shape.of(width);
        Initializer small = Initializer.normal(0, 0.02);
        return new Gpt(
                embedding(alphabet, width).initializer(small)
                        .build(Shape.of(context), random.split("letters")),
                all,
                layerNorm().build(vector, random),
                linear(alphabet).initializer(small)
                        .build(vector, random.split("head")),
                context);
    }

    /// Letters [N, T] to logits [N, T, alphabet].
    public Tensor forward(Tensor text) {
        Tensor x = letters.apply(text);
        for (Block block : blocks) {
            x = block.apply(x);
        }
        return head.apply(last.apply(x));
    }
}
// end

// region look
/// Who looks where: for all heads of all blocks the shares [N, heads, T, T].
Tensor maps(Gpt gpt, Tensor text) {
    var maps = new ArrayList<Tensor>();
    Tensor first = Tensor.of(new int[] {0}, 1);
    Tensor x = gpt.letters().apply(text);
    for (Block block : gpt.blocks()) {
        SelfAttention ask = block.attention();
        Tensor y = block.before().apply(x);
        maps.add(ask.shares(ask.queries(y, first), ask.keys(y, first),
                ask.visible(text.dim(1))));
        x = block.apply(x);
    }
    return Tensor.concat(1, maps);
}

/// For each head the mean of something over what it looks at.
Tensor habits(Tensor maps, Tensor something) {
    return maps.mul(something.cast(DType.F32)).sum(-1).mean(0, 2);
}
// end

// region cut
/// The pieces of a text that begin at some places.
Tensor cut(int[] letters, int[] starts, int length) {
    int[] cut = IntStream.of(starts)
            .flatMap(i -> Arrays.stream(letters, i, i + length)).toArray();
    return Tensor.of(cut, starts.length, length);
}

/// How surprised the network is by each letter of windows but the first.
Tensor losses(Gpt gpt, Tensor text) {
    int last = text.dim(1) - 1;
    Tensor logits = gpt.apply(text.slice(1, 0, last));
    Tensor next = text.slice(1, 1, last + 1);
    return Loss.crossEntropy().terms(logits, next).values();
}
// end

// region loss
/// The mean loss at each place of windows that begin some letters apart.
double[] byPlace(Gpt gpt, int[] letters, int window, int apart) {
    int[] starts = IntStream.iterate(0, i -> i + apart)
            .takeWhile(i -> i + window < letters.length).toArray();
    double[] sums = new double[window];
    for (int from = 0; from < starts.length; from += 32) {
        int to = Math.min(from + 32, starts.length);
        int[] some = Arrays.copyOfRange(starts, from, to);
        double[] each = losses(gpt, cut(letters, some, window + 1))
                .sum(0).toDoubles();
        Arrays.setAll(sums, i -> sums[i] + each[i]);
    }
    return Arrays.stream(sums).map(sum -> sum / starts.length).toArray();
}

/// The mean loss where at least half a window was seen before.
double loss(Gpt gpt, int[] letters) {
    int window = gpt.context();
    double[] byPlace = byPlace(gpt, letters, window, window / 2);
    return mean(byPlace, window / 2, window);
}
// end

double mean(double[] values, int from, int to) {
    return Arrays.stream(values, from, to).average().orElseThrow();
}

/// A step's number and the perplexity of a text that is not learned from.
double[] progress(Gpt gpt, int[] letters, int step) {
    double perplexity = Math.exp(loss(gpt, letters));
    IO.println("step " + step + ": perplexity " + perplexity);
    return new double[] {step, perplexity};
}

// region next
/// Logits for new letters, and the memory with these letters in it.
record Page(Tensor logits, List<KeyValueCache> caches) {}

/// Reads on: only the new letters [N, T] go through the network.
Page next(Gpt gpt, Tensor text, List<KeyValueCache> caches) {
    Tensor first = caches.getFirst().first();
    Tensor place = Tensor.arange(text.dim(1)).add(first).unsqueeze(1);
    Tensor visible = Tensor.arange(gpt.context()).lessEqual(place);
    var kept = new ArrayList<KeyValueCache>();
    Tensor x = gpt.letters().apply(text);
    for (Block block : gpt.blocks()) {
        SelfAttention ask = block.attention();
        Tensor y = block.before().apply(x);
        KeyValueCache cache = caches.get(kept.size())
                .append(ask.keys(y, first), ask.values(y));
        kept.add(cache);
        x = block.think(x.add(ask.look(ask.queries(y, first),
                cache.keys(), cache.values(), visible)));
    }
    return new Page(gpt.head().apply(gpt.last().apply(x)), kept);
}
// end

/// A memory for each block with nothing in it.
List<KeyValueCache> nothing(Gpt gpt, int texts) {
    return gpt.blocks().stream().map(Block::attention).map(ask -> {
        int each = ask.query().weight().shape().dim(1) / ask.heads();
        return KeyValueCache.empty(texts, ask.heads(), gpt.context(), each, each, DType.F32);
    }).toList();
}

// region write
/// Lets the network go on with a beginning, in several texts side by side.
List<String> write(Gpt gpt, CharacterTokenizer alphabet, String beginning,
        int texts, int length, UnaryOperator<Tensor> choice, long seed) {
    var random = new Random(seed);
    var written = Stream.generate(() -> new StringBuilder(beginning))
            .limit(texts).toList();
    var caches = nothing(gpt, texts);
    int read = 0;
    for (int i = 0; i < length; i++) {
        int size = written.getFirst().length();
        if (caches.getFirst().length() == gpt.context()) {
            // No place is left: begin anew with the last half of it.
            caches = nothing(gpt, texts);
            read = size - gpt.context() / 2;
        }
        int from = read;
        int[] fresh = written.stream().flatMapToInt(
                text -> Arrays.stream(alphabet.encode(text.substring(from))))
                .toArray();
        Page page = next(gpt, Tensor.of(fresh, texts, size - from), caches);
        Tensor logits = page.logits().at(1, size - from - 1);
        Tensor p = choice.apply(logits).softmax(-1);
        caches = KeyValueCache.evaluate(p, page.caches());
        read = size;
        int[] letters = draw(p, random);
        for (int t = 0; t < texts; t++) {
            written.get(t).append(alphabet.decode(letters[t]));
        }
    }
    return written.stream()
            .map(text -> text.substring(beginning.length())).toList();
}
// end

/// For each row of probabilities a number from 0 on, each as often as its probability says.
int[] draw(Tensor probabilities, Random random) {
    float[] all = probabilities.toFloats();
    int count = probabilities.dim(1);
    int[] drawn = new int[probabilities.dim(0)];
    for (int row = 0; row < drawn.length; row++) {
        double left = random.nextDouble();
        int i = 0;
        while (i < count - 1 && (left -= all[row * count + i]) >= 0) {
            i++;
        }
        drawn[row] = i;
    }
    return drawn;
}

/// The same as `write` for one text no longer than a window, without a memory.
String writeAnew(
        Gpt gpt, CharacterTokenizer alphabet, String beginning, int length, UnaryOperator<Tensor> choice, long seed) {
    var random = new Random(seed);
    var written = new StringBuilder(beginning);
    for (int i = 0; i < length; i++) {
        // Filled up to a whole window, so that one program does for all lengths.
        int[] window = Arrays.copyOf(alphabet.encode(written.toString()), gpt.context());
        Tensor logits = gpt.apply(Tensor.of(window, 1, window.length)).at(1, written.length() - 1);
        written.append(alphabet.decode(draw(choice.apply(logits).softmax(-1), random)[0]));
    }
    return written.substring(beginning.length());
}

// region filters
/// The k greatest logits; all others become minus infinity.
Tensor topK(Tensor logits, int k) {
    Tensor least = logits.topK(k, -1).values().slice(-1, k - 1, k);
    return atLeast(logits, least);
}

/// The greatest logits, as many as are needed for a probability.
Tensor topP(Tensor logits, double probability) {
    Tensor sorted = logits.sort(-1, true);
    Tensor p = sorted.softmax(-1);
    Tensor already = p.cumsum(-1).sub(p);
    Tensor infinity = Tensor.scalar(Double.POSITIVE_INFINITY);
    Tensor least = already.less(probability).select(sorted, infinity)
            .min(true, -1);
    return atLeast(logits, least);
}

Tensor atLeast(Tensor logits, Tensor least) {
    Tensor never = Tensor.scalar(Double.NEGATIVE_INFINITY);
    return logits.greaterEqual(least).select(logits, never);
}
// end

/// What may come after a beginning: logits `[1, alphabet]`.
Tensor logits(Gpt gpt, CharacterTokenizer alphabet, String beginning) {
    int[] letters = alphabet.encode(beginning);
    return gpt.apply(Tensor.of(letters, 1, letters.length)).at(1, letters.length - 1);
}

/// How good words are, in percent: which are real, and which were not written before.
record Quality(double real, double fresh) {}

List<String> words(String text) {
    return Arrays.stream(text.toLowerCase(Locale.ROOT).split("[^a-z']+"))
            .filter(w -> w.length() > 1).toList();
}

double share(List<String> words, Set<String> vocabulary) {
    long known = words.stream().filter(vocabulary::contains).count();
    return known / (double) words.size();
}

// region quality
Quality quality(List<String> texts, Set<String> vocabulary) {
    List<String> all = texts.stream().flatMap(t -> words(t).stream()).toList();
    double distinct = all.stream().distinct().count();
    return new Quality(
            100 * share(all, vocabulary), 100 * distinct / all.size());
}
// end

/// The first lines of a text.
Letters page(String title, String text) {
    String lines = text.strip().replaceAll("\n+", "\n").lines().limit(5).collect(Collectors.joining("\n"));
    return Letters.of(title, lines);
}

/// How those heads look at a line that have most of some habits.
Picture heads(Gpt gpt, CharacterTokenizer alphabet, String line, Tensor... habits) {
    Tensor maps = maps(gpt, cut(alphabet.encode(line), new int[] {0}, line.length()));
    List<String> letters = line.chars().mapToObj(Character::toString).toList();
    int each = gpt.blocks().getFirst().attention().heads();
    return Panels.of("", 2, Stream.of(habits).map(habit -> habit.argmax(0).toInts()[0])
            .map(h -> Heat.of("block " + (h / each + 1) + ", head " + (h % each + 1), maps.at(0, 0).at(0, h))
                    .names(letters, letters).square(13))
            .toArray(Picture[]::new));
}

/// What a block is made of.
Picture parts() {
    return Diagram.of("A block: a straight road, and two detours whose results are added")
            .box("in", 0, 0, 0, "x", "comes in").box("out", 4.8, 0, 0, "goes on", "to the next")
            .box("norm1", 0, 1.2, 0, "norm").box("sum1", 1.2, 0, 2, "+")
            .box("look", 1.2, 1.2, 1, "attention", "looks around")
            .box("norm2", 2.4, 1.2, 0, "norm").box("sum2", 3.6, 0, 2, "+")
            .box("think", 3.6, 1.2, 1, "two layers", "think")
            .arrow("in", "sum1", "").arrow("in", "norm1", "").arrow("norm1", "look", "").arrow("look", "sum1", "")
            .arrow("sum1", "sum2", "").arrow("sum1", "norm2", "").arrow("norm2", "think", "").arrow("think", "sum2", "")
            .arrow("sum2", "out", "");
}

/// The course of training beside what the LSTM of chapter 18 reached on the same text.
Picture training(List<double[]> course, int steps) {
    double[] ends = {0, steps};
    return Plot.of("The perplexity of text not learned from")
            .x("step").y("perplexity").rangeX(0, steps).rangeY(0, 20)
            .line("GPT", column(course, 0), column(course, 1))
            .line("LSTM of chapter 18, at its end", ends, new double[] {4.7, 4.7});
}

double[] column(List<double[]> rows, int column) {
    return rows.stream().mapToDouble(row -> row[column]).toArray();
}

/// What is left of the probabilities of the likeliest letters by each way of choosing.
Picture bars(Map<String, UnaryOperator<Tensor>> choices, Tensor logits, CharacterTokenizer alphabet) {
    int count = 12;
    int[] likeliest = logits.topK(count, -1).indices().toInts();
    var panels = new ArrayList<Picture>();
    choices.forEach((name, choice) -> {
        double[] p = choice.apply(logits).softmax(-1).toDoubles();
        double[] xs = IntStream.rangeClosed(1, count).asDoubleStream().toArray();
        double[] ys = IntStream.of(likeliest).mapToDouble(i -> p[i]).toArray();
        var plot = Plot.of(name).size(310, 220).rangeX(0, count + 1).rangeY(0, 1.2).bars("", xs, ys);
        for (int i = 0; i < count && ys[i] > 0; i++) {
            String letter = alphabet.decode(likeliest[i]);
            plot = plot.note(xs[i] - 0.5, ys[i], letter.replace(' ', '␣').replace('\n', '⏎'));
        }
        panels.add(plot);
    });
    return new Panels("", 3, panels);
}
