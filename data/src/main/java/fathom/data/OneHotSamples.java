package fathom.data;

import fathom.ir.Buffer;
import fathom.ir.Require;
import fathom.tensor.Shape;
import java.util.Arrays;

/// Class indices as rows of zeros with a one at the class.
record OneHotSamples(Samples labels, int classes) implements LabelSamples {
    @Override
    public Shape shape() {
        return Shape.of(classes);
    }

    @Override
    public void write(Buffer given, float[] values) {
        Require.indices("oneHot: label", given, classes);
        Arrays.fill(values, 0, given.size() * classes, 0);
        for (int i = 0; i < given.size(); i++) {
            values[i * classes + (int) given.getLong(i)] = 1;
        }
    }
}
