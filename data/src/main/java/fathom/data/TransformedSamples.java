package fathom.data;

import fathom.ir.Buffer;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import java.util.Arrays;

/// Samples that a transform has made from F32 ones.
record TransformedSamples(Samples source, Shape shape, Transform transform) implements Samples {
    @Override
    public int count() {
        return source.count();
    }

    @Override
    public DType dtype() {
        return DType.F32;
    }

    @Override
    public Samples inEpoch(int epoch) {
        return new TransformedSamples(source.inEpoch(epoch), shape, transform);
    }

    @Override
    public void read(int[] indices, Buffer into) {
        int width = source.shape().size();
        Buffer raw = Buffer.allocate(DType.F32, indices.length * width);
        source.read(indices, raw);
        float[] values = (float[]) raw.array();
        float[] results = (float[]) into.array();
        float[] sample = new float[width];
        float[] result = new float[shape.size()];
        for (int row = 0; row < indices.length; row++) {
            System.arraycopy(values, row * width, sample, 0, width);
            Arrays.fill(result, 0);
            transform.apply(sample, result);
            System.arraycopy(result, 0, results, row * result.length, result.length);
        }
    }
}
