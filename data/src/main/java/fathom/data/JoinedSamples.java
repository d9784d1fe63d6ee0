package fathom.data;

import fathom.ir.Buffer;
import fathom.ir.Require;
import fathom.tensor.DType;
import fathom.tensor.Shape;

/// The samples of one source after those of another.
record JoinedSamples(Samples first, Samples second) implements Samples {
    JoinedSamples {
        boolean fit = first.dtype() == second.dtype() && first.shape().equals(second.shape());
        String message = "concat: samples %s%s and %s%s, expected the same dtype and shape";
        Require.that(fit, message, first.dtype(), first.shape(), second.dtype(), second.shape());
    }

    @Override
    public int count() {
        return Math.addExact(first.count(), second.count());
    }

    @Override
    public Shape shape() {
        return first.shape();
    }

    @Override
    public DType dtype() {
        return first.dtype();
    }

    @Override
    public Samples inEpoch(int epoch) {
        return new JoinedSamples(first.inEpoch(epoch), second.inEpoch(epoch));
    }

    @Override
    public void read(int[] indices, Buffer into) {
        read(first, indices, 0, into);
        read(second, indices, first.count(), into);
    }

    /// Reads those of the indices that are in one source, and puts each in its place.
    private void read(Samples source, int[] indices, int from, Buffer into) {
        int[] places = new int[indices.length];
        int[] inside = new int[indices.length];
        int found = 0;
        for (int i = 0; i < indices.length; i++) {
            int index = indices[i] - from;
            if (index >= 0 && index < source.count()) {
                places[found] = i;
                inside[found++] = index;
            }
        }
        int width = shape().size();
        Buffer part = Buffer.allocate(dtype(), found * width);
        source.read(java.util.Arrays.copyOf(inside, found), part);
        for (int i = 0; i < found; i++) {
            System.arraycopy(part.array(), i * width, into.array(), places[i] * width, width);
        }
    }
}
