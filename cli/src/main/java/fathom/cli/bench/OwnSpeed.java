package fathom.cli.bench;

import fathom.nn.Activations;
import fathom.nn.LayerNorm;
import fathom.nn.Module;
import fathom.nn.Modules;
import fathom.nn.Parameter;
import fathom.tensor.Compiled;
import fathom.tensor.Device;
import fathom.tensor.Tensor;
import fathom.tensor.Variable;
import java.io.PrintWriter;
import java.util.List;
import java.util.function.LongFunction;
import java.util.function.Supplier;

/// Fathom's own speed, in this process.
public final class OwnSpeed {
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
                yield new Kept(() -> a.matmul(b));
            }
            case ELEMENTWISE -> elementwise();
            case MLP_TRAIN -> Training.of(BenchModel.MLP, 128);
            case CNN_TRAIN -> Training.of(BenchModel.CNN, 128);
            case CNN_TRAIN_32 -> Training.of(BenchModel.CNN, 32);
            case CNN_INFER -> inference(128);
            case CNN_INFER_1 -> inference(1);
            case RESNET18_TRAIN -> Training.of(BenchModel.RESNET18, 32);
            case LSTM_TRAIN -> Training.of(BenchModel.LSTM, 32);
            case GPT_TRAIN -> Training.of(BenchModel.GPT, 8);
            case GPT_INFER -> new Writing(new GptDecoder(BenchModel.transformer()));
        };
    }

    private static Harness.Job inference(int batch) {
        BenchData data = BenchModel.CNN.data(batch);
        Module model = BenchModel.CNN.build();
        Compiled serve = Modules.compiled(model, in -> List.of(model.apply(in.getFirst())));
        return new Forward(step -> serve.call(List.of(data.x(step))).getFirst());
    }

    private static Harness.Job elementwise() {
        Tensor x = BenchData.gaussian(1, ROWS, SIDE);
        Tensor r = BenchData.gaussian(2, ROWS, SIDE);
        Tensor a = BenchData.gaussian(3, SIDE);
        Tensor b = BenchData.gaussian(4, SIDE);
        LayerNorm norm = new LayerNorm(
                Parameter.of(BenchData.gaussian(5, SIDE)), Parameter.of(BenchData.gaussian(6, SIDE)), 1e-5);
        return new Kept(() -> norm.apply(Activations.gelu(x.mul(a).add(b)).add(r)));
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

    /// A large result computed again and again into the memory of the one before the last.
    private static final class Kept implements Harness.Job {
        private final Supplier<Tensor> function;
        private final Variable result;

        Kept(Supplier<Tensor> function) {
            this.function = function;
            result = Variable.of(function.get());
        }

        @Override
        public void step() {
            result.set(function.get());
        }

        @Override
        public double check() {
            return result.value().sum().item();
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
}
