package fathom.data;

import fathom.ir.Buffer;
import fathom.tensor.DType;
import fathom.tensor.Shape;

/// Samples that lie in memory as they are read.
record StoredSamples(Buffer elements, int count, Shape shape) implements Samples {
    @Override
    public DType dtype() {
        return elements.dtype();
    }

    @Override
    public void read(int[] indices, Buffer into) {
        int width = shape.size();
        for (int row = 0; row < indices.length; row++) {
            System.arraycopy(elements.array(), indices[row] * width, into.array(), row * width, width);
        }
    }
}
