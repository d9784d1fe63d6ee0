package fathom.data;

import fathom.ir.Buffer;
import fathom.ir.Require;
import fathom.tensor.DType;
import fathom.tensor.Shape;

/// Pictures that an augmentation has made from others, in each epoch anew.
record AugmentedSamples(Samples source, Augmentation augmentation, long seed, int epoch, Shape shape)
        implements Samples {
    static AugmentedSamples of(Samples source, Augmentation augmentation, long seed) {
        boolean fits = source.dtype() == DType.F32 && source.shape().rank() == 3;
        String message = "augment: the inputs are %s%s, expected pictures, F32[H, W, C]";
        Require.that(fits, message, source.dtype(), source.shape());
        return new AugmentedSamples(source, augmentation, seed, 0, augmentation.shape(source.shape()));
    }

    @Override
    public int count() {
        return source.count();
    }

    @Override
    public DType dtype() {
        return DType.F32;
    }

    @Override
    public Samples inEpoch(int number) {
        return new AugmentedSamples(source.inEpoch(number), augmentation, seed, number, shape);
    }

    @Override
    public void read(int[] indices, Buffer into) {
        int width = source.shape().size();
        float[] given = (float[]) source.readAll(indices).array();
        for (int row = 0; row < indices.length; row++) {
            float[] values = java.util.Arrays.copyOfRange(given, row * width, (row + 1) * width);
            Image image = Image.of(values, source.shape());
            Image made = augmentation.apply(image, Draws.of(seed, epoch, indices[row]));
            String message = "augment: an image %s, expected %s as the augmentation's shape says";
            Require.that(made.shape().equals(shape), message, made.shape(), shape);
            System.arraycopy(made.values(), 0, into.array(), row * shape.size(), shape.size());
        }
    }
}
