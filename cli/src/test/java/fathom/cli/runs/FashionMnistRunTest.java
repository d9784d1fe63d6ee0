package fathom.cli.runs;

import static fathom.nn.Layers.batchNorm;
import static fathom.nn.Layers.conv2d;
import static fathom.nn.Layers.dropout;
import static fathom.nn.Layers.flatten;
import static fathom.nn.Layers.linear;
import static fathom.nn.Layers.maxPool2d;
import static fathom.nn.Layers.relu;
import static org.assertj.core.api.Assertions.assertThat;

import fathom.data.Augmentations;
import fathom.data.Dataset;
import fathom.data.Mnist;
import fathom.nn.Loss;
import fathom.nn.Sequential;
import fathom.nn.optim.AdamW;
import fathom.nn.optim.Schedule;
import fathom.nn.train.Epochs;
import fathom.nn.train.Evaluation;
import fathom.nn.train.Metric;
import fathom.nn.train.Trainer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Classifies pictures of clothes, where there are the four files of Fashion-MNIST.
@Tag("slow")
class FashionMnistRunTest {
    private static final int BATCH = 128;
    private static final int EPOCHS = 8;

    @Test
    void tellsClothesApart() {
        Mnist clothes = Mnist.load(LocalData.find("fashion-mnist"));
        Dataset train =
                clothes.train().augment(1, Augmentations.flipHorizontally(0.5)).shuffle(1);

        Sequential model = Sequential.of(
                conv2d(32, 3),
                batchNorm(),
                relu(),
                maxPool2d(2),
                conv2d(64, 3),
                batchNorm(),
                relu(),
                maxPool2d(2),
                dropout(0.2),
                flatten(),
                linear(128),
                relu(),
                dropout(0.4),
                linear(Mnist.CLASSES));
        int steps = EPOCHS * Math.ceilDiv(train.size(), BATCH);
        Trainer trainer = Trainer.of(model)
                .seed(1)
                .loss(Loss.crossEntropy())
                .optimizer(AdamW.of(3e-3).scheduled(Schedule.oneCycle(steps)))
                .metrics(Metric.accuracy())
                .progress(false);
        trainer.fit(train.batch(BATCH), Epochs.of(EPOCHS));

        Evaluation result = trainer.evaluate(clothes.test().batch(250));
        IO.println("Fashion-MNIST: " + result);
        assertThat(result.accuracy()).isGreaterThanOrEqualTo(0.92);
    }
}
