package fathom.parity.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import ai.onnxruntime.OnnxJavaType;
import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OnnxValue;
import ai.onnxruntime.OrtEnvironment;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtLoggingLevel;
import ai.onnxruntime.OrtSession;
import fathom.ir.Buffer;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.nio.ByteBuffer;
import java.nio.DoubleBuffer;
import java.nio.FloatBuffer;
import java.nio.IntBuffer;
import java.nio.LongBuffer;
import java.nio.ShortBuffer;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;

/// Runs models in ONNX Runtime on Fathom's tensors.
final class OnnxRuntime implements AutoCloseable {
    private final OrtEnvironment environment = OrtEnvironment.getEnvironment();
    private final OrtSession session;

    /// As the file says it: rewritten graphs round otherwise, by which quantised models differ visibly.
    OnnxRuntime(byte[] model) {
        this(model, OrtSession.SessionOptions.OptLevel.NO_OPT);
    }

    /// On two threads.
    OnnxRuntime(byte[] model, OrtSession.SessionOptions.OptLevel level) {
        try (OrtSession.SessionOptions options = new OrtSession.SessionOptions()) {
            options.setIntraOpNumThreads(2);
            options.setOptimizationLevel(level);
            options.setSessionLogLevel(OrtLoggingLevel.ORT_LOGGING_LEVEL_ERROR);
            session = environment.createSession(model, options);
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    /// The outputs by name.
    Map<String, Tensor> run(Map<String, Tensor> inputs) {
        Map<String, OnnxTensor> given = new LinkedHashMap<>();
        try {
            for (Map.Entry<String, Tensor> e : inputs.entrySet()) {
                given.put(e.getKey(), tensor(e.getValue()));
            }
            Map<String, Tensor> outputs = new LinkedHashMap<>();
            try (OrtSession.Result results = session.run(given)) {
                for (Map.Entry<String, OnnxValue> e : results) {
                    outputs.put(e.getKey(), tensor((OnnxTensor) e.getValue()));
                }
            }
            return outputs;
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        } finally {
            given.values().forEach(OnnxTensor::close);
        }
    }

    /// Calls of the model on the same inputs, for their time: nothing is converted, and nobody wants
    /// the results. The inputs stay until the end of the process.
    Runnable calls(Map<String, Tensor> inputs) {
        try {
            Map<String, OnnxTensor> given = new LinkedHashMap<>();
            for (Map.Entry<String, Tensor> e : inputs.entrySet()) {
                given.put(e.getKey(), tensor(e.getValue()));
            }
            return () -> {
                try {
                    session.run(given).close();
                } catch (OrtException e) {
                    throw new IllegalStateException(e);
                }
            };
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }

    private OnnxTensor tensor(Tensor x) throws OrtException {
        long[] shape = Arrays.stream(x.shape().dims()).asLongStream().toArray();
        return switch (x.dtype()) {
            case F32 -> OnnxTensor.createTensor(environment, FloatBuffer.wrap(x.toFloats()), shape);
            case F64 -> OnnxTensor.createTensor(environment, DoubleBuffer.wrap(x.toDoubles()), shape);
            case I32 -> OnnxTensor.createTensor(environment, IntBuffer.wrap(x.toInts()), shape);
            case I64 -> OnnxTensor.createTensor(environment, LongBuffer.wrap(x.toLongs()), shape);
            case U8 -> bytes(x, shape, OnnxJavaType.UINT8);
            case BOOL -> bytes(x, shape, OnnxJavaType.BOOL);
            default -> throw new IllegalArgumentException(x.type() + " for ONNX Runtime");
        };
    }

    private OnnxTensor bytes(Tensor x, long[] shape, OnnxJavaType type) throws OrtException {
        ByteBuffer direct = ByteBuffer.allocateDirect(x.size());
        direct.put((byte[]) x.buffer().array(), 0, x.size()).flip();
        return OnnxTensor.createTensor(environment, direct, shape, type);
    }

    /// With types that Fathom lacks as wider ones.
    private static Tensor tensor(OnnxTensor x) {
        int[] sizes =
                Arrays.stream(x.getInfo().getShape()).mapToInt(Math::toIntExact).toArray();
        Shape shape = Shape.of(sizes);
        OnnxJavaType type = x.getInfo().type;
        DType dtype = switch (type) {
            case FLOAT -> DType.F32;
            case DOUBLE -> DType.F64;
            case INT64 -> DType.I64;
            case UINT8 -> DType.U8;
            case BOOL -> DType.BOOL;
            case INT8, INT16, INT32 -> DType.I32;
            default -> throw new IllegalArgumentException(type + " from ONNX Runtime");
        };
        Buffer to = Buffer.allocate(dtype, shape.size());
        switch (type) {
            case FLOAT -> x.getFloatBuffer().get((float[]) to.array(), 0, shape.size());
            case DOUBLE -> x.getDoubleBuffer().get((double[]) to.array(), 0, shape.size());
            case INT64 -> x.getLongBuffer().get((long[]) to.array(), 0, shape.size());
            case INT32 -> x.getIntBuffer().get((int[]) to.array(), 0, shape.size());
            case INT16 -> {
                ShortBuffer from = x.getShortBuffer();
                for (int i = 0; i < shape.size(); i++) {
                    to.setLong(i, from.get(i));
                }
            }
            case INT8 -> {
                ByteBuffer from = x.getByteBuffer();
                for (int i = 0; i < shape.size(); i++) {
                    to.setLong(i, from.get(i));
                }
            }
            default -> x.getByteBuffer().get((byte[]) to.array(), 0, shape.size());
        }
        return Tensor.of(to, shape);
    }

    /// Checks that outputs have the same shapes and nearly the same elements.
    static void compare(String what, Map<String, Tensor> found, Map<String, Tensor> expected, double tolerance) {
        assertThat(found.keySet()).as(what).containsAll(expected.keySet());
        expected.forEach((name, right) -> {
            Tensor left = Objects.requireNonNull(found.get(name));
            assertThat(left.shape()).as("%s: %s", what, name).isEqualTo(right.shape());
            double[] a = left.toDoubles();
            double[] b = right.toDoubles();
            for (int i = 0; i < a.length; i++) {
                double bound = tolerance * Math.max(1, Math.abs(b[i]));
                boolean equal = a[i] == b[i] || Double.isNaN(a[i]) && Double.isNaN(b[i]);
                assertThat(equal || Math.abs(a[i] - b[i]) <= bound)
                        .as("%s: element %s of %s is %s, and in ONNX Runtime %s", what, i, name, a[i], b[i])
                        .isTrue();
            }
        });
    }

    @Override
    public void close() {
        try {
            session.close();
        } catch (OrtException e) {
            throw new IllegalStateException(e);
        }
    }
}
