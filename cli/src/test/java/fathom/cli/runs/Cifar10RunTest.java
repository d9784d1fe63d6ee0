package fathom.cli.runs;

import static fathom.nn.Layers.batchNorm;
import static fathom.nn.Layers.conv2d;
import static fathom.nn.Layers.globalAvgPool2d;
import static fathom.nn.Layers.linear;
import static fathom.nn.Layers.relu;
import static fathom.nn.Layers.residual;
import static org.assertj.core.api.Assertions.assertThat;

import fathom.data.Augmentations;
import fathom.data.Dataset;
import fathom.data.ImageFolder;
import fathom.data.Loader;
import fathom.data.Statistics;
import fathom.nn.Conv2d;
import fathom.nn.Initializer;
import fathom.nn.Layer;
import fathom.nn.Loss;
import fathom.nn.Padding;
import fathom.nn.Residual;
import fathom.nn.Sequential;
import fathom.nn.optim.Schedule;
import fathom.nn.optim.Sgd;
import fathom.nn.train.DataWait;
import fathom.nn.train.Epochs;
import fathom.nn.train.Evaluation;
import fathom.nn.train.Metric;
import fathom.nn.train.Trainer;
import fathom.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/// Classifies the small pictures of CIFAR-10, of which a part is learned from: 1,500 of each class.
@Tag("long")
class Cifar10RunTest {
    private static final Shape IMAGE = Shape.of(32, 32, 3);
    private static final int CLASSES = 10;
    private static final int BATCH = 64;
    private static final int EPOCHS = 18;

    /// The residual network of 20 layers: three stages of three blocks with 16, 32 and 64 filters. He,
    /// Zhang, Ren and Sun: *Deep residual learning for image recognition* (2016), with projections
    /// where the shape changes.
    private static Sequential resNet20() {
        List<Layer> layers = new ArrayList<>(List.of(convolution(16, 3, 1), batchNorm(), relu()));
        int channels = 16;
        for (int filters : new int[] {16, 32, 64}) {
            for (int i = 0; i < 3; i++) {
                layers.add(block(channels, filters));
                layers.add(relu());
                channels = filters;
            }
        }
        layers.addAll(List.of(globalAvgPool2d(), linear(CLASSES)));
        return new Sequential(layers);
    }

    private static Residual.Blueprint block(int channels, int filters) {
        int stride = channels == filters ? 1 : 2;
        Residual.Blueprint block =
                residual(convolution(filters, 3, stride), batchNorm(), relu(), convolution(filters, 3, 1), batchNorm());
        return stride == 1 ? block : block.shortcut(Sequential.of(convolution(filters, 1, stride), batchNorm()));
    }

    private static Conv2d.Blueprint convolution(int filters, int size, int stride) {
        return conv2d(filters, size)
                .stride(stride)
                .padding(Padding.of(size / 2))
                .withoutBias()
                .initializer(Initializer.heNormal());
    }

    static Dataset pictures(String part) {
        return ImageFolder.read(LocalData.find("cifar10/cifar10-jpeg-subset.zip"), part, IMAGE)
                .dataset();
    }

    /// Each picture mirrored or not, and moved, in each epoch anew.
    static Loader augmented(Dataset pictures, Statistics colours) {
        return pictures.augment(1, Augmentations.flipHorizontally(0.5).then(Augmentations.randomCrop(32, 32, 4)))
                .standardise(colours)
                .shuffle(1)
                .batch(BATCH);
    }

    static Trainer trainer(Loader train) {
        int steps = EPOCHS * train.count();
        return Trainer.of(resNet20())
                .seed(1)
                .loss(Loss.crossEntropy(0.1))
                .optimizer(Sgd.of(0.1, 0.9).withNesterov().withWeightDecay(5e-4).scheduled(Schedule.oneCycle(steps)))
                .metrics(Metric.accuracy())
                .progress(false);
    }

    @Test
    void learnsFromAPart() {
        Dataset pictures = pictures("train").cache();
        Statistics colours = pictures.statistics();
        Loader train = augmented(pictures, colours);
        DataWait wait = new DataWait();
        Trainer trainer = trainer(train).callbacks(wait);
        trainer.fit(train, Epochs.of(EPOCHS));

        Evaluation result =
                trainer.evaluate(pictures("test").standardise(colours).batch(250));
        IO.println("CIFAR-10 subset: " + result + "; " + wait);
        assertThat(result.accuracy()).isGreaterThanOrEqualTo(0.72);
    }
}
