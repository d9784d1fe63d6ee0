package fathom.tensor;

import fathom.ir.Buffer;
import fathom.ir.Node;
import fathom.ir.Op;
import fathom.ir.Require;
import fathom.ir.Typing.Type;
import java.util.Arrays;
import java.util.List;

/// An n-dimensional array of numbers, computed when it is asked for.
///
/// An operation on tensors checks shapes and dtypes at once and records what is to be done; the
/// work happens when a value is read ([#item], [#toFloats], printing), when [#evaluate] is called
/// or when an optimiser commits a step. A tensor never changes. There is nothing to close: the
/// garbage collector frees what is no longer reachable.
///
/// The operations are grouped by theme in the interfaces that this class implements.
public final class Tensor implements Elementwise, Reductions, Movement, Indexing, Contractions {
    private final Node node;

    /// A tensor over a graph node.
    public Tensor(Node node) {
        this.node = Pending.bounded(node);
    }

    // ---- creation ----

    /// A vector of F32, copied.
    public static Tensor of(float... values) {
        return of(values, values.length);
    }

    /// F32 elements in row-major order, copied.
    ///
    /// @throws IllegalArgumentException if the shape has another number of elements
    public static Tensor of(float[] values, int... shape) {
        return wrap(DType.F32, values.clone(), values.length, shape);
    }

    /// A vector of F64 elements, copied.
    public static Tensor of(double[] values) {
        return of(values, values.length);
    }

    /// F64 elements in row-major order, copied.
    ///
    /// @throws IllegalArgumentException if the shape has another number of elements
    public static Tensor of(double[] values, int... shape) {
        return wrap(DType.F64, values.clone(), values.length, shape);
    }

    /// A vector of I32 elements, copied.
    public static Tensor of(int[] values) {
        return of(values, values.length);
    }

    /// I32 elements in row-major order, copied.
    ///
    /// @throws IllegalArgumentException if the shape has another number of elements
    public static Tensor of(int[] values, int... shape) {
        return wrap(DType.I32, values.clone(), values.length, shape);
    }

    /// A vector of I64 elements, copied.
    public static Tensor of(long[] values) {
        return of(values, values.length);
    }

    /// I64 elements in row-major order, copied.
    ///
    /// @throws IllegalArgumentException if the shape has another number of elements
    public static Tensor of(long[] values, int... shape) {
        return wrap(DType.I64, values.clone(), values.length, shape);
    }

    /// A vector of U8 elements (bytes taken as 0 to 255), copied.
    public static Tensor of(byte[] values) {
        return of(values, values.length);
    }

    /// U8 elements (bytes taken as 0 to 255) in row-major order, copied.
    ///
    /// @throws IllegalArgumentException if the shape has another number of elements
    public static Tensor of(byte[] values, int... shape) {
        return wrap(DType.U8, values.clone(), values.length, shape);
    }

    /// A vector of BOOL elements, copied.
    public static Tensor of(boolean[] values) {
        return of(values, values.length);
    }

    /// BOOL elements in row-major order, copied.
    ///
    /// @throws IllegalArgumentException if the shape has another number of elements
    public static Tensor of(boolean[] values, int... shape) {
        byte[] bytes = new byte[values.length];
        for (int i = 0; i < bytes.length; i++) {
            bytes[i] = (byte) (values[i] ? 1 : 0);
        }
        return wrap(DType.BOOL, bytes, bytes.length, shape);
    }

    /// A matrix of F32, copied row by row.
    ///
    /// @throws IllegalArgumentException if the rows differ in length
    public static Tensor of(float[][] rows) {
        int columns = rows.length == 0 ? 0 : rows[0].length;
        float[] all = new float[Math.multiplyExact(rows.length, columns)];
        for (int i = 0; i < rows.length; i++) {
            String message = "tensor: row %s has %s elements, expected %s as in row 0";
            Require.that(rows[i].length == columns, message, i, rows[i].length, columns);
            System.arraycopy(rows[i], 0, all, i * columns, columns);
        }
        return wrap(DType.F32, all, all.length, rows.length, columns);
    }

    /// A tensor over a buffer, which is not copied and must not be changed afterwards.
    ///
    /// @throws IllegalArgumentException if the shape has another number of elements
    public static Tensor of(Buffer buffer, Shape shape) {
        String message = "tensor: %s elements do not fill shape %s, expected %s";
        Require.that(buffer.size() == shape.size(), message, buffer.size(), shape, shape.size());
        return new Tensor(Node.data(buffer, shape));
    }

    /// An operation of the graph on tensors.
    ///
    /// @throws IllegalArgumentException naming the operation, every operand's shape and dtype and
    ///   what was expected, if they do not fit
    public static Tensor of(Op op, Tensor... operands) {
        Node[] nodes = new Node[operands.length];
        for (int i = 0; i < nodes.length; i++) {
            nodes[i] = operands[i].node;
        }
        return new Tensor(Node.of(op, nodes));
    }

    private static Tensor wrap(DType dtype, Object array, int length, int... shape) {
        return of(Buffer.wrap(dtype, length, array), Shape.of(shape));
    }

    /// An F32 scalar.
    public static Tensor scalar(double value) {
        return wrap(DType.F32, new float[] {(float) value}, 1);
    }

    /// The same value everywhere: a constant, which takes no memory and has no gradient.
    ///
    /// @throws IllegalArgumentException if the dtype cannot hold the value
    public static Tensor full(Shape shape, DType dtype, double value) {
        double rounded = dtype == DType.F32 ? (float) value : value;
        boolean fraction = dtype.isFloating() || dtype.isHalf();
        boolean fits = fraction || value == (long) value;
        Require.that(fits, "full: %s is not a value of %s, expected a whole number", value, dtype);
        switch (dtype) {
            case BOOL -> Require.that(value == 0 || value == 1, "full: %s as BOOL, expected 0 or 1", value);
            case U8 -> Require.that(value >= 0 && value <= 255, "full: %s as U8, expected 0 to 255", value);
            case I32 -> Require.that(value == (int) value, "full: %s as I32, expected -2^31 to 2^31 - 1", value);
            default -> {}
        }
        return of(new Op.Full(shape, dtype, rounded));
    }

    /// F32 zeros.
    public static Tensor zeros(int... shape) {
        return zeros(Shape.of(shape));
    }

    /// F32 zeros.
    public static Tensor zeros(Shape shape) {
        return full(shape, DType.F32, 0);
    }

    /// F32 ones.
    public static Tensor ones(int... shape) {
        return ones(Shape.of(shape));
    }

    /// F32 ones.
    public static Tensor ones(Shape shape) {
        return full(shape, DType.F32, 1);
    }

    /// I32 0, 1, ..., n - 1.
    public static Tensor arange(int n) {
        return of(new Op.Iota(Shape.of(n), DType.I32, 0));
    }

    /// F32 start, start + step, ... below stop (above it for a negative step).
    ///
    /// @throws IllegalArgumentException if step is 0 or not finite
    public static Tensor arange(double start, double stop, double step) {
        Require.that(step != 0 && Double.isFinite(step), "arange: step %s, expected one not 0", step);
        int n = (int) Math.max(0, Math.ceil((stop - start) / step));
        return arange(n).cast(DType.F32).mul(step).add(start);
    }

    /// `n` evenly spaced F32 values from `start` to `stop`, both included.
    public static Tensor linspace(double start, double stop, int n) {
        return arange(n)
                .cast(DType.F32)
                .mul((stop - start) / Math.max(1, n - 1))
                .add(start);
    }

    /// The F32 identity matrix.
    public static Tensor eye(int n) {
        Shape s = Shape.of(n, n);
        return of(new Op.Iota(s, DType.I32, 0))
                .equal(of(new Op.Iota(s, DType.I32, 1)))
                .cast(DType.F32);
    }

    /// The tensors one after the other along the axis.
    ///
    /// @throws IllegalArgumentException if there is none, or dtypes or other axes differ
    public static Tensor concat(int axis, Tensor... tensors) {
        return concat(axis, List.of(tensors));
    }

    /// The tensors one after the other along the axis.
    ///
    /// @throws IllegalArgumentException if there is none, or dtypes or other axes differ
    public static Tensor concat(int axis, List<Tensor> tensors) {
        Require.that(!tensors.isEmpty(), "concat: no tensors, expected at least one");
        int a = tensors.getFirst().shape().axis(axis);
        return of(new Op.Concat(a), tensors.toArray(Tensor[]::new));
    }

    /// The tensors, all of one shape, side by side along a new axis.
    ///
    /// @throws IllegalArgumentException if there is none, or dtypes or shapes differ
    public static Tensor stack(int axis, Tensor... tensors) {
        return stack(axis, List.of(tensors));
    }

    /// The tensors, all of one shape, side by side along a new axis.
    ///
    /// @throws IllegalArgumentException if there is none, or dtypes or shapes differ
    public static Tensor stack(int axis, List<Tensor> tensors) {
        return concat(axis, tensors.stream().map(t -> t.unsqueeze(axis)).toList());
    }

    // ---- what it is ----

    /// The graph node behind this tensor.
    public Node node() {
        return node;
    }

    public Shape shape() {
        return node.shape();
    }

    public DType dtype() {
        return node.dtype();
    }

    /// Shape and dtype, which errors name as `F32[2, 3]`.
    public Type type() {
        return node.type();
    }

    /// The number of axes.
    public int rank() {
        return shape().rank();
    }

    /// The number of elements.
    public int size() {
        return shape().size();
    }

    /// The size of an axis; -1 is the last.
    public int dim(int axis) {
        return shape().dim(axis);
    }

    @Override
    public Tensor self() {
        return this;
    }

    // ---- values ----

    /// Computes the value now, on the current [Device], and keeps it.
    public Tensor evaluate() {
        Device.current().evaluate(List.of(this));
        return this;
    }

    /// Computes several values in one program.
    public static void evaluateAll(Tensor... tensors) {
        Device.current().evaluate(List.of(tensors));
    }

    /// The evaluated elements, not copied: for reading only.
    public Buffer buffer() {
        evaluate();
        return node.value();
    }

    /// The only element, as a double.
    ///
    /// @throws IllegalStateException if there is not exactly one
    public double item() {
        if (size() != 1) {
            throw new IllegalStateException("item: a tensor of shape " + shape() + ", expected one element");
        }
        return buffer().getDouble(0);
    }

    /// The elements of an F32 tensor in row-major order, as a fresh array.
    ///
    /// @throws IllegalStateException on another dtype
    public float[] toFloats() {
        return Arrays.copyOf((float[]) array(DType.F32, "toFloats"), size());
    }

    /// The elements in row-major order, as a fresh array: those of any dtype, as doubles hold all of their values
    /// but those of I64 beyond 2^53, which are rounded.
    public double[] toDoubles() {
        Buffer elements = buffer();
        if (elements.array() instanceof double[] doubles) {
            return Arrays.copyOf(doubles, size());
        }
        double[] out = new double[size()];
        for (int i = 0; i < out.length; i++) {
            out[i] = elements.getDouble(i);
        }
        return out;
    }

    /// The elements of an I32 tensor in row-major order, as a fresh array.
    ///
    /// @throws IllegalStateException on another dtype
    public int[] toInts() {
        return Arrays.copyOf((int[]) array(DType.I32, "toInts"), size());
    }

    /// The elements of an I64 tensor in row-major order, as a fresh array.
    ///
    /// @throws IllegalStateException on another dtype
    public long[] toLongs() {
        return Arrays.copyOf((long[]) array(DType.I64, "toLongs"), size());
    }

    /// The elements of a U8 tensor in row-major order, as a fresh array.
    ///
    /// @throws IllegalStateException on another dtype
    public byte[] toBytes() {
        return Arrays.copyOf((byte[]) array(DType.U8, "toBytes"), size());
    }

    /// The elements of a BOOL tensor in row-major order, as a fresh array.
    ///
    /// @throws IllegalStateException on another dtype
    public boolean[] toBooleans() {
        byte[] bytes = (byte[]) array(DType.BOOL, "toBooleans");
        boolean[] out = new boolean[size()];
        for (int i = 0; i < out.length; i++) {
            out[i] = bytes[i] != 0;
        }
        return out;
    }

    private Object array(DType dtype, String method) {
        if (dtype() != dtype) {
            throw new IllegalStateException("%s: the tensor is %s, expected %s; cast(DType.%s) converts it"
                    .formatted(method, type(), dtype, dtype));
        }
        return buffer().array();
    }

    /// A tensor with elements of its own, which no later update of a variable touches.
    public Tensor copy() {
        Buffer from = buffer();
        Buffer to = Buffer.allocate(dtype(), size());
        System.arraycopy(from.array(), 0, to.array(), 0, size());
        return of(to, shape());
    }

    /// The same value with no history: gradients stop here, and what it was computed from is not
    /// kept in memory on its account.
    public Tensor detach() {
        return node.isEvaluated() ? new Tensor(Node.data(node.value(), shape())) : of(new Op.StopGradient(), this);
    }

    /// The elements, shape and dtype, as NumPy prints them. Computes the value.
    @Override
    public String toString() {
        return TensorPrinter.print(this);
    }
}
