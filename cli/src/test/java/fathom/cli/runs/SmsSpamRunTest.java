package fathom.cli.runs;

import static fathom.nn.Layers.embedding;
import static fathom.nn.Layers.layerNorm;
import static fathom.nn.Layers.learnedPositions;
import static fathom.nn.Layers.linear;
import static fathom.nn.Layers.transformerEncoderLayer;
import static org.assertj.core.api.Assertions.assertThat;

import fathom.data.DataSets;
import fathom.data.LabelledTexts;
import fathom.data.SequenceDataset;
import fathom.data.text.WordTokenizer;
import fathom.nn.AttentionMask;
import fathom.nn.Dropout;
import fathom.nn.Embedding;
import fathom.nn.Initializer;
import fathom.nn.LayerNorm;
import fathom.nn.LearnedPositions;
import fathom.nn.Linear;
import fathom.nn.Loss;
import fathom.nn.Module;
import fathom.nn.TransformerEncoderLayer;
import fathom.nn.optim.AdamW;
import fathom.nn.optim.Schedule;
import fathom.nn.train.ConfusionMatrix;
import fathom.nn.train.Epochs;
import fathom.nn.train.Evaluation;
import fathom.nn.train.Metric;
import fathom.nn.train.StreamingMetric;
import fathom.nn.train.Trainer;
import fathom.tensor.DType;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Finds spam among short messages.
class SmsSpamRunTest {
    private static final int CONTEXT = 64;
    private static final int BATCH = 32;
    private static final int EPOCHS = 6;
    private static final int SPAM = 1;

    /// A transformer's encoder over words, whose results are averaged over a message and classified.
    ///
    /// @param words a vector for each word
    /// @param positions a vector for each place
    /// @param dropout of what goes into the layers
    /// @param layers of the encoder
    /// @param norm of what they give
    /// @param head for the logits of both classes
    record Classifier(
            Embedding words,
            LearnedPositions positions,
            Dropout dropout,
            List<TransformerEncoderLayer> layers,
            LayerNorm norm,
            Linear head)
            implements Module {
        static Classifier build(int vocabulary, int classes, long seed) {
            RandomStream random = RandomStream.of(seed).split("weights");
            int width = 64;
            Shape sample = Shape.of(CONTEXT, width);
            List<TransformerEncoderLayer> layers = new ArrayList<>();
            for (int i = 0; i < 2; i++) {
                layers.add(transformerEncoderLayer(4, 2 * width).preNorm().build(sample, random.split("layer" + i)));
            }
            return new Classifier(
                    embedding(vocabulary, width)
                            .initializer(Initializer.normal(0, 0.1))
                            .build(Shape.of(CONTEXT), random.split("words")),
                    learnedPositions(CONTEXT).build(sample, random.split("positions")),
                    new Dropout(0.2),
                    layers,
                    layerNorm().build(sample, random),
                    linear(classes).build(Shape.of(width), random.split("head")));
        }

        /// @param x I32 `[N, T]`, filled up with 0, which is no word
        /// @return logits `[N, classes]`
        @Override
        public Tensor forward(Tensor x) {
            Tensor real = x.greater(0);
            Tensor lengths = real.cast(DType.I32).sum(1);
            AttentionMask mask = AttentionMask.none().lengths(lengths, x.dim(1));
            Tensor y = dropout.apply(positions.apply(words.apply(x)));
            for (TransformerEncoderLayer layer : layers) {
                y = layer.apply(y, mask);
            }
            Tensor weights = real.cast(DType.F32).unsqueeze(2);
            Tensor mean = norm.apply(y).mul(weights).sum(1).div(weights.sum(1));
            return head.apply(mean);
        }
    }

    /// Numbers are seldom seen twice: how long one is tells more than which it is.
    private static String withoutDigits(String text) {
        return text.replaceAll("[0-9]", "0");
    }

    private static int[] beginning(WordTokenizer tokenizer, String text) {
        int[] words = tokenizer.encode(withoutDigits(text));
        return Arrays.copyOf(words, Math.min(words.length, CONTEXT));
    }

    @Test
    void findsSpam() {
        LabelledTexts messages = DataSets.smsSpam();
        List<LabelledTexts> parts = messages.distinct().shuffle(42).stratifiedSplit(0.8, 0.2);
        LabelledTexts train = parts.get(0);
        WordTokenizer tokenizer = WordTokenizer.train(
                train.texts().stream().map(SmsSpamRunTest::withoutDigits).toList(), 2, 4000, true);

        Classifier model = Classifier.build(
                tokenizer.vocabulary().size(), messages.classes().size(), 1);
        SequenceDataset samples = train.sequences(text -> beginning(tokenizer, text));
        int steps = EPOCHS * Math.ceilDiv(samples.size(), BATCH);
        Trainer trainer = Trainer.of(model)
                .seed(1)
                .loss(Loss.crossEntropy())
                .optimizer(AdamW.of(1e-3).scheduled(Schedule.oneCycle(steps)))
                .clipNorm(1)
                .metrics(
                        Metric.accuracy(),
                        StreamingMetric.of("spamF1", () -> ConfusionMatrix.of(2), matrix -> matrix.f1(SPAM)))
                .progress(false);
        trainer.fit(samples.batch(BATCH).shuffle(1).bucketed(50).lengthsMultipleOf(8), Epochs.of(EPOCHS));

        Evaluation result = trainer.evaluate(parts.get(1)
                .sequences(text -> beginning(tokenizer, text))
                .batch(128)
                .lengthsMultipleOf(8));
        IO.println("SMS spam: " + result);
        assertThat(result.get("spamF1")).isGreaterThanOrEqualTo(0.95);
    }
}
