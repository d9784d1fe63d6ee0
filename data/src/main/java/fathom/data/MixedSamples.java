package fathom.data;

import fathom.ir.Buffer;
import fathom.tensor.DType;
import fathom.tensor.Shape;

/// Each sample mixed with another one that is drawn in each epoch anew. Inputs and targets draw the
/// same, each from the sample's index.
///
/// @param source F32 samples
/// @param members those to draw partners from
/// @param targets whether these are the targets, which are always blended
record MixedSamples(Samples source, int[] members, Mixing mixing, boolean targets, long seed, int epoch)
        implements Samples {
    @Override
    public int count() {
        return source.count();
    }

    @Override
    public Shape shape() {
        return source.shape();
    }

    @Override
    public DType dtype() {
        return DType.F32;
    }

    @Override
    public Samples inEpoch(int number) {
        return new MixedSamples(source.inEpoch(number), members, mixing, targets, seed, number);
    }

    @Override
    public void read(int[] indices, Buffer into) {
        int[] partners = new int[indices.length];
        Mixing.Cut[] cuts = new Mixing.Cut[indices.length];
        for (int row = 0; row < indices.length; row++) {
            Draws draws = Draws.of(seed, epoch, indices[row]);
            partners[row] = members[draws.below(members.length)];
            cuts[row] = mixing.draw(draws);
        }
        source.read(indices, into);
        float[] own = (float[]) into.array();
        float[] others = (float[]) source.readAll(partners).array();
        int width = shape().size();
        for (int row = 0; row < indices.length; row++) {
            if (targets) {
                cuts[row].blend(own, others, row * width, width);
            } else {
                cuts[row].mix(own, others, row * width, width);
            }
        }
    }
}
