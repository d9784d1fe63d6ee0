package fathom.cli;

import fathom.data.Csv;
import fathom.data.Dataset;
import fathom.data.RawFile;
import fathom.nn.Layers;
import fathom.nn.Loss;
import fathom.nn.Sequential;
import fathom.nn.optim.Adam;
import fathom.nn.train.Epochs;
import fathom.nn.train.Trainer;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import java.nio.file.Path;

/// Trains for one epoch on a file, in a virtual machine of its own: see [StreamingTest].
final class StreamedTraining {
    private StreamedTraining() {}

    /// @param args the file, and how many numbers each sample has, of which the last is the target
    public static void main(String... args) {
        Path file = Path.of(args[0]);
        int numbers = Integer.parseInt(args[1]);
        Dataset set = file.toString().endsWith(".csv")
                ? Csv.standard().open(file).regression("y")
                : raw(RawFile.of(file, 4L * numbers), numbers - 1);
        Trainer trainer = Trainer.of(Sequential.of(Layers.linear(1)))
                .loss(Loss.meanSquaredError())
                .optimizer(Adam.of(3e-3));
        trainer.fit(set.batch(256), Epochs.of(1));
        double loss = trainer.evaluate(set.take(2048).batch(256)).loss();
        System.out.println(set.size() + " " + loss + " " + Runtime.getRuntime().maxMemory());
    }

    private static Dataset raw(RawFile file, int inputs) {
        return Dataset.of(
                file.samples(DType.F32, Shape.of(inputs), 0), file.samples(DType.F32, Shape.of(1), 4L * inputs));
    }
}
