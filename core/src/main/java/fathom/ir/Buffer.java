package fathom.ir;

import fathom.tensor.DType;
import java.lang.reflect.Array;

/// A run of elements in row-major order, in a plain Java array that the garbage collector owns.
///
/// The array's type follows from the dtype: `float[]` for F32, `double[]` for F64, `int[]` for I32,
/// `long[]` for I64, `byte[]` for U8 and BOOL, `short[]` for F16 and BF16. A buffer of a variable
/// is written again by later updates; [#version] counts those.
public final class Buffer {
    private final DType dtype;
    private final int size;
    private final Object array;
    private volatile long version;

    private Buffer(DType dtype, int size, Object array) {
        this.dtype = dtype;
        this.size = size;
        this.array = array;
    }

    /// A zeroed buffer.
    public static Buffer allocate(DType dtype, int size) {
        Object array = switch (dtype) {
            case F32 -> new float[size];
            case F64 -> new double[size];
            case I32 -> new int[size];
            case I64 -> new long[size];
            case U8, BOOL -> new byte[size];
            case F16, BF16 -> new short[size];
        };
        return new Buffer(dtype, size, array);
    }

    /// A buffer over the given array, which is not copied and may be longer than `size`.
    public static Buffer wrap(DType dtype, int size, Object array) {
        Class<?> type = array.getClass();
        boolean fits = type == allocate(dtype, 0).array().getClass() && Array.getLength(array) >= size;
        String message = "buffer: an array of type %s cannot hold %s elements of %s";
        Require.that(fits, message, type.getSimpleName(), size, dtype);
        return new Buffer(dtype, size, array);
    }

    public DType dtype() {
        return dtype;
    }

    /// The number of elements.
    public int size() {
        return size;
    }

    /// The Java array that holds the elements, from index 0.
    public Object array() {
        return array;
    }

    /// How often the elements have been replaced.
    public long version() {
        return version;
    }

    /// Marks the elements as replaced, so that nodes over the old ones refuse to be read. Called by
    /// the one thread that commits an update.
    @SuppressWarnings("NonAtomicVolatileUpdate")
    public void replaced() {
        version++;
    }

    /// One element as a double; BOOL as 0 or 1, U8 unsigned.
    public double getDouble(int i) {
        return switch (dtype) {
            case F32 -> ((float[]) array)[i];
            case F64 -> ((double[]) array)[i];
            case F16 -> Float.float16ToFloat(((short[]) array)[i]);
            case BF16 -> Halves.bfloat16ToFloat(((short[]) array)[i]);
            case I32, I64, U8, BOOL -> getLong(i);
        };
    }

    /// One element of an integer or BOOL buffer.
    public long getLong(int i) {
        return switch (dtype) {
            case I32 -> ((int[]) array)[i];
            case I64 -> ((long[]) array)[i];
            case U8, BOOL -> ((byte[]) array)[i] & 0xff;
            case F32, F64, F16, BF16 -> throw new IllegalStateException("getLong: the buffer holds " + dtype);
        };
    }

    /// Sets one element from a double, rounded or truncated to the dtype.
    public void setDouble(int i, double value) {
        switch (dtype) {
            case F32 -> ((float[]) array)[i] = (float) value;
            case F64 -> ((double[]) array)[i] = value;
            case F16 -> ((short[]) array)[i] = Float.floatToFloat16((float) value);
            case BF16 -> ((short[]) array)[i] = Halves.floatToBfloat16((float) value);
            case BOOL -> ((byte[]) array)[i] = (byte) (value != 0 ? 1 : 0);
            case I32, I64, U8 -> setLong(i, (long) value);
        }
    }

    /// Sets one element of an integer or BOOL buffer; higher bits are dropped.
    public void setLong(int i, long value) {
        switch (dtype) {
            case I32 -> ((int[]) array)[i] = (int) value;
            case I64 -> ((long[]) array)[i] = value;
            case U8 -> ((byte[]) array)[i] = (byte) value;
            case BOOL -> ((byte[]) array)[i] = (byte) (value != 0 ? 1 : 0);
            case F32, F64, F16, BF16 -> setDouble(i, (double) value);
        }
    }
}
