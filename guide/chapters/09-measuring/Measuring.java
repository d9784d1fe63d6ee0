import module fathom.core;
import module fathom.data;
import module fathom.guide;
import module fathom.nn;

import static fathom.nn.Layers.*;

// region class
/// The class of the malignant tumours; the others are benign.
final int MALIGNANT = 0;
// end

void main() {
    var lesson = Lesson.begin();

    // region data
    Dataset patients = DataSets.breastCancer().dataset();
    double[] truth = patients.binary(MALIGNANT).all().y().toDoubles();
    int ill = (int) Arrays.stream(truth).sum();
    int well = truth.length - ill;
    // end
    lesson.figure("patients", truth.length);
    lesson.figure("ill", ill);
    lesson.figure("well", well);
    lesson.figure("lazy", 100.0 * well / truth.length);

    // region answers
    double[] careful = ofStrangers(patients, 8, 0.2);
    // end
    lesson.picture("scores", scores("The network's answers", careful, truth));

    // region table
    Counts even = Counts.of(careful, truth, 0.5);
    // end
    lesson.figure("found", even.found());
    lesson.figure("missed", even.missed());
    lesson.figure("alarms", even.alarms());
    lesson.figure("cleared", even.cleared());
    lesson.picture("table", Heat.of("Threshold 0.5",
                    new double[][] {{even.found(), even.missed()}, {even.alarms(), even.cleared()}})
            .names(List.of("ill", "well"), List.of("said ill", "said well")).numbers(0).square(110));

    // region rates
    double accuracy = (even.found() + even.cleared()) / (double) truth.length;
    double precision = even.precision();
    double recall = even.recall();
    double f1 = 2 * precision * recall / (precision + recall);
    // end
    lesson.figure("accuracy", 100 * accuracy);
    lesson.figure("precision", 100 * precision);
    lesson.figure("recall", 100 * recall);
    lesson.figure("f1", f1);

    // region library
    Tensor p = Tensor.of(careful);
    var matrix = ConfusionMatrix.of(2);
    matrix.add(Tensor.stack(1, p.neg().add(1), p), Tensor.of(truth).cast(DType.I32));
    IO.println("F1 by the library: " + matrix.f1(1));
    // end
    double apart = Math.abs(matrix.f1(1) - f1);
    lesson.figure("f1-difference", apart);

    // region move
    double[] thresholds = IntStream.rangeClosed(0, 100).mapToDouble(i -> i * 0.01).toArray();
    double[] precisions = new double[thresholds.length];
    double[] recalls = new double[thresholds.length];
    for (int i = 0; i < thresholds.length; i++) {
        Counts at = Counts.of(careful, truth, thresholds[i]);
        precisions[i] = at.precision();
        recalls[i] = at.recall();
    }
    // end
    Counts strict = Counts.of(careful, truth, 0.95);
    Counts anxious = Counts.of(careful, truth, 0.05);
    lesson.figure("strict-precision", 100 * strict.precision());
    lesson.figure("strict-recall", 100 * strict.recall());
    lesson.figure("strict-missed", strict.missed());
    lesson.figure("anxious-precision", 100 * anxious.precision());
    lesson.figure("anxious-recall", 100 * anxious.recall());
    lesson.figure("anxious-missed", anxious.missed());
    lesson.figure("anxious-alarms", anxious.alarms());
    lesson.picture("threshold", Plot.of("The same answers, judged with different thresholds")
            .x("threshold").y("share").rangeX(0, 1).rangeY(0.5, 1.01)
            .line("precision", thresholds, precisions)
            .line("recall", thresholds, recalls));

    // region roc
    double[] cuts = Arrays.stream(careful).sorted().toArray();
    double[] hits = new double[cuts.length + 1];
    double[] falseHits = new double[cuts.length + 1];
    double area = 0;
    for (int i = 0; i < cuts.length; i++) {
        Counts at = Counts.of(careful, truth, cuts[cuts.length - 1 - i]);
        hits[i + 1] = at.recall();
        falseHits[i + 1] = at.alarms() / (double) well;
        double across = falseHits[i + 1] - falseHits[i];
        area += across * (hits[i + 1] + hits[i]) / 2;
    }
    // end
    lesson.figure("area", area);
    lesson.picture("roc", Plot.of("The ROC curve, and that of a coin")
            .x("false alarms, as a share of the well").y("found, as a share of the ill")
            .rangeX(-0.02, 1).rangeY(0, 1.02).size(520, 480)
            .line("the network", falseHits, hits)
            .curve("a coin", v -> v, 0, 1));

    // region pairs
    double better = 0;
    for (int i = 0; i < truth.length; i++) {
        for (int j = 0; j < truth.length; j++) {
            if (truth[i] == 1 && truth[j] == 0) {
                better += careful[i] > careful[j] ? 1 : careful[i] == careful[j] ? 0.5 : 0;
            }
        }
    }
    double pairs = better / ((double) ill * well);
    // end
    lesson.figure("pairs", pairs);
    var library = new BinaryScores();
    library.add(Tensor.of(careful), Tensor.of(truth));
    lesson.figure("area-difference", Math.abs(library.rocAuc() - pairs));

    // region reckless
    double[] reckless = ofStrangers(patients, lesson.choose(400, 60), 0);
    // end
    lesson.figure("reckless-area", rocAuc(reckless, truth));
    Counts recklessEven = Counts.of(reckless, truth, 0.5);
    double recklessAccuracy = (recklessEven.found() + recklessEven.cleared()) / (double) truth.length;
    lesson.figure("reckless-accuracy", 100 * recklessAccuracy);

    // region log-loss
    double carefulLoss = logLoss(careful, truth);
    double recklessLoss = logLoss(reckless, truth);
    // end
    lesson.figure("careful-loss", carefulLoss);
    lesson.figure("reckless-loss", recklessLoss);

    // region sure
    double[] recklessSure = sureAndWrong(reckless, truth);
    double[] carefulSure = sureAndWrong(careful, truth);
    // end
    lesson.figure("careful-sure", carefulSure[0]);
    lesson.figure("careful-sure-wrong", carefulSure[1]);
    lesson.figure("reckless-sure", recklessSure[0]);
    lesson.figure("reckless-sure-wrong", recklessSure[1]);
    lesson.picture("calibration", Panels.of("", 2,
            reliability("trained with care", careful, truth),
            reliability("trained too long", reckless, truth)));

    // region cost
    double missedCost = 20;
    double alarmCost = 1;
    double[] costs = Arrays.stream(thresholds)
            .map(t -> {
                Counts at = Counts.of(careful, truth, t);
                return missedCost * at.missed() + alarmCost * at.alarms();
            })
            .toArray();
    double wise = alarmCost / (alarmCost + missedCost);
    // end
    Counts atWise = Counts.of(careful, truth, wise);
    lesson.figure("wise", wise);
    lesson.figure("even-cost", missedCost * even.missed() + alarmCost * even.alarms());
    lesson.figure("wise-cost", missedCost * atWise.missed() + alarmCost * atWise.alarms());
    lesson.figure("wise-missed", atWise.missed());
    lesson.figure("wise-alarms", atWise.alarms());
    lesson.picture("cost", Plot.of("What the mistakes cost, by the threshold")
            .x("threshold").y("cost, in false alarms").rangeX(0, 1).rangeY(0, 600)
            .line("", thresholds, costs)
            .points("1 / 21", new double[] {wise},
                    new double[] {missedCost * atWise.missed() + alarmCost * atWise.alarms()}));

    // region bootstrap
    var random = new Random(1);
    int draws = lesson.choose(2000, 200);
    double[] areas = new double[draws];
    for (int d = 0; d < draws; d++) {
        int[] drawn = random.ints(truth.length, 0, truth.length).toArray();
        areas[d] = rocAuc(
                Arrays.stream(drawn).mapToDouble(i -> careful[i]).toArray(),
                Arrays.stream(drawn).mapToDouble(i -> truth[i]).toArray());
    }
    Arrays.sort(areas);
    double low = areas[(int) (0.025 * draws)];
    double high = areas[(int) (0.975 * draws)];
    // end
    lesson.figure("area-low", low);
    lesson.figure("area-high", high);

    // region rare
    double share = 0.01;
    double alarmRate = even.alarms() / (double) well;
    double saidIll = share * recall + (1 - share) * alarmRate;
    double rarePrecision = share * recall / saidIll;
    // end
    lesson.figure("alarm-rate", 100 * alarmRate);
    lesson.figure("rare-precision", 100 * rarePrecision);
    lesson.figure("always-well", 100 * (1 - share));
}

// region strangers
/// For each patient the probability of a malignant tumour, from a network
/// that has not seen this patient.
double[] ofStrangers(Dataset patients, int epochs, double dropout) {
    double[] answers = new double[patients.size()];
    Dataset numbered = patients.with("patient", Tensor.arange(patients.size()));
    for (Fold fold : numbered.shuffle(42).stratifiedFolds(5)) {
        Dataset seen = fold.train().binary(MALIGNANT);
        Dataset strangers = fold.validation().binary(MALIGNANT);
        var scaled = Preprocessing.fit(seen, Step.Standardise.fitting());
        var trainer = Trainer.of(Sequential.of(
                        linear(32), relu(), dropout(dropout),
                        linear(16), relu(), linear(1)))
                .seed(1)
                .loss(Loss.binaryCrossEntropy())
                .optimizer(AdamW.of(0.003));
        trainer.fit(scaled.on(seen).shuffle(1).batch(32), Epochs.of(epochs));

        Batch asked = scaled.on(strangers).all();
        double[] said = trainer.predict(asked.x()).sigmoid().toDoubles();
        int[] who = asked.others().get("patient").toInts();
        for (int i = 0; i < who.length; i++) {
            answers[who[i]] = said[i];
        }
    }
    return answers;
}
// end

// region counts
/// How often which answer met which truth, when "ill" is said from a
/// threshold on.
record Counts(int found, int missed, int alarms, int cleared) {
    static Counts of(double[] answers, double[] truth, double threshold) {
        int[] n = new int[4];
        for (int i = 0; i < truth.length; i++) {
            boolean saidIll = answers[i] >= threshold;
            n[(truth[i] == 1 ? 0 : 2) + (saidIll ? 0 : 1)]++;
        }
        return new Counts(n[0], n[1], n[2], n[3]);
    }

    /// Of those called ill, how many are?
    double precision() {
        return found + alarms == 0 ? 1 : found / (double) (found + alarms);
    }

    /// Of the ill, how many are found?
    double recall() {
        return found / (double) (found + missed);
    }
}
// end

// region log-loss-method
/// The cross-entropy, as in chapter 6: minus the mean logarithm of the
/// probability that was given to the truth.
double logLoss(double[] answers, double[] truth) {
    double sum = 0;
    for (int i = 0; i < truth.length; i++) {
        double given = truth[i] == 1 ? answers[i] : 1 - answers[i];
        sum -= Math.log(Math.max(given, 1e-12));
    }
    return sum / truth.length;
}
// end

// region sure-method
/// How many answers were surer than 99.9 %, and how many of these were wrong.
double[] sureAndWrong(double[] answers, double[] truth) {
    int sure = 0;
    int wrong = 0;
    for (int i = 0; i < truth.length; i++) {
        if (Math.abs(answers[i] - 0.5) > 0.499) {
            sure++;
            wrong += Math.round(answers[i]) != truth[i] ? 1 : 0;
        }
    }
    return new double[] {sure, wrong};
}
// end

double rocAuc(double[] answers, double[] truth) {
    var scores = new BinaryScores();
    scores.add(Tensor.of(answers), Tensor.of(truth));
    return scores.rocAuc();
}

/// How many of the ill and of the well get which answer.
Picture scores(String title, double[] answers, double[] truth) {
    var panels = new ArrayList<Plot>();
    for (int kind = 1; kind >= 0; kind--) {
        double[] counts = new double[20];
        for (int i = 0; i < truth.length; i++) {
            if (truth[i] == kind) {
                counts[Math.min(19, (int) (20 * answers[i]))]++;
            }
        }
        double[] places = IntStream.range(0, 20).mapToDouble(i -> (i + 0.5) / 20).toArray();
        panels.add(Plot.of(kind == 1 ? "the ill" : "the well").size(420, 320)
                .x("what the network says").y("patients").rangeX(0, 1)
                .bars("", places, counts).colour(kind));
    }
    return Panels.of(title, 2, panels.toArray(Picture[]::new));
}

/// How often it was so, over what was said, for groups of patients with similar answers.
Plot reliability(String title, double[] answers, double[] truth) {
    double[] bounds = {0, 0.02, 0.1, 0.3, 0.7, 0.9, 0.98, 1.01};
    var said = DoubleStream.builder();
    var was = DoubleStream.builder();
    for (int b = 0; b + 1 < bounds.length; b++) {
        double low = bounds[b];
        double high = bounds[b + 1];
        int[] members = IntStream.range(0, truth.length)
                .filter(i -> answers[i] >= low && answers[i] < high).toArray();
        if (members.length >= 5) {
            said.add(Arrays.stream(members).mapToDouble(i -> answers[i]).average().orElseThrow());
            was.add(Arrays.stream(members).mapToDouble(i -> truth[i]).average().orElseThrow());
        }
    }
    double[] xs = said.build().toArray();
    double[] ys = was.build().toArray();
    return Plot.of(title).size(420, 420).x("said").y("was so")
            .rangeX(-0.02, 1.02).rangeY(-0.02, 1.02)
            .curve("calibrated", v -> v, 0, 1)
            .line("", xs, ys).colour(1)
            .points("the network", xs, ys).colour(1);
}
