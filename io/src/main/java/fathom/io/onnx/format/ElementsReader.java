package fathom.io.onnx.format;

import fathom.ir.Buffer;
import fathom.ir.Require;
import fathom.tensor.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Turns the elements of a file into those of a buffer.
final class ElementsReader {
    private ElementsReader() {}

    /// Elements that stand in a file one after the other, little-endian, those of less than a byte packed
    /// with the first in the lowest bits.
    ///
    /// @throws IllegalArgumentException if there are more or fewer bytes than the elements take
    static Buffer raw(OnnxType type, ByteBuffer bytes, int count) {
        long expected = Math.ceilDiv((long) count * type.bits(), Byte.SIZE);
        Require.that(
                bytes.remaining() == expected,
                "%s bytes, expected %s for %s elements of %s",
                bytes.remaining(),
                expected,
                count,
                type);
        Buffer out = Buffer.allocate(type.carrier(), count);
        ByteBuffer in = bytes.slice().order(ByteOrder.LITTLE_ENDIAN);
        switch (type) {
            case FLOAT -> in.asFloatBuffer().get((float[]) out.array());
            case DOUBLE -> in.asDoubleBuffer().get((double[]) out.array());
            case INT32 -> in.asIntBuffer().get((int[]) out.array());
            case INT64, UINT64 -> in.asLongBuffer().get((long[]) out.array());
            case UINT8 -> in.get((byte[]) out.array());
            default -> {
                for (int i = 0; i < count; i++) {
                    set(type, out, i, bits(in, i, type.bits()));
                }
            }
        }
        return out;
    }

    private static long bits(ByteBuffer in, int i, int width) {
        return switch (width) {
            case 8 -> in.get(i);
            case 16 -> in.getShort(i * 2);
            case 32 -> in.getInt(i * 4);
            default -> {
                int place = i * width;
                yield in.get(place / Byte.SIZE) >> place % Byte.SIZE & (1 << width) - 1;
            }
        };
    }

    /// Elements of which each was written as a number: whole ones, or the bits of a small one.
    ///
    /// @throws IllegalArgumentException if there are more or fewer numbers than the elements take
    static Buffer numbers(OnnxType type, long[] numbers, int count) {
        if (type.bits() < Byte.SIZE) {
            byte[] bytes = new byte[numbers.length];
            for (int i = 0; i < bytes.length; i++) {
                bytes[i] = (byte) numbers[i];
            }
            return raw(type, ByteBuffer.wrap(bytes), count);
        }
        Require.that(numbers.length == count, "%s elements, expected %s", numbers.length, count);
        Buffer out = Buffer.allocate(type.carrier(), count);
        for (int i = 0; i < count; i++) {
            set(type, out, i, numbers[i]);
        }
        return out;
    }

    /// Sets an element from its bits.
    private static void set(OnnxType type, Buffer out, int i, long bits) {
        if (out.dtype() == DType.F32) {
            ((float[]) out.array())[i] = type.fraction((int) bits);
            return;
        }
        long value = type.isUnsigned() && type.bits() < Long.SIZE ? bits & type.greatest() : signed(type, bits);
        out.setLong(i, value);
    }

    private static long signed(OnnxType type, long bits) {
        int unused = Long.SIZE - type.bits();
        return bits << unused >> unused;
    }
}
