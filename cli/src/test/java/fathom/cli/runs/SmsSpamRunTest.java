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
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Finds spam among short messages.
@Tag("slow")
class SmsSpamRunTest {
    private static final int CONTEXT = 64;
    private static final int BATCH = 32;
    private static final int EPOCHS = 8;
    private static final int SPAM = 1;

    /// A transformer's encoder layer over words. Mean and greatest of what it gives, and of the words
    /// themselves, classify a message.
    ///
    /// @param words a vector for each word
    /// @param dropout of whole words
    /// @param positions a vector for each place
    /// @param layer that looks at all words for each
    /// @param norm of what it gives
    /// @param head for the logits of both classes
    record Classifier(
            Embedding words,
            Dropout dropout,
            LearnedPositions positions,
            TransformerEncoderLayer layer,
            LayerNorm norm,
            Linear head)
            implements Module {
        static Classifier build(int vocabulary, int classes, long seed) {
            RandomStream random = RandomStream.of(seed).split("weights");
            int width = 64;
            Shape sample = Shape.of(CONTEXT, width);
            return new Classifier(
                    embedding(vocabulary, width)
                            .initializer(Initializer.normal(0, 0.1))
                            .build(Shape.of(CONTEXT), random.split("words")),
                    new Dropout(0.3),
                    learnedPositions(CONTEXT).build(sample, random.split("positions")),
                    transformerEncoderLayer(4, 2 * width).preNorm().build(sample, random.split("layer0")),
                    layerNorm().build(sample, random),
                    linear(classes).build(Shape.of(4 * width), random.split("head")));
        }

        /// @param x I32 `[N, T]`, filled up with 0, which is no word
        /// @return logits `[N, classes]`
        @Override
        public Tensor forward(Tensor x) {
            Tensor real = x.greater(0).cast(DType.F32);
            AttentionMask mask = AttentionMask.none().lengths(real.sum(1).cast(DType.I32), x.dim(1));
            Tensor kept = words.apply(x).mul(dropout.apply(real).unsqueeze(2));
            Tensor seen = norm.apply(layer.apply(positions.apply(kept), mask));
            Tensor weights = real.unsqueeze(2);
            return head.apply(Tensor.concat(
                    1, mean(seen, weights), most(seen, weights), mean(kept, weights), most(kept, weights)));
        }

        private static Tensor mean(Tensor y, Tensor weights) {
            return y.mul(weights).sum(1).div(weights.sum(1));
        }

        private static Tensor most(Tensor y, Tensor weights) {
            return y.add(weights.sub(1).mul(1e4)).max(1);
        }
    }

    /// Numbers are seldom seen twice: how long one is tells more than which it is. A sign before words in
    /// capitals tells them from others, which are the same words to the tokeniser.
    private static String marked(String text) {
        return text.replaceAll("[0-9]", "0").replaceAll("\\b\\p{Lu}{2,}\\b", "^ $0");
    }

    private static int[] beginning(WordTokenizer tokenizer, String text) {
        int[] words = tokenizer.encode(marked(text));
        return Arrays.copyOf(words, Math.min(words.length, CONTEXT));
    }

    @Test
    void findsSpam() {
        LabelledTexts messages = DataSets.smsSpam();
        List<LabelledTexts> parts = messages.distinct().shuffle(42).stratifiedSplit(0.8, 0.2);
        LabelledTexts train = parts.get(0);
        WordTokenizer tokenizer = WordTokenizer.train(
                train.texts().stream().map(SmsSpamRunTest::marked).toList(), 2, 4000, true);

        Classifier model = Classifier.build(
                tokenizer.vocabulary().size(), messages.classes().size(), 1);
        SequenceDataset samples = train.sequences(text -> beginning(tokenizer, text));
        int steps = EPOCHS * Math.ceilDiv(samples.size(), BATCH);
        Trainer trainer = Trainer.of(model)
                .seed(1)
                .loss(Loss.crossEntropy())
                .optimizer(AdamW.of(2e-3).withWeightDecay(0.1).scheduled(Schedule.oneCycle(steps)))
                .clipNorm(1)
                .metrics(
                        Metric.accuracy(),
                        StreamingMetric.of("spamF1", () -> ConfusionMatrix.of(2), matrix -> matrix.f1(SPAM)))
                .progress(false);
        trainer.fit(samples.batch(BATCH).shuffle(1).bucketed(50).lengthsMultipleOf(16), Epochs.of(EPOCHS));

        Evaluation result = trainer.evaluate(parts.get(1)
                .sequences(text -> beginning(tokenizer, text))
                .batch(128)
                .lengthsMultipleOf(16));
        IO.println("SMS spam: " + result);
        assertThat(result.get("spamF1")).isGreaterThanOrEqualTo(0.95);
    }
}
