package fathom.data;

import fathom.ir.Buffer;
import fathom.tensor.Shape;

/// Class indices as 1 where they are a certain class, and 0 elsewhere.
record IndicatorSamples(Samples labels, int positive) implements LabelSamples {
    @Override
    public Shape shape() {
        return Shape.of(1);
    }

    @Override
    public void write(Buffer given, float[] values) {
        for (int i = 0; i < given.size(); i++) {
            values[i] = given.getLong(i) == positive ? 1 : 0;
        }
    }
}
