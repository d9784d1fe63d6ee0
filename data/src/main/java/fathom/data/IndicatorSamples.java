package fathom.data;

import fathom.ir.Buffer;
import fathom.tensor.DType;
import fathom.tensor.Shape;

/// Class indices as 1 where they are a certain class, and 0 elsewhere.
record IndicatorSamples(Samples labels, int positive) implements Samples {
    @Override
    public int count() {
        return labels.count();
    }

    @Override
    public Shape shape() {
        return Shape.of(1);
    }

    @Override
    public DType dtype() {
        return DType.F32;
    }

    @Override
    public void read(int[] indices, Buffer into) {
        Buffer given = Buffer.allocate(labels.dtype(), indices.length);
        labels.read(indices, given);
        for (int i = 0; i < indices.length; i++) {
            into.setDouble(i, given.getLong(i) == positive ? 1 : 0);
        }
    }
}
