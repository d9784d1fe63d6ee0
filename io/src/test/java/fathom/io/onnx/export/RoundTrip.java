package fathom.io.onnx.export;

import static org.assertj.core.api.Assertions.assertThat;

import fathom.io.onnx.OnnxModel;
import fathom.io.onnx.format.ModelProto;
import fathom.io.onnx.format.NodeProto;
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

/// Exports a function of one tensor, reads it again, and compares what both compute.
final class RoundTrip {
    private RoundTrip() {}

    /// Checks F32 samples of a shape in batches of several sizes.
    static ModelProto check(Module module, int... sample) {
        return check(module, DType.F32, sample);
    }

    static ModelProto check(Module module, DType dtype, int... sample) {
        OnnxExport export = OnnxExport.of(module).input("x", dtype, axes(sample));
        OnnxModel back = read(export);
        for (int batch : new int[] {1, 2, 3, 7}) {
            int[] sizes = new int[sample.length + 1];
            sizes[0] = batch;
            System.arraycopy(sample, 0, sizes, 1, sample.length);
            Tensor x = drawn(dtype, sizes);
            compare(back.forward(x), Context.inference(() -> module.apply(x)));
        }
        return export.toModel();
    }

    static Axis[] axes(int... sample) {
        Axis[] axes = new Axis[sample.length + 1];
        axes[0] = Axis.batch();
        for (int i = 0; i < sample.length; i++) {
            axes[i + 1] = Axis.of(sample[i]);
        }
        return axes;
    }

    /// Elements from -3 to 3; whole numbers of integer types from 0 on.
    static Tensor drawn(DType dtype, int... shape) {
        Tensor numbers =
                RandomStream.of(shape.length).uniform(Shape.of(shape)).mul(6).sub(3);
        return switch (dtype) {
            case F32, F64 -> numbers.cast(dtype).evaluate();
            case BOOL -> numbers.greater(0).evaluate();
            default -> numbers.add(3).cast(DType.I32).cast(dtype).evaluate();
        };
    }

    static OnnxModel read(OnnxExport export) {
        try {
            Path file = Files.createTempFile("exported", ".onnx");
            try {
                export.write(file);
                return OnnxModel.read(file);
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static void compare(Tensor found, Tensor expected) {
        assertThat(found.type()).isEqualTo(expected.type());
        double[] a = found.toDoubles();
        double[] b = expected.toDoubles();
        for (int i = 0; i < a.length; i++) {
            boolean equal = a[i] == b[i] || Double.isNaN(a[i]) && Double.isNaN(b[i]);
            assertThat(equal || Math.abs(a[i] - b[i]) <= 2e-5 * Math.max(1, Math.abs(b[i])))
                    .as("element %s: %s, expected %s", i, a[i], b[i])
                    .isTrue();
        }
    }

    /// The operators of a model's nodes, in order.
    static List<String> operators(ModelProto model) {
        return model.graph().nodes().stream().map(NodeProto::operator).toList();
    }

    /// The initialisers' shapes by name, scalars and vectors of sizes left out.
    static Map<String, List<Integer>> weights(ModelProto model) {
        Map<String, List<Integer>> weights = new java.util.TreeMap<>();
        model.graph().initializers().stream()
                .filter(t -> t.type().isFloating() && !t.shape().isEmpty())
                .forEach(t -> weights.put(t.name(), t.shape()));
        return weights;
    }
}
