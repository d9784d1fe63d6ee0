package fathom.cli.runs;

import static fathom.nn.Layers.embedding;
import static fathom.nn.Layers.gru;
import static fathom.nn.Layers.linear;
import static org.assertj.core.api.Assertions.assertThat;

import fathom.data.DataSets;
import fathom.data.LabelledTexts;
import fathom.data.SequenceDataset;
import fathom.data.text.CharacterTokenizer;
import fathom.nn.Dropout;
import fathom.nn.Embedding;
import fathom.nn.Linear;
import fathom.nn.Loss;
import fathom.nn.Module;
import fathom.nn.Recurrent;
import fathom.nn.Sequences;
import fathom.nn.optim.AdamW;
import fathom.nn.optim.Schedule;
import fathom.nn.train.Epochs;
import fathom.nn.train.Evaluation;
import fathom.nn.train.Metric;
import fathom.nn.train.Trainer;
import fathom.tensor.DType;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Tells from which of 18 languages a surname is, letter by letter.
@Tag("slow")
class SurnamesRunTest {
    private static final int BATCH = 64;
    private static final int EPOCHS = 10;

    /// A recurrent layer over the letters in both directions, whose last states are classified.
    ///
    /// @param letters a vector for each letter
    /// @param reader of the vectors
    /// @param dropout of its last states
    /// @param head for the languages' logits
    record Classifier(Embedding letters, Recurrent reader, Dropout dropout, Linear head) implements Module {
        static Classifier build(int vocabulary, int classes, long seed) {
            RandomStream random = RandomStream.of(seed).split("weights");
            int width = 64;
            int units = 128;
            return new Classifier(
                    embedding(vocabulary, width).build(Shape.of(1), random.split("letters")),
                    gru(units).bidirectional().build(Shape.of(1, width), random.split("reader")),
                    new Dropout(0.4),
                    linear(classes).build(Shape.of(2 * units), random.split("head")));
        }

        /// @param x I32 `[N, T]`, filled up with 0, which is no letter
        /// @return logits `[N, classes]`
        @Override
        public Tensor forward(Tensor x) {
            Tensor lengths = x.greater(0).cast(DType.I32).sum(1);
            Recurrent.Result read = reader.run(Sequences.of(letters.apply(x)).lengths(lengths));
            return head.apply(dropout.apply(
                    Tensor.concat(1, read.state().get(0), read.state().get(1))));
        }
    }

    @Test
    void knowsThreeOfFourSurnames() {
        LabelledTexts names = DataSets.surnames();
        List<LabelledTexts> parts = names.distinct().shuffle(42).stratifiedSplit(0.85, 0.15);
        LabelledTexts train = parts.get(0);
        CharacterTokenizer tokenizer = CharacterTokenizer.train(train.texts());

        Classifier model =
                Classifier.build(tokenizer.vocabulary().size(), names.classes().size(), 1);
        SequenceDataset samples = train.sequences(tokenizer::encode);
        int steps = EPOCHS * Math.ceilDiv(samples.size(), BATCH);
        Trainer trainer = Trainer.of(model)
                .seed(1)
                .loss(Loss.crossEntropy())
                .optimizer(AdamW.of(3e-3).scheduled(Schedule.oneCycle(steps)))
                .metrics(Metric.accuracy())
                .progress(false);
        trainer.fit(samples.batch(BATCH).shuffle(1).bucketed(50), Epochs.of(EPOCHS));

        Evaluation result = trainer.evaluate(
                parts.get(1).sequences(tokenizer::encode).batch(256).bucketed(100));
        IO.println("surnames: " + result);
        assertThat(result.accuracy()).isGreaterThanOrEqualTo(0.75);
    }
}
