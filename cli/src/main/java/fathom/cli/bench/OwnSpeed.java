package fathom.cli.bench;

import fathom.cli.mnist.DigitImage;
import fathom.cli.mnist.MnistModel;
import fathom.nn.Chain;
import fathom.nn.Context;
import fathom.nn.Loss;
import fathom.nn.optim.Adam;
import fathom.nn.optim.Optimizer;
import fathom.tensor.Device;
import fathom.tensor.RandomStream;
import fathom.tensor.Tensor;
import java.io.PrintWriter;

/// Fathom's own speed, in this process.
public final class OwnSpeed {
    private static final int SEED = 42;
    private static final int SIDE = 1024;

    private OwnSpeed() {}

    /// Measures a workload.
    ///
    /// @param seconds how long, after the warm-up
    /// @param threads how many threads compute
    /// @param log gets the course of it
    /// @throws fathom.cli.Failure if the loss is not finite or does not fall
    public static Measurement measure(Workload workload, double seconds, int threads, PrintWriter log) {
        try (Device device = Device.cpu(threads)) {
            double[] rates = device.call(() -> new Harness(workload, job(workload)).measure(seconds, log));
            return Measurement.of("fathom", workload, rates, threads);
        }
    }

    private static Harness.Job job(Workload workload) {
        return switch (workload) {
            case GEMM -> new Product();
            case MLP_TRAIN -> new Training(MnistModel.MLP, workload.batch());
            case CNN_TRAIN, CNN_TRAIN_32 -> new Training(MnistModel.CNN, workload.batch());
            case CNN_INFER, CNN_INFER_1 -> new Inference(workload.batch());
        };
    }

    private static BenchData data(int batch) {
        return new BenchData(batch, batch, DigitImage.SIDE, DigitImage.SIDE, 1);
    }

    private static final class Product implements Harness.Job {
        private final Tensor a = BenchData.gaussian(SIDE, 1);
        private final Tensor b = BenchData.gaussian(SIDE, 2);
        private Tensor product = a;

        @Override
        public void step() {
            product = a.matmul(b).evaluate();
        }

        @Override
        public double check() {
            return product.sum().item();
        }
    }

    private static final class Training implements Harness.Job {
        private final BenchData data;
        private final Chain model;
        private final Optimizer optimizer;
        private final RandomStream random = RandomStream.of(SEED);
        private Tensor loss = Tensor.scalar(0);
        private long steps;

        Training(MnistModel kind, int batch) {
            data = data(batch);
            model = kind.build(SEED);
            optimizer = Adam.of(1e-3).on(model);
        }

        @Override
        public void step() {
            Context.training(random, this::train);
        }

        private void train() {
            loss = Loss.crossEntropy(model.apply(data.x(steps)), data.y(steps));
            optimizer.step(loss);
            steps++;
        }

        @Override
        public double check() {
            return loss.item();
        }
    }

    private static final class Inference implements Harness.Job {
        private final BenchData data;
        private final Chain model = MnistModel.CNN.build(SEED);
        private Tensor logits = Tensor.scalar(0);
        private long steps;

        Inference(int batch) {
            data = data(batch);
        }

        @Override
        public void step() {
            logits = model.apply(data.x(steps)).evaluate();
            steps++;
        }

        @Override
        public double check() {
            return logits.sum().item();
        }
    }
}
