package fathom.data;

import fathom.ir.Buffer;
import fathom.tensor.DType;
import fathom.tensor.Shape;

/// Samples less their channel's mean, divided by its standard deviation.
final class StandardisedSamples implements Samples {
    private final Samples source;
    private final double[] mean;
    private final double[] deviation;

    StandardisedSamples(Samples source, double[] mean, double[] deviation) {
        this.source = source;
        this.mean = mean;
        this.deviation = deviation;
    }

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
        return source.dtype();
    }

    @Override
    public Samples inEpoch(int epoch) {
        return new StandardisedSamples(source.inEpoch(epoch), mean, deviation);
    }

    @Override
    public void read(int[] indices, Buffer into) {
        source.read(indices, into);
        int size = indices.length * shape().size();
        for (int channel = 0; channel < mean.length; channel++) {
            if (into.array() instanceof float[] values) {
                float m = (float) mean[channel];
                float d = (float) deviation[channel];
                for (int i = channel; i < size; i += mean.length) {
                    values[i] = (values[i] - m) / d;
                }
            } else {
                double[] values = (double[]) into.array();
                for (int i = channel; i < size; i += mean.length) {
                    values[i] = (values[i] - mean[channel]) / deviation[channel];
                }
            }
        }
    }
}
