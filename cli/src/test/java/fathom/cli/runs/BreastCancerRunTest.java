package fathom.cli.runs;

import static fathom.nn.Layers.dropout;
import static fathom.nn.Layers.linear;
import static fathom.nn.Layers.relu;
import static org.assertj.core.api.Assertions.assertThat;

import fathom.data.DataSets;
import fathom.data.Dataset;
import fathom.data.Preprocessing;
import fathom.data.Step;
import fathom.nn.Loss;
import fathom.nn.Sequential;
import fathom.nn.optim.AdamW;
import fathom.nn.train.Epochs;
import fathom.nn.train.Evaluation;
import fathom.nn.train.Metric;
import fathom.nn.train.StreamingMetric;
import fathom.nn.train.Trainer;
import java.util.List;
import org.junit.jupiter.api.Test;

/// Tells malignant tumours from benign ones.
class BreastCancerRunTest {
    private static final int MALIGNANT = 0;

    @Test
    void separatesMalignantFromBenign() {
        List<Dataset> parts = DataSets.breastCancer().dataset().shuffle(42).stratifiedSplit(0.7, 0.3);
        Dataset train = parts.get(0).binary(MALIGNANT);
        Dataset test = parts.get(1).binary(MALIGNANT);
        Preprocessing fitted = Preprocessing.fit(train, Step.Standardise.fitting());

        Sequential model = Sequential.of(linear(32), relu(), dropout(0.2), linear(16), relu(), linear(1));
        Trainer trainer = Trainer.of(model)
                .seed(1)
                .loss(Loss.binaryCrossEntropy())
                .optimizer(AdamW.of(3e-3))
                .metrics(Metric.binaryAccuracy(), StreamingMetric.rocAuc())
                .progress(false);
        trainer.fit(fitted.on(train).batch(32), Epochs.of(30));

        Evaluation result = trainer.evaluate(fitted.on(test).batch(256));
        IO.println("breast cancer: " + result);
        assertThat(result.get("rocAuc")).isGreaterThanOrEqualTo(0.99);
    }
}
