package fathom.cli.mnist;

import fathom.data.Dataset;
import fathom.data.Mnist;
import fathom.nn.train.ConfusionMatrix;
import fathom.nn.train.Evaluation;
import fathom.nn.train.Trainer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/// How a model did on the test data.
///
/// @param evaluation loss and accuracy
/// @param confusion how often each digit was taken for each
/// @param answers what the model said about every sample, in order
record TestResult(Evaluation evaluation, ConfusionMatrix confusion, List<Answer> answers) {
    private static final int BATCH = 250;

    TestResult {
        answers = List.copyOf(answers);
    }

    /// What the model said about a sample.
    ///
    /// @param index which sample
    /// @param truth what it is
    /// @param predicted what the model took it for
    /// @param probability how sure the model was
    record Answer(int index, int truth, int predicted, double probability) {
        boolean isRight() {
            return truth == predicted;
        }
    }

    /// Measures the trainer's model.
    static TestResult of(Trainer trainer, Dataset test) {
        ConfusionMatrix confusion = ConfusionMatrix.of(Mnist.CLASSES);
        List<Answer> answers = new ArrayList<>();
        Evaluation evaluation = trainer.evaluate(test.batch(BATCH), (prediction, batch) -> {
            confusion.add(prediction, batch.y());
            float[] p = prediction.softmax(-1).toFloats();
            int[] truth = batch.y().toInts();
            for (int i = 0; i < truth.length; i++) {
                int best = best(p, i * Mnist.CLASSES);
                answers.add(new Answer(answers.size(), truth[i], best, p[i * Mnist.CLASSES + best]));
            }
        });
        return new TestResult(evaluation, confusion, answers);
    }

    private static int best(float[] p, int row) {
        int best = 0;
        for (int c = 1; c < Mnist.CLASSES; c++) {
            if (p[row + c] > p[row + best]) {
                best = c;
            }
        }
        return best;
    }

    /// The mistakes that the model was surest of, the worst first.
    List<Answer> worst(int count) {
        return answers.stream()
                .filter(a -> !a.isRight())
                .sorted(Comparator.comparingDouble(Answer::probability).reversed())
                .limit(count)
                .toList();
    }

    /// `counts[truth][predicted]`.
    long[][] counts() {
        int n = confusion.classes();
        long[][] counts = new long[n][n];
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                counts[i][j] = confusion.count(i, j);
            }
        }
        return counts;
    }
}
