package fathom.data;

import fathom.ir.Buffer;
import fathom.tensor.DType;
import fathom.tensor.Shape;

/// Images stored as bytes, a quarter of the memory of floats, and decoded when they are read.
final class PixelSamples implements Samples {
    private static final float WHITE = 255;

    private final byte[] pixels;
    private final Shape shape;

    PixelSamples(byte[] pixels, Shape shape) {
        this.pixels = pixels;
        this.shape = shape;
    }

    @Override
    public int count() {
        return pixels.length / shape.size();
    }

    @Override
    public Shape shape() {
        return shape;
    }

    @Override
    public DType dtype() {
        return DType.F32;
    }

    @Override
    public void read(int[] indices, Buffer into) {
        float[] values = (float[]) into.array();
        int width = shape.size();
        for (int row = 0; row < indices.length; row++) {
            int from = indices[row] * width;
            int to = row * width;
            for (int i = 0; i < width; i++) {
                values[to + i] = (pixels[from + i] & 0xff) / WHITE;
            }
        }
    }
}
