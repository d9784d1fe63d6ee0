package fathom.data;

import fathom.ir.Buffer;
import fathom.ir.Require;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import java.util.Arrays;

/// Class indices as rows of zeros with a one at the class.
record OneHotSamples(Samples labels, int classes) implements Samples {
    @Override
    public int count() {
        return labels.count();
    }

    @Override
    public Shape shape() {
        return Shape.of(classes);
    }

    @Override
    public DType dtype() {
        return DType.F32;
    }

    @Override
    public void read(int[] indices, Buffer into) {
        Buffer given = Buffer.allocate(labels.dtype(), indices.length);
        labels.read(indices, given);
        Require.indices("oneHot: label", given, classes);
        float[] rows = (float[]) into.array();
        Arrays.fill(rows, 0, indices.length * classes, 0);
        for (int i = 0; i < indices.length; i++) {
            rows[i * classes + (int) given.getLong(i)] = 1;
        }
    }
}
