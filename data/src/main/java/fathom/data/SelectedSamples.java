package fathom.data;

import fathom.ir.Buffer;
import fathom.tensor.DType;
import fathom.tensor.Shape;

/// Some of the samples of another source, in an order of their own.
record SelectedSamples(Samples source, int[] members) implements Samples {
    @Override
    public int count() {
        return members.length;
    }

    @Override
    public Shape shape() {
        return source.shape();
    }

    @Override
    public DType dtype() {
        return source.dtype();
    }

    @Override
    public Samples inEpoch(int epoch) {
        return new SelectedSamples(source.inEpoch(epoch), members);
    }

    @Override
    public void read(int[] indices, Buffer into) {
        int[] chosen = new int[indices.length];
        for (int i = 0; i < indices.length; i++) {
            chosen[i] = members[indices[i]];
        }
        source.read(chosen, into);
    }
}
