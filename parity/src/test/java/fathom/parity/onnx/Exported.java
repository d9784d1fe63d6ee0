package fathom.parity.onnx;

import fathom.io.onnx.OnnxModel;
import fathom.io.onnx.export.Axis;
import fathom.io.onnx.export.OnnxExport;
import fathom.nn.Context;
import fathom.nn.Module;
import fathom.tensor.DType;
import fathom.tensor.RandomStream;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// A model that was exported: run by ONNX Runtime and read again, it has to give what it gave before.
final class Exported implements AutoCloseable {
    private final Function<Map<String, Tensor>, Map<String, Tensor>> original;
    private final OnnxModel again;
    private final OnnxRuntime runtime;

    Exported(OnnxExport export, Function<Map<String, Tensor>, Map<String, Tensor>> original) {
        this.original = original;
        try {
            Path file = Files.createTempFile("exported", ".onnx");
            try {
                export.write(file);
                again = OnnxModel.read(file);
                runtime = new OnnxRuntime(Files.readAllBytes(file));
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// A model of one tensor.
    static Exported of(Module model, DType dtype, Axis... axes) {
        return new Exported(
                OnnxExport.of(model).input("x", dtype, axes).output("y"),
                in -> Map.of("y", model.apply(in.values().iterator().next())));
    }

    /// Compares what ONNX Runtime and the model that was read again make of inputs with what the model does.
    void check(Map<String, Tensor> inputs, double tolerance) {
        Map<String, Tensor> expected = Context.inference(() -> original.apply(inputs));
        OnnxRuntime.compare("exported " + shapes(inputs), runtime.run(inputs), expected, tolerance);
        OnnxRuntime.compare("read again " + shapes(inputs), again.run(inputs), expected, tolerance);
    }

    private static List<Shape> shapes(Map<String, Tensor> inputs) {
        return inputs.values().stream().map(Tensor::shape).toList();
    }

    /// Checks samples of a shape in batches of 1, 3 and 32.
    static void checkSamples(Module model, double tolerance, int... sample) {
        checkSamples(model, DType.F32, tolerance, sample);
    }

    static void checkSamples(Module model, DType dtype, double tolerance, int... sample) {
        Axis[] axes = new Axis[sample.length + 1];
        axes[0] = Axis.batch();
        for (int i = 0; i < sample.length; i++) {
            axes[i + 1] = Axis.of(sample[i]);
        }
        try (Exported exported = of(model, dtype, axes)) {
            for (int batch : new int[] {1, 3, 32}) {
                int[] sizes = new int[axes.length];
                sizes[0] = batch;
                System.arraycopy(sample, 0, sizes, 1, sample.length);
                exported.check(Map.of("x", drawn(dtype, sizes)), tolerance);
            }
        }
    }

    /// Elements from -2 to 2; whole numbers from 0 to 4 of integer types.
    static Tensor drawn(DType dtype, int... shape) {
        Tensor numbers = RandomStream.of(31).uniform(Shape.of(shape)).mul(4).sub(2);
        return switch (dtype) {
            case F32, F64 -> numbers.cast(dtype).evaluate();
            case BOOL -> numbers.greater(0).evaluate();
            default -> numbers.add(2.5).cast(DType.I32).cast(dtype).evaluate();
        };
    }

    @Override
    public void close() {
        runtime.close();
    }
}
