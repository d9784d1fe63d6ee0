package fathom.cli.runs;

import fathom.cli.mnist.MnistModel;
import fathom.data.Dataset;
import fathom.data.Loader;
import fathom.data.Mnist;
import fathom.nn.Loss;
import fathom.nn.optim.Adam;
import fathom.nn.train.Callback;
import fathom.nn.train.DataWait;
import fathom.nn.train.Epochs;
import fathom.nn.train.Trainer;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/// Prints which part of the steps' time is waiting for data, after a warm-up in which the loops are
/// compiled. Not one of the tests: it is run by its name.
class DataWaitBenchmark {
    private static final Duration WARM_UP = Duration.ofSeconds(20);
    private static final Duration MEASURED = Duration.ofSeconds(40);
    private static final Epochs AS_MANY_AS_IT_TAKES = Epochs.of(1_000_000);

    /// The workload `cnn-train`, with digits that are decoded and shuffled.
    @Test
    void digits() {
        Trainer trainer = Trainer.of(MnistModel.CNN.build(42))
                .loss(Loss.crossEntropy())
                .optimizer(Adam.of(1e-3))
                .progress(false);
        measure("cnn-train", trainer, Mnist.load().train().shuffle(1).batch(128));
    }

    @Test
    void augmentedPictures() {
        Dataset pictures = Cifar10RunTest.pictures("train").cache();
        Loader augmented = Cifar10RunTest.augmented(pictures, pictures.statistics());
        measure("augmented CIFAR-10", Cifar10RunTest.trainer(augmented), augmented);
    }

    private static void measure(String name, Trainer trainer, Loader batches) {
        trainer.callbacks(Callback.timeBudget(trainer, WARM_UP)).fit(batches, AS_MANY_AS_IT_TAKES);
        DataWait wait = new DataWait();
        trainer.callbacks(wait, Callback.timeBudget(trainer, MEASURED)).fit(batches, AS_MANY_AS_IT_TAKES);
        IO.println(name + ": " + wait);
    }
}
