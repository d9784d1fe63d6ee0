package fathom.cli.bench;

import static fathom.nn.Layers.embedding;
import static fathom.nn.Layers.lastStep;
import static fathom.nn.Layers.linear;
import static fathom.nn.Layers.lstm;

import fathom.cli.mnist.MnistModel;
import fathom.nn.Activations;
import fathom.nn.Context;
import fathom.nn.LayerNorm;
import fathom.nn.Loss;
import fathom.nn.Module;
import fathom.nn.Parameter;
import fathom.nn.Sequential;
import fathom.nn.optim.Adam;
import fathom.nn.optim.AdamW;
import fathom.nn.optim.Optimizer;
import fathom.nn.optim.Sgd;
import fathom.nn.optim.UpdateRule;
import fathom.tensor.Device;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.io.PrintWriter;
import java.util.function.LongFunction;

/// Fathom's own speed, in this process.
public final class OwnSpeed {
    private static final int SEED = 42;
    private static final int SIDE = 1024;
    private static final int ROWS = 4096;

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
            case GEMM -> {
                Tensor a = BenchData.gaussian(1, SIDE, SIDE);
                Tensor b = BenchData.gaussian(2, SIDE, SIDE);
                yield new Forward(_ -> a.matmul(b));
            }
            case ELEMENTWISE -> elementwise();
            case MLP_TRAIN -> digits(MnistModel.MLP, 128);
            case CNN_TRAIN -> digits(MnistModel.CNN, 128);
            case CNN_TRAIN_32 -> digits(MnistModel.CNN, 32);
            case CNN_INFER -> inference(128);
            case CNN_INFER_1 -> inference(1);
            case RESNET18_TRAIN ->
                new Training(BenchData.images(32, ResNet18.INPUT), ResNet18.build(10, SEED), Sgd.of(0.01, 0.9));
            case LSTM_TRAIN -> new Training(BenchData.sequences(32, 100, 10_000), reader(), Adam.of(1e-3));
            case GPT_TRAIN ->
                new Training(
                        BenchData.language(8, 128, 512),
                        transformer(),
                        AdamW.of(3e-4).withWeightDecay(0.01));
            case GPT_INFER -> new Writing(new GptDecoder(transformer()));
        };
    }

    private static Gpt transformer() {
        return Gpt.build(512, 128, 256, 4, 4, SEED);
    }

    private static Module reader() {
        return Sequential.of(embedding(10_000, 128), lstm(256), lastStep(), linear(2))
                .build(Shape.of(100), RandomStream.of(SEED));
    }

    private static Harness.Job digits(MnistModel kind, int batch) {
        return new Training(BenchData.images(batch, MnistModel.INPUT), kind.build(SEED), Adam.of(1e-3));
    }

    private static Harness.Job inference(int batch) {
        BenchData data = BenchData.images(batch, MnistModel.INPUT);
        Module model = MnistModel.CNN.build(SEED);
        return new Forward(step -> model.apply(data.x(step)));
    }

    private static Harness.Job elementwise() {
        Tensor x = BenchData.gaussian(1, ROWS, SIDE);
        Tensor r = BenchData.gaussian(2, ROWS, SIDE);
        Tensor a = BenchData.gaussian(3, SIDE);
        Tensor b = BenchData.gaussian(4, SIDE);
        LayerNorm norm = new LayerNorm(
                Parameter.of(BenchData.gaussian(5, SIDE)), Parameter.of(BenchData.gaussian(6, SIDE)), 1e-5);
        return new Forward(_ -> norm.apply(Activations.gelu(x.mul(a).add(b)).add(r)));
    }

    /// Something computed again and again.
    private static final class Forward implements Harness.Job {
        private final LongFunction<Tensor> function;
        private Tensor result = Tensor.scalar(0);
        private long steps;

        Forward(LongFunction<Tensor> function) {
            this.function = function;
        }

        @Override
        public void step() {
            result = function.apply(steps++).evaluate();
        }

        @Override
        public double check() {
            return result.sum().item();
        }
    }

    private static final class Writing implements Harness.Job {
        private final GptDecoder decoder;
        private Tensor token = Tensor.of(new int[] {0}, 1);

        Writing(GptDecoder decoder) {
            this.decoder = decoder;
        }

        @Override
        public void step() {
            token = decoder.next(token);
        }

        @Override
        public double check() {
            return token.toInts()[0];
        }
    }

    private static final class Training implements Harness.Job {
        private final BenchData data;
        private final Module model;
        private final Optimizer optimizer;
        private final RandomStream random = RandomStream.of(SEED);
        private Tensor loss = Tensor.scalar(0);
        private long steps;

        Training(BenchData data, Module model, UpdateRule rule) {
            this.data = data;
            this.model = model;
            optimizer = rule.on(model);
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
}
