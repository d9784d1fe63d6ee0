package fathom.nn.train;

import fathom.tensor.Batch;
import fathom.tensor.Batches;
import java.util.Iterator;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/// Batches with something done to each.
record Changed(Batches source, UnaryOperator<Batch> change) implements Batches {
    @Override
    public int count() {
        return source.count();
    }

    @Override
    public int samples() {
        return source.samples();
    }

    @Override
    public Iterator<Batch> epoch(int epoch, int skip) {
        Iterator<Batch> batches = source.epoch(epoch, skip);
        return Stream.generate(() -> change.apply(batches.next()))
                .limit(count() - skip)
                .iterator();
    }
}
