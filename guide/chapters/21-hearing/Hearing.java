import module fathom.core;
import module fathom.data;
import module fathom.guide;
import module fathom.nn;

import static fathom.nn.Layers.*;

// region constants
final int RATE = 8000;
final int MELS = 40;
final double SILENCE = 0.01;
final LogMel EAR = new LogMel(
        Spectrogram.of(256, 128), MelFilters.of(MELS, RATE), SILENCE);
// end

void main() {
    var lesson = Lesson.begin();

    // region data
    SpokenDigits digits = SpokenDigits.load();
    SpokenDigits.Recording seven = digits.test().stream()
            .filter(recording -> recording.digit() == 7)
            .findFirst().orElseThrow();
    float[] sound = seven.sound().values();
    // end
    lesson.figure("train-sounds", digits.train().size());
    lesson.figure("test-sounds", digits.test().size());
    lesson.figure("samples", sound.length);
    lesson.figure("seconds", sound.length / (double) RATE);
    lesson.picture("wave", wave(sound));

    // region tone
    float[] tone = new float[256];
    for (int n = 0; n < tone.length; n++) {
        tone[n] = (float) Math.sin(2 * Math.PI * 440 * n / RATE);
    }
    double[] power = Spectrogram.of(256, 128).power(tone)[0];
    int loudest = IntStream.range(0, power.length)
            .reduce((a, b) -> power[a] >= power[b] ? a : b).orElseThrow();
    double heard = loudest * RATE / 256.0;
    // end
    lesson.figure("loudest", loudest);
    lesson.figure("heard", heard);
    lesson.figure("bins", power.length);

    // region ear
    double[][] seen = EAR.values(loud(sound));
    // end
    lesson.figure("bands", MELS);
    lesson.figure("frames", seen.length);
    lesson.picture("seven", Panels.of("The same recording, as frequencies", 2,
            spectrogram("129 frequencies, evenly spaced",
                    logarithms(Spectrogram.of(256, 128).power(loud(sound)))).square(4),
            spectrogram("40 bands, as the ear has them", seen).square(8)));

    // region pictures
    Shape picture = Shape.of(EAR.spectrogram().frames(RATE), MELS, 1);
    Dataset train = pictures(digits.train(), picture)
            .augment(1, Augmentations.randomCrop(picture.dim(0), MELS, 3)
                    .then(new SpecAugment(1, 5, 1, 8, 0)));
    Dataset test = pictures(digits.test(), picture);
    // end

    // region classify
    int filters = lesson.choose(32, 4);
    int epochs = lesson.choose(25, 1);
    int batch = lesson.choose(16, 64);
    int steps = epochs * Math.ceilDiv(train.size(), batch);
    var listener = Trainer.of(Sequential.of(
                    conv2d(filters, 3), batchNorm(), relu(), maxPool2d(2),
                    conv2d(2 * filters, 3), batchNorm(), relu(), maxPool2d(2),
                    conv2d(2 * filters, 3), batchNorm(), relu(), maxPool2d(2),
                    flatten(), dropout(0.4), linear(SpokenDigits.CLASSES)))
            .seed(1)
            .loss(Loss.crossEntropy())
            .optimizer(AdamW.of(0.003).scheduled(Schedule.oneCycle(steps)))
            .metrics(Metric.accuracy());
    listener.fit(train.shuffle(1).batch(batch), Epochs.of(epochs));

    var matrix = ConfusionMatrix.of(SpokenDigits.CLASSES);
    listener.evaluate(test.batch(100),
            (prediction, asked) -> matrix.add(prediction, asked.y()));
    // end
    lesson.figure("accuracy", 100 * matrix.accuracy());
    lesson.figure("mistakes", matrix.total() * (1 - matrix.accuracy()));
    lesson.figure("six-eight", matrix.count(6, 8));
    lesson.picture("confusion", confusion(matrix));

    // region all-paths
    int times = 5;
    Tensor few = RandomStream.of(5).normal(Shape.of(1, times, 3));
    double[][] p = rows(few.softmax(2).squeeze(0));
    double sum = 0;
    int fitting = 0;
    for (int path = 0; path < Math.pow(3, times); path++) {
        int[] classes = new int[times];
        double product = 1;
        for (int t = 0, left = path; t < times; t++, left /= 3) {
            classes[t] = left % 3;
            product *= p[t][classes[t]];
        }
        if (collapse(classes).equals(List.of(1, 2))) {
            sum += product;
            fitting++;
        }
    }
    double byHand = -Math.log(sum);
    double byLibrary = Loss.ctc().of(few, Tensor.of(new int[] {1, 2}, 1, 2)).item();
    // end
    lesson.figure("paths", Math.pow(3, times));
    lesson.figure("fitting", fitting);
    lesson.figure("by-hand", byHand);
    lesson.figure("ctc-difference", Math.abs(byHand - byLibrary));

    // region forward
    int[] places = {0, 1, 0, 2, 0};
    double[] ways = {p[0][0], p[0][1], 0, 0, 0};
    for (int t = 1; t < times; t++) {
        double[] next = new double[places.length];
        for (int s = 0; s < places.length; s++) {
            next[s] = ways[s];
            if (s >= 1) {
                next[s] += ways[s - 1];
            }
            if (s >= 2 && places[s] != 0 && places[s] != places[s - 2]) {
                next[s] += ways[s - 2];
            }
            next[s] *= p[t][places[s]];
        }
        ways = next;
    }
    double byPlaces = -Math.log(ways[3] + ways[4]);
    // end
    lesson.figure("forward-difference", Math.abs(byHand - byPlaces));

    // region numbers
    int numbers = lesson.choose(3000, 128);
    Dataset spoken = numbers(digits.train(), numbers, 1);
    Dataset unheard = numbers(digits.test(), lesson.choose(500, 64), 2);
    // end
    lesson.figure("numbers", numbers);
    lesson.figure("unheard", unheard.size());

    // region write
    int units = lesson.choose(64, 8);
    int rounds = lesson.choose(6, 1);
    int allSteps = rounds * Math.ceilDiv(spoken.size(), 32);
    var writer = Trainer.of(Sequential.of(
                    conv1d(units, 5), batchNorm(), relu(), maxPool1d(2),
                    conv1d(2 * units, 5), batchNorm(), relu(), maxPool1d(2),
                    gru(units).bidirectional(), dropout(0.3),
                    linear(1 + SpokenDigits.CLASSES)))
            .seed(1)
            .loss(Loss.ctc())
            .clipNorm(5)
            .optimizer(AdamW.of(0.003).scheduled(Schedule.oneCycle(allSteps)));
    History history = writer.fit(
            spoken.shuffle(1).batch(32), Epochs.of(rounds));
    // end
    double[] losses = history.training("loss");
    lesson.figure("first-loss", losses[0]);
    lesson.figure("last-loss", losses[losses.length - 1]);

    // region read
    Batch asked = unheard.all();
    Tensor answers = writer.predict(asked.x()).softmax(2);
    List<List<Integer>> written = Loss.ctc().bestPath(answers);
    var rate = new ErrorRate(0);
    int whole = 0;
    for (int i = 0; i < written.size(); i++) {
        List<Integer> right = withoutBlanks(asked.y().at(0, i).toInts());
        rate.add(written.get(i), right);
        whole += written.get(i).equals(right) ? 1 : 0;
    }
    // end
    lesson.figure("error-rate", 100 * rate.value());
    lesson.figure("whole", 100.0 * whole / written.size());
    lesson.figure("frames-in", asked.x().dim(1));
    lesson.figure("times", answers.dim(1));
    lesson.picture("spikes", spikes(asked.x().at(0, 7), answers.at(0, 7)));
}

// region loud
/// As loud as all others: the largest amplitude is 1.
float[] loud(float[] sound) {
    float most = 1e-6f;
    for (float amplitude : sound) {
        most = Math.max(most, Math.abs(amplitude));
    }
    float[] louder = new float[sound.length];
    for (int i = 0; i < sound.length; i++) {
        louder[i] = sound[i] / most;
    }
    return louder;
}
// end

// region pictures-method
/// The first second of each recording as a picture; silence is 0.
Dataset pictures(List<SpokenDigits.Recording> recordings, Shape picture) {
    return SpokenDigits.dataset(recordings, RATE)
            .map(picture, (sound, result) -> picture(sound, result))
            .cache();
}

void picture(float[] sound, float[] result) {
    EAR.apply(loud(sound), result);
    for (int i = 0; i < result.length; i++) {
        result[i] = (float) ((result[i] - Math.log(SILENCE)) / 4);
    }
}
// end

// region collapse
List<Integer> withoutBlanks(int[] classes) {
    return IntStream.of(classes).filter(c -> c != 0).boxed().toList();
}

/// What a path says: repetitions count once, then blanks go.
List<Integer> collapse(int[] path) {
    return withoutBlanks(IntStream.range(0, path.length)
            .filter(t -> t == 0 || path[t] != path[t - 1])
            .map(t -> path[t]).toArray());
}
// end

// region numbers-method
/// Two to four recordings of a speaker in a row, with short pauses. The
/// label of digit d is d + 1; 0 is no digit.
Dataset numbers(List<SpokenDigits.Recording> recordings, int count, long seed) {
    int samples = 3 * RATE;
    var bySpeaker = List.copyOf(recordings.stream()
            .collect(Collectors.groupingBy(
                    SpokenDigits.Recording::speaker, TreeMap::new, Collectors.toList()))
            .values());
    var random = new Random(seed);
    float[][] sounds = new float[count][];
    int[] labels = new int[4 * count];
    for (int i = 0; i < count; ) {
        var speaker = bySpeaker.get(random.nextInt(bySpeaker.size()));
        float[] sound = new float[samples];
        int[] label = new int[4];
        int digits = random.nextInt(2, 5);
        int at = random.nextInt(1000);
        for (int d = 0; d < digits && at <= samples; d++) {
            var recording = speaker.get(random.nextInt(speaker.size()));
            float[] one = loud(recording.sound().values());
            int fits = Math.min(one.length, samples - at);
            System.arraycopy(one, 0, sound, at, fits);
            label[d] = recording.digit() + 1;
            at += one.length + random.nextInt(800);
        }
        if (at <= samples) {
            sounds[i] = sound;
            System.arraycopy(label, 0, labels, 4 * i, 4);
            i++;
        }
    }
    Shape frames = EAR.shape(samples);
    return Dataset.of(Tensor.of(sounds), Tensor.of(labels, count, 4))
            .map(frames, (sound, result) -> picture(sound, result))
            .cache();
}
// end

double[][] rows(Tensor matrix) {
    return IntStream.range(0, matrix.dim(0))
            .mapToObj(i -> matrix.at(0, i).toDoubles()).toArray(double[][]::new);
}

/// The whole sound, and a few hundredths of a second of it.
Picture wave(float[] sound) {
    int from = sound.length / 4;
    return Panels.of("A recording of \"seven\"", 1,
            part("A recording of \"seven\"", sound, 0, sound.length),
            part("A few hundredths of a second of it", sound, from, from + 400));
}

Plot part(String title, float[] sound, int from, int to) {
    int step = Math.max(1, (to - from) / 2000);
    double[] xs = IntStream.range(0, (to - from) / step)
            .mapToDouble(i -> (from + i * step) / (double) RATE).toArray();
    double[] ys = IntStream.range(0, xs.length).mapToDouble(i -> sound[from + i * step]).toArray();
    return Plot.of(title).size(640, 220).x("seconds").line("", xs, ys);
}

double[][] logarithms(double[][] power) {
    return Arrays.stream(power).map(frame -> Arrays.stream(frame)
            .map(v -> Math.log(Math.max(SILENCE, v))).toArray()).toArray(double[][]::new);
}

/// Time from left to right, low frequencies at the bottom; silence is white.
Heat spectrogram(String title, double[][] frames) {
    int bands = frames[0].length;
    double[][] turned = new double[bands][frames.length];
    for (int t = 0; t < frames.length; t++) {
        for (int k = 0; k < bands; k++) {
            turned[bands - 1 - k][t] = frames[t][k] - Math.log(SILENCE);
        }
    }
    return Heat.of(title, turned);
}

Heat confusion(ConfusionMatrix matrix) {
    double[][] counts = new double[10][10];
    for (int i = 0; i < 10; i++) {
        for (int j = 0; j < 10; j++) {
            counts[i][j] = matrix.count(i, j);
        }
    }
    List<String> names = IntStream.range(0, 10).mapToObj(Integer::toString).toList();
    return Heat.of("What was said (rows) and heard (columns)", counts)
            .names(names, names).numbers(0).square(32);
}

/// What goes in, and below it how likely each class is at each time.
Picture spikes(Tensor frames, Tensor answers) {
    var names = new ArrayList<String>(List.of("blank"));
    IntStream.range(0, 10).forEach(d -> names.add(Integer.toString(d)));
    return Panels.of("A spoken number, and what the network makes of it", 1,
            bands(frames),
            Heat.of("What the network says over time", answers.transpose())
                    .names(names, List.of())
                    .square(4.0 * frames.dim(0) / answers.dim(0)));
}

Heat bands(Tensor frames) {
    var names = new ArrayList<String>(Collections.nCopies(MELS, ""));
    names.set(1, "high ");
    names.set(MELS - 2, "low");
    return Heat.of("A spoken number, as 40 bands of frequencies", frames.transpose().flip(0))
            .names(names, List.of()).square(4);
}
