package fathom.parity.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.data.DataSets;
import fathom.data.LabelledTexts;
import fathom.data.SequenceLoader;
import fathom.data.text.PretrainedTokenizer;
import fathom.io.onnx.OnnxModel;
import fathom.models.Pooling;
import fathom.nn.Layers;
import fathom.nn.Linear;
import fathom.nn.Loss;
import fathom.nn.Module;
import fathom.nn.Modules;
import fathom.nn.optim.Adam;
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
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A model from an ONNX file goes on learning: MiniLM tells spam from other short messages.
@Tag("slow")
class FineTuningTest {
    private static final int WIDTH = 384;
    private static final int TOKENS = 32;
    private static final int SPAM = 1;
    private static final int FIRST = 2;
    private static final int THEN = 2;

    @TempDir
    Path folder;

    /// @param encoder vectors of tokens
    /// @param head logits of both classes, of the tokens' mean
    record Classifier(OnnxModel encoder, Linear head) implements Module {
        static Classifier read(Path file) {
            RandomStream random = RandomStream.of(3);
            return new Classifier(OnnxModel.read(file), Layers.linear(2).build(Shape.of(WIDTH), random));
        }

        /// @param x I32 `[N, T]`, filled up with 0, which is `[PAD]`
        @Override
        public Tensor forward(Tensor x) {
            Tensor seen = x.greater(0);
            Map<String, Tensor> inputs = Map.of(
                    "input_ids",
                    x.cast(DType.I64),
                    "attention_mask",
                    seen.cast(DType.I64),
                    "token_type_ids",
                    Tensor.full(x.shape(), DType.I64, 0));
            Tensor vectors = encoder.run(inputs).values().iterator().next();
            return head.apply(Pooling.MEAN.apply(vectors, seen));
        }
    }

    private static Trainer trainer(Classifier model) {
        return Trainer.of(model)
                .seed(1)
                .loss(Loss.crossEntropy())
                .clipNorm(1)
                .metrics(
                        Metric.accuracy(),
                        StreamingMetric.of("spamF1", () -> ConfusionMatrix.of(2), matrix -> matrix.f1(SPAM)))
                .progress(false);
    }

    private Path unpack(String resource) throws IOException {
        Path to = folder.resolve(resource);
        try (InputStream in = FineTuningTest.class.getResourceAsStream("/" + resource)) {
            Files.copy(Objects.requireNonNull(in, resource), to);
        }
        return to;
    }

    /// Both heads learn for as many steps; that of the one goes on alone, that of the other with the encoder.
    @Test
    void trainingTheEncoderTooIsBetterThanItsHeadAlone() throws IOException {
        Path file = unpack("all-minilm-l6-v2.onnx");
        PretrainedTokenizer tokenizer = PretrainedTokenizer.load(unpack("all-minilm-l6-v2-tokenizer.json"))
                .truncatedTo(TOKENS);
        List<LabelledTexts> parts = DataSets.smsSpam().distinct().shuffle(42).stratifiedSplit(0.04, 0.1, 0.86);
        SequenceLoader train = batches(parts.get(0), tokenizer, 16).shuffle(1);
        SequenceLoader test = batches(parts.get(1), tokenizer, 64);

        Classifier still = Classifier.read(file);
        float[] before = weight(still);
        Trainer headAlone = trainer(still).freeze("encoder.*").optimizer(Adam.of(5e-3));
        headAlone.fit(train, Epochs.of(FIRST));
        headAlone.fit(train, Epochs.of(THEN));
        Evaluation frozen = headAlone.evaluate(test);
        assertThat(Arrays.equals(weight(still), before)).isTrue();

        Classifier moving = Classifier.read(file);
        Trainer all = trainer(moving).freeze("encoder.*").optimizer(Adam.of(5e-3));
        all.fit(train, Epochs.of(FIRST));
        all.freeze().optimizer(Adam.of(3e-5));
        all.fit(train, Epochs.of(THEN));
        Evaluation tuned = all.evaluate(test);
        assertThat(Arrays.equals(weight(moving), before)).isFalse();

        String both = "the head alone: %s; with the encoder: %s".formatted(frozen, tuned);
        assertThat(tuned.loss()).as(both).isLessThan(0.6 * frozen.loss());
        assertThat(tuned.get("spamF1")).as(both).isGreaterThan(frozen.get("spamF1") + 0.1);
    }

    private static float[] weight(Classifier model) {
        return Modules.parameters(model).values().iterator().next().value().toFloats();
    }

    private static SequenceLoader batches(LabelledTexts texts, PretrainedTokenizer tokenizer, int size) {
        return texts.sequences(text -> tokenizer.encoding(text).ids())
                .batch(size)
                .lengthsMultipleOf(TOKENS);
    }
}
