import module fathom.core;
import module fathom.data;
import module fathom.guide;
import module fathom.nn;

import static fathom.nn.Layers.*;

void main() {
    var lesson = Lesson.begin();

    // region data
    String plays = DataSets.tinyShakespeare();
    CharacterTokenizer alphabet = alphabet(plays);
    int some = lesson.choose(55_000, 4_000);
    int rest = lesson.choose(plays.length() - 1_055_000, 4_000);
    String train = plays.substring(0, lesson.choose(1_000_000, 40_000));
    String valid = plays.substring(1_000_000, 1_000_000 + some);
    String test = plays.substring(1_055_000, 1_055_000 + rest);
    // end
    lesson.figure("letters", plays.length());
    lesson.figure("distinct", alphabet.vocabulary().size());
    lesson.figure("test-letters", test.length());

    // region counts
    var counts = new ArrayList<Map<String, int[]>>();
    double[] counted = new double[6];
    for (int n = 0; n < counted.length; n++) {
        counts.add(count(train, n, alphabet));
        counted[n] = perplexity(counts, test, alphabet);
        IO.println(n + " letters seen: perplexity " + counted[n]);
    }
    // end
    lesson.figure("frequency", counted[0]);
    lesson.figure("bigram", counted[1]);
    lesson.figure("trigram", counted[2]);
    lesson.figure("four-gram", counted[3]);
    lesson.figure("five-gram", counted[4]);
    lesson.figure("six-gram", counted[5]);
    lesson.figure("contexts", counts.get(5).size());
    lesson.figure("unseen", 100 * unseen(counts.get(5), test));
    lesson.picture("windows", windows());

    // region network
    int units = lesson.choose(256, 32);
    int alphabetSize = alphabet.vocabulary().size();
    var writer = Writer.of(alphabetSize, units, RandomStream.of(1));
    // end
    lesson.figure("parameters", Modules.count(writer));

    // region plan
    int streams = 32;
    int window = 64;
    int epochs = lesson.choose(4, 1);
    int windows = (train.length() / streams - 1) / window;
    int steps = epochs * windows;
    int[] lines = alphabet.encode(train);
    int[] unread = alphabet.encode(valid);
    var optimizer = Adam.of(0.004)
            .scheduled(Schedule.oneCycle(steps))
            .on(writer)
            .clipNorm(1);
    // end
    lesson.figure("windows", windows);
    lesson.figure("stream-letters", train.length() / streams);
    lesson.figure("steps", steps);

    // region train
    int letters = lesson.choose(260, 20);
    var samples = new ArrayList<Letters>();
    var validated = new ArrayList<double[]>();
    List<Tensor> state = writer.start(streams);
    for (int step = 0; step < steps; step++) {
        if (step == 0 || step == steps / 10 || step == steps / 2) {
            String title = "after " + step + " steps";
            samples.add(sample(writer, alphabet, letters, title));
        }
        if (step % (steps / 12) == 0) {
            double now = Math.exp(loss(writer, unread, streams, window));
            validated.add(new double[] {step, now});
            IO.println("step " + step + " of " + steps + ": perplexity " + now);
        }
        int at = step % windows * window;
        state = at == 0 ? writer.start(streams) : state;
        Reading reading = writer.read(cut(lines, streams, at, window), state);
        Tensor next = cut(lines, streams, at + 1, window);
        Tensor loss = Loss.crossEntropy(reading.logits(), next);
        optimizer.step(loss, reading.state().toArray(Tensor[]::new));
        state = reading.detached();
    }
    String done = "after " + steps + " steps";
    samples.add(sample(writer, alphabet, letters, done));
    // end
    validated.add(new double[] {steps, Math.exp(loss(writer, unread, streams, window))});
    lesson.figure("before", validated.getFirst()[1]);
    lesson.figure("learned", validated.getLast()[1]);
    lesson.picture("samples", Panels.of("", 1, samples.toArray(Picture[]::new)));

    // region judge
    double nats = loss(writer, alphabet.encode(test), streams, window);
    double network = Math.exp(nats);
    double bits = nats / Math.log(2);
    // end
    lesson.figure("network", network);
    lesson.figure("nats", nats);
    lesson.figure("bits", bits);
    lesson.figure("kilobytes", test.length() * bits / 8 / 1000);
    lesson.figure("uniform-bits", Math.log(alphabetSize) / Math.log(2));
    double[][] course = validated.toArray(double[][]::new);
    var training = Plot.of("The network learns; counting stands still")
            .x("step").y("perplexity of text not learned from").rangeX(0, steps).rangeY(0, 30)
            .line("network", column(course, 0), column(course, 1));
    double[] ends = {0, steps};
    for (int n : new int[] {1, 2, 5}) {
        double c = perplexity(counts.subList(0, n + 1), valid, alphabet);
        training = training.line(n == 1 ? "one letter" : n + " letters", ends, new double[] {c, c});
    }
    lesson.picture("training", training);

    // region memory
    double[] known = byPosition(writer, alphabet.encode(test), window);
    // end
    lesson.figure("after-one", known[0]);
    lesson.figure("after-two", known[1]);
    lesson.figure("after-five", known[4]);
    lesson.figure("after-ten", known[9]);
    lesson.figure("late", Math.exp(Arrays.stream(known, 32, 64).map(Math::log).average().orElse(0)));
    lesson.figure("forgetful", Math.exp(Arrays.stream(known).map(Math::log).average().orElse(0)));
    lesson.picture("memory", Plot.of("What each letter of context is worth")
            .x("letters seen").y("perplexity of the next one").logX().rangeX(1, 64).rangeY(0, 26)
            .line("network", known)
            .line("counting", Arrays.copyOfRange(counted, 1, 6)));

    // region temperatures
    double[] temperatures = {0.3, 0.5, 0.7, 0.85, 1, 1.2, 1.5};
    double[] real = new double[temperatures.length];
    double[] distinct = new double[temperatures.length];
    int length = lesson.choose(300, 20);
    Set<String> vocabulary = new HashSet<>(words(train));
    for (int i = 0; i < temperatures.length; i++) {
        var written = new ArrayList<String>();
        for (String text : write(
                writer, alphabet, 64, length, temperatures[i], 7)) {
            written.addAll(words(text));
        }
        real[i] = 100 * share(written, vocabulary);
        distinct[i] = 100.0 * new HashSet<>(written).size() / written.size();
    }
    double ofShakespeare = 100 * share(words(test), vocabulary);
    // end
    lesson.figure("real-cold", real[0]);
    lesson.figure("real-middle", real[2]);
    lesson.figure("real-one", real[4]);
    lesson.figure("real-hot", real[6]);
    lesson.figure("real-shakespeare", ofShakespeare);
    lesson.figure("distinct-cold", distinct[0]);
    lesson.figure("distinct-middle", distinct[2]);
    lesson.figure("distinct-one", distinct[4]);
    lesson.figure("distinct-hot", distinct[6]);
    lesson.picture("temperature", Plot.of("Cold: right and dull. Hot: fresh and wrong.")
            .x("temperature").y("words, in percent").rangeY(0, 100)
            .line("that Shakespeare used", temperatures, real)
            .line("not written before", temperatures, distinct));
    lesson.picture("temperatures", Panels.of("", 1,
            page("temperature 0.3", write(writer, alphabet, 1, letters, 0.3, 5).getFirst()),
            page("temperature 0.8", write(writer, alphabet, 1, letters, 0.8, 5).getFirst()),
            page("temperature 1.5", write(writer, alphabet, 1, letters, 1.5, 5).getFirst())));

    // region surprise
    String passage = test.lines().skip(2).limit(14)
            .collect(Collectors.joining("\n"));
    double[] felt = surprises(writer, alphabet, "\n" + passage);
    // end
    lesson.picture("surprise", Letters.of("The more surprising, the redder", passage)
            .values(felt));
    double[] places = byPlaceInWord(passage, felt);
    lesson.figure("surprise-first", places[0]);
    lesson.figure("surprise-later", places[1]);
    lesson.figure("grumio", train.split("GRUMIO:", -1).length - 1);
    lesson.figure("tailor", train.split("Tailor:", -1).length - 1);
}

// region alphabet
/// The letters of a text, each with a number, in the order of the alphabet.
CharacterTokenizer alphabet(String text) {
    return new CharacterTokenizer(Vocabulary.of(
            text.chars().distinct().sorted()
                    .mapToObj(Character::toString).toList()));
}
// end

// region count
/// How often each letter followed each run of n letters.
Map<String, int[]> count(String text, int n, CharacterTokenizer alphabet) {
    var counts = new HashMap<String, int[]>();
    int[] letters = alphabet.encode(text);
    for (int i = n; i < text.length(); i++) {
        String before = text.substring(i - n, i);
        int[] seen = counts.computeIfAbsent(
                before, b -> new int[alphabet.vocabulary().size()]);
        seen[letters[i]]++;
    }
    return counts;
}
// end

// region perplexity
/// How surprised one is by a text who has counted.
double perplexity(
        List<Map<String, int[]>> counts, String text,
        CharacterTokenizer alphabet) {
    int[] letters = alphabet.encode(text);
    double sum = 0;
    for (int i = 0; i < letters.length; i++) {
        double p = 1.0 / alphabet.vocabulary().size();
        for (int n = 0; n < Math.min(counts.size(), i + 1); n++) {
            int[] seen = counts.get(n).get(text.substring(i - n, i));
            if (seen != null) {
                int all = IntStream.of(seen).sum();
                p = (seen[letters[i]] + 10 * p) / (all + 10);
            }
        }
        sum -= Math.log(p);
    }
    return Math.exp(sum / letters.length);
}
// end

/// Which part of a text's runs of five letters was never counted.
double unseen(Map<String, int[]> counts, String text) {
    return IntStream.range(5, text.length())
            .mapToDouble(i -> counts.containsKey(text.substring(i - 5, i)) ? 0 : 1)
            .average().orElse(0);
}

/// Three windows of a stream, between which the state goes on and the gradient does not.
Picture windows() {
    return Diagram.of("Values go on from window to window, gradients do not")
            .box("0", 0, 0, 1, "zeros")
            .box("1", 1.2, 0, "window 1", "letters 1–64")
            .box("2", 2.6, 0, "window 2", "65–128")
            .box("3", 4, 0, "window 3", "129–192")
            .box("l1", 1.2, 1.1, 2, "loss", "step 1")
            .box("l2", 2.6, 1.1, 2, "loss", "step 2")
            .box("l3", 4, 1.1, 2, "loss", "step 3")
            .arrow("0", "1", "")
            .arrow("1", "2", "state")
            .arrow("2", "3", "state")
            .arrow("1", "l1", "")
            .arrow("2", "l2", "")
            .arrow("3", "l3", "");
}

// region writer
/// What the network makes of letters: what may come next, and its state.
record Reading(Tensor logits, List<Tensor> state) {
    /// Computes the state along with something else.
    void evaluate(Tensor other) {
        Tensor.evaluateAll(other, state.get(0), state.get(1));
    }

    /// The state as plain numbers, which no gradient goes through.
    List<Tensor> detached() {
        return state.stream().map(Tensor::detach).toList();
    }
}

/// Letters to vectors, an LSTM, and logits for the next letter.
record Writer(Embedding letters, Recurrent memory, Linear head)
        implements fathom.nn.Module {
    static Writer of(int alphabet, int units, RandomStream random) {
        return new Writer(
                embedding(alphabet, 32)
                        .build(Shape.of(1), random.split("letters")),
                lstm(units)
                        .build(Shape.of(1, 32), random.split("memory")),
                linear(alphabet)
                        .build(Shape.of(1, units), random.split("head")));
    }

    /// The state before the first letter.
    List<Tensor> start(int streams) {
        int units = head.weight().shape().dim(0);
        Tensor zeros = Tensor.zeros(streams, units);
        return List.of(zeros, zeros);
    }

    /// Reads on from a state: letters [N, T] to logits [N, T, alphabet].
    Reading read(Tensor text, List<Tensor> state) {
        var run = memory.run(Sequences.of(letters.apply(text)).from(state));
        return new Reading(head.apply(run.outputs()), run.state());
    }

    public Tensor forward(Tensor text) {
        return read(text, start(text.dim(0))).logits();
    }
}
// end

// region cut
/// Of each stream, a window of letters.
Tensor cut(int[] letters, int streams, int at, int window) {
    int length = letters.length / streams;
    int[] cut = new int[streams * window];
    for (int i = 0; i < streams; i++) {
        System.arraycopy(letters, i * length + at, cut, i * window, window);
    }
    return Tensor.of(cut, streams, window);
}
// end

// region loss
/// The mean loss of a text, read in streams.
double loss(Writer writer, int[] letters, int streams, int window) {
    int windows = (letters.length / streams - 1) / window;
    List<Tensor> state = writer.start(streams);
    double sum = 0;
    for (int i = 0; i < windows; i++) {
        int at = i * window;
        Reading reading = writer.read(cut(letters, streams, at, window), state);
        Tensor next = cut(letters, streams, at + 1, window);
        Tensor loss = Loss.crossEntropy(reading.logits(), next);
        reading.evaluate(loss);
        state = reading.detached();
        sum += loss.item();
    }
    return sum / windows;
}
// end

// region write
/// Lets the network write several texts side by side.
List<String> write(Writer writer, CharacterTokenizer alphabet,
        int texts, int length, double temperature, long seed) {
    var random = new Random(seed);
    var written = new StringBuilder[texts];
    Arrays.setAll(written, i -> new StringBuilder());
    int[] letters = new int[texts];
    Arrays.fill(letters, alphabet.encode("\n")[0]);
    Tensor heat = Tensor.scalar(temperature);
    List<Tensor> state = writer.start(texts);
    for (int i = 0; i < length; i++) {
        Reading reading = writer.read(Tensor.of(letters, texts, 1), state);
        Tensor p = reading.logits().div(heat).softmax(-1);
        reading.evaluate(p);
        state = reading.detached();
        float[] all = p.toFloats();
        for (int t = 0; t < texts; t++) {
            int from = t * alphabet.vocabulary().size();
            letters[t] = draw(all, from, alphabet.vocabulary().size(), random);
            written[t].append(alphabet.decode(letters[t]));
        }
    }
    return Arrays.stream(written).map(StringBuilder::toString).toList();
}

/// A number from 0 on, each as often as its probability says.
int draw(float[] probabilities, int from, int count, Random random) {
    double left = random.nextDouble();
    for (int i = 0; i < count - 1; i++) {
        left -= probabilities[from + i];
        if (left < 0) {
            return i;
        }
    }
    return count - 1;
}
// end

// region sample
/// The first lines of what the network writes.
Letters sample(
        Writer writer, CharacterTokenizer alphabet, int length, String title) {
    return page(title, write(writer, alphabet, 1, length, 0.8, 3).getFirst());
}
// end

/// The first lines of a text.
Letters page(String title, String text) {
    String lines = text.strip().replaceAll("\n+", "\n").lines().limit(6).collect(Collectors.joining("\n"));
    return Letters.of(title, lines);
}

// region by-position
/// The perplexity of the second letter of windows, of the third, and so on,
/// each window read from a state of zeros on.
double[] byPosition(Writer writer, int[] letters, int window) {
    int[] starts = IntStream.iterate(0, i -> i + 16)
            .takeWhile(i -> i + window < letters.length).toArray();
    int[] all = IntStream.of(starts)
            .flatMap(i -> Arrays.stream(letters, i, i + window + 1))
            .toArray();
    Tensor text = Tensor.of(all, starts.length, window + 1);
    Tensor logits = writer.apply(text.slice(1, 0, window));
    Tensor next = text.slice(1, 1, window + 1);
    Tensor mean = Loss.crossEntropy().terms(logits, next).values().mean(0);
    return mean.exp().toDoubles();
}
// end

// region words
List<String> words(String text) {
    return Arrays.stream(text.toLowerCase(Locale.ROOT).split("[^a-z']+"))
            .filter(w -> w.length() > 1).toList();
}

double share(List<String> words, Set<String> vocabulary) {
    long known = words.stream().filter(vocabulary::contains).count();
    return known / (double) words.size();
}
// end

// region surprises
/// Of each letter but the first, minus the logarithm of its probability.
double[] surprises(Writer writer, CharacterTokenizer alphabet, String text) {
    int[] letters = alphabet.encode(text);
    int count = letters.length - 1;
    Tensor all = Tensor.of(letters, 1, count + 1);
    Tensor logits = writer.apply(all.slice(1, 0, count));
    Tensor next = all.slice(1, 1, count + 1);
    return Loss.crossEntropy().terms(logits, next).values()
            .reshape(count).toDoubles();
}
// end

/// The mean surprise of the first letters of words, and of all further ones.
double[] byPlaceInWord(String text, double[] surprises) {
    double[] sums = new double[2];
    int[] letters = new int[2];
    for (int i = 1; i < text.length(); i++) {
        if (Character.isLetter(text.charAt(i))) {
            int place = Character.isLetter(text.charAt(i - 1)) ? 1 : 0;
            sums[place] += surprises[i];
            letters[place]++;
        }
    }
    return new double[] {sums[0] / letters[0], sums[1] / letters[1]};
}

double[] column(double[][] rows, int column) {
    return Arrays.stream(rows).mapToDouble(row -> row[column]).toArray();
}
