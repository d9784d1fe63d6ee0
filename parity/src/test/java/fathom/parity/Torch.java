package fathom.parity;

import fathom.ir.Buffer;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.javacpp.BytePointer;
import org.bytedeco.javacpp.DoublePointer;
import org.bytedeco.javacpp.FloatPointer;
import org.bytedeco.javacpp.IntPointer;
import org.bytedeco.javacpp.LongPointer;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.pytorch.BoolOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// Tensors from Fathom to libtorch and back, element by element in row-major order.
///
/// Native memory belongs to the innermost `PointerScope`, which every test opens.
final class Torch {
    static {
        // One thread: sums are then split in one way only.
        torch.set_num_threads(1);
    }

    private Torch() {}

    /// The same elements as a tensor of libtorch, which owns a copy.
    static org.bytedeco.pytorch.Tensor of(Tensor t) {
        long[] shape = Arrays.stream(t.shape().dims()).asLongStream().toArray();
        ScalarType type = type(t.dtype());
        if (t.size() == 0) {
            return torch.zeros(shape, new TensorOptions(type));
        }
        try (Pointer p = pointer(t)) {
            return torch.from_blob(p, shape, new TensorOptions(type)).clone();
        }
    }

    private static Pointer pointer(Tensor t) {
        Object array = t.buffer().array();
        return switch (t.dtype()) {
            case F32 -> new FloatPointer((float[]) array);
            case F64 -> new DoublePointer((double[]) array);
            case I32 -> new IntPointer((int[]) array);
            case I64 -> new LongPointer((long[]) array);
            case U8, BOOL -> new BytePointer((byte[]) array);
            case F16, BF16 -> throw new IllegalArgumentException(t.dtype() + " is for storage");
        };
    }

    private static ScalarType type(DType dtype) {
        return switch (dtype) {
            case F32 -> ScalarType.Float;
            case F64 -> ScalarType.Double;
            case I32 -> ScalarType.Int;
            case I64 -> ScalarType.Long;
            case U8 -> ScalarType.Byte;
            case BOOL -> ScalarType.Bool;
            case F16, BF16 -> throw new IllegalArgumentException(dtype + " is for storage");
        };
    }

    /// The same elements as a tensor of Fathom.
    static Tensor back(org.bytedeco.pytorch.Tensor t) {
        org.bytedeco.pytorch.Tensor dense = t.detach().contiguous();
        int[] shape = new int[(int) t.dim()];
        for (int i = 0; i < shape.length; i++) {
            shape[i] = Math.toIntExact(t.size(i));
        }
        // What comes from native code is not yet one of the enum's constants.
        DType dtype = dtype(t.scalar_type().intern());
        Buffer to = Buffer.allocate(dtype, Shape.of(shape).size());
        if (to.size() > 0) {
            try (Pointer from = dense.data_ptr()) {
                fill(to, from);
            }
        }
        return Tensor.of(to, Shape.of(shape));
    }

    private static void fill(Buffer to, Pointer from) {
        switch (to.dtype()) {
            case F32 -> new FloatPointer(from).get((float[]) to.array());
            case F64 -> new DoublePointer(from).get((double[]) to.array());
            case I32 -> new IntPointer(from).get((int[]) to.array());
            case I64 -> new LongPointer(from).get((long[]) to.array());
            case U8, BOOL -> new BytePointer(from).get((byte[]) to.array());
            case F16, BF16 -> throw new IllegalArgumentException(to.dtype() + " is for storage");
        }
    }

    private static DType dtype(ScalarType type) {
        return switch (type) {
            case Float -> DType.F32;
            case Double -> DType.F64;
            case Int -> DType.I32;
            case Long -> DType.I64;
            case Byte -> DType.U8;
            case Bool -> DType.BOOL;
            default -> throw new IllegalArgumentException("libtorch's " + type + " has no twin");
        };
    }

    /// The product of a cotangent with the Jacobian, for each of the leaves.
    static List<org.bytedeco.pytorch.Tensor> gradients(
            org.bytedeco.pytorch.Tensor y,
            org.bytedeco.pytorch.Tensor cotangent,
            List<org.bytedeco.pytorch.Tensor> leaves) {
        TensorVector found = torch.grad(
                new TensorVector(y), vector(leaves), new TensorVector(cotangent), new BoolOptional(), false, false);
        return Arrays.asList(found.get());
    }

    static TensorVector vector(List<org.bytedeco.pytorch.Tensor> tensors) {
        return new TensorVector(tensors.toArray(org.bytedeco.pytorch.Tensor[]::new));
    }

    /// Indices in the only type that all of libtorch's operations take.
    static org.bytedeco.pytorch.Tensor index(org.bytedeco.pytorch.Tensor t) {
        return t.to(ScalarType.Long);
    }

    static Scalar scalar(double value) {
        return new Scalar(value);
    }

    static LongOptional maybe(long value) {
        return new LongOptional(value);
    }

    static long[] longs(long... values) {
        return values;
    }
}
