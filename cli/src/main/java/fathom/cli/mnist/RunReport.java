package fathom.cli.mnist;

import fathom.cli.picture.ConfusionChart;
import fathom.cli.picture.DigitSheet;
import fathom.cli.picture.LineChart;
import fathom.data.Dataset;
import fathom.nn.train.History;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/// The pictures that are left to look at after a training.
final class RunReport {
    private static final int DIGITS = 25;
    private static final int MISTAKES = 5;

    private RunReport() {}

    /// Loss and accuracy over the epochs.
    static byte[] curves(History history) {
        return LineChart.draw(List.of(panel(history, "loss", false), panel(history, "accuracy", true)))
                .png();
    }

    private static LineChart.Panel panel(History history, String measure, boolean percent) {
        return new LineChart.Panel(
                measure,
                percent,
                List.of(
                        new LineChart.Series("train", history.training(measure)),
                        new LineChart.Series("validation", history.validation(measure))));
    }

    /// Test digits with what the model says: the first ones, and the worst mistakes.
    static byte[] predictions(TestResult result, Dataset test) {
        List<TestResult.Answer> mistakes = result.worst(MISTAKES);
        Set<TestResult.Answer> worst = new HashSet<>(mistakes);
        List<TestResult.Answer> shown = new ArrayList<>();
        for (TestResult.Answer a : result.answers()) {
            if (shown.size() < DIGITS - mistakes.size() && !worst.contains(a)) {
                shown.add(a);
            }
        }
        String title = "The first " + shown.size() + " test digits and the " + mistakes.size() + " worst mistakes";
        shown.addAll(mistakes);
        List<DigitSheet.Digit> digits = new ArrayList<>();
        for (TestResult.Answer a : shown) {
            float[] grey = test.get(a.index()).x().toFloats();
            digits.add(new DigitSheet.Digit(grey, DigitImage.SIDE, a.truth(), a.predicted(), a.probability()));
        }
        return DigitSheet.draw(title, digits).png();
    }

    /// The confusion matrix.
    static byte[] confusion(TestResult result) {
        String title = String.format(
                Locale.ROOT,
                "%d test digits: %.2f %% right",
                result.confusion().total(),
                100 * result.confusion().accuracy());
        return ConfusionChart.draw(title, result.counts()).png();
    }
}
