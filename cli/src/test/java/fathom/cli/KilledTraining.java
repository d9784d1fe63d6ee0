package fathom.cli;

import static fathom.nn.Layers.batchNorm;
import static fathom.nn.Layers.dropout;
import static fathom.nn.Layers.linear;
import static fathom.nn.Layers.relu;

import fathom.data.Dataset;
import fathom.io.CsvLog;
import fathom.io.Safetensors;
import fathom.io.SafetensorsCheckpoints;
import fathom.io.TensorBoardLog;
import fathom.nn.Loss;
import fathom.nn.Modules;
import fathom.nn.Sequential;
import fathom.nn.optim.Adam;
import fathom.nn.optim.Schedule;
import fathom.nn.train.Callback;
import fathom.nn.train.Epochs;
import fathom.nn.train.Metric;
import fathom.nn.train.ReduceOnPlateau;
import fathom.nn.train.Trainer;
import fathom.nn.train.Watch;
import fathom.tensor.DType;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;

/// A training for a process of its own that may be killed at any time: started again, it goes on from its
/// latest checkpoint. Each step is a line on the standard output.
final class KilledTraining {
    static final int EPOCHS = 30;
    static final int BATCHES = 10;
    static final int EVERY_STEPS = 3;
    static final String WEIGHTS = "weights.safetensors";
    static final String STEPS = "steps.csv";
    static final String EPOCH_TABLE = "epochs.csv";
    static final String CURVES = "curves";

    private static final int BATCH = 8;

    private KilledTraining() {}

    /// @param arguments the folder that the training leaves everything in
    public static void main(String[] arguments) {
        Path folder = Path.of(arguments[0]);
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        RandomStream random = RandomStream.of(11);
        Tensor x = random.split("x").normal(Shape.of(BATCHES * BATCH, 6));
        Dataset data = Dataset.of(x, x.square().sum(1).greater(6).cast(DType.I32));
        Trainer trainer = Trainer.of(Sequential.of(linear(32), batchNorm(), relu(), dropout(0.2), linear(2)))
                .loss(Loss.crossEntropy())
                .optimizer(Adam.of(0.01).scheduled(Schedule.cosine(EPOCHS * BATCHES, 0.1)))
                .metrics(Metric.accuracy())
                .validation(data.batch(20))
                .reduceOnPlateau(ReduceOnPlateau.onValidationLoss(2))
                .seed(5)
                .progress(false)
                .checkpoints(
                        SafetensorsCheckpoints.in(folder)
                                .keepLast(3)
                                .keepBest(Watch.validationLoss())
                                .keepEvery(10),
                        EVERY_STEPS)
                .resume()
                .callbacks(
                        CsvLog.ofSteps(folder.resolve(STEPS)),
                        CsvLog.ofEpochs(folder.resolve(EPOCH_TABLE)),
                        TensorBoardLog.in(folder.resolve(CURVES)).everySteps(1),
                        Callback.onStep(s -> out.println(s.step())));
        trainer.fit(data.shuffle(3).batch(BATCH), Epochs.of(EPOCHS));
        Safetensors.write(folder.resolve(WEIGHTS), Modules.state(trainer.model()), Map.of());
    }
}
