package fathom.data;

import fathom.ir.Require;
import fathom.tensor.Batch;
import fathom.tensor.Batches;
import java.util.Arrays;
import java.util.Iterator;
import java.util.function.UnaryOperator;

/// A data set cut into batches, the next few of which are decoded while one is worked on.
///
/// The order depends on the data set's seed and the epoch's number alone, never on timing.
public final class Loader implements Batches {
    private static final int DEFAULT_AHEAD = 3;

    private final Dataset dataset;
    private final int size;
    private final boolean wholeOnly;
    private final int ahead;
    private final UnaryOperator<Batch> transform;

    Loader(Dataset dataset, int size) {
        this(dataset, size, false, DEFAULT_AHEAD, UnaryOperator.identity());
        Require.positive("batch size", size);
    }

    private Loader(Dataset dataset, int size, boolean wholeOnly, int ahead, UnaryOperator<Batch> transform) {
        this.dataset = dataset;
        this.size = size;
        this.wholeOnly = wholeOnly;
        this.ahead = ahead;
        this.transform = transform;
    }

    /// Whole batches only: what is left over at an epoch's end is not read.
    ///
    /// @throws IllegalArgumentException if there are too few samples for one batch
    public Loader dropLast() {
        int samples = dataset.size();
        String message = "dropLast: %s samples do not fill one batch of %s, expected a batch size of at most %s";
        Require.that(samples >= size, message, samples, size, samples);
        return new Loader(dataset, size, true, ahead, transform);
    }

    /// Decodes more or fewer batches ahead, or with 0 each one when it is asked for.
    ///
    /// @throws IllegalArgumentException if the number is negative
    public Loader prefetch(int batches) {
        Require.that(batches >= 0, "prefetch: %s batches, expected 0 or more", batches);
        return new Loader(dataset, size, wholeOnly, batches, transform);
    }

    /// Applies a function to each batch when it is handed out. What it does with tensors becomes
    /// part of the program that uses the batch.
    public Loader map(UnaryOperator<Batch> function) {
        UnaryOperator<Batch> before = transform;
        return new Loader(dataset, size, wholeOnly, ahead, batch -> function.apply(before.apply(batch)));
    }

    /// What is cut into batches.
    public Dataset dataset() {
        return dataset;
    }

    /// Samples in a batch, but for the last one.
    public int batchSize() {
        return size;
    }

    @Override
    public int count() {
        int whole = dataset.size() / size;
        return wholeOnly || dataset.size() % size == 0 ? whole : whole + 1;
    }

    @Override
    public int samples() {
        return wholeOnly ? count() * size : dataset.size();
    }

    /// {@inheritDoc}
    ///
    /// @throws IllegalArgumentException if there is no such epoch or batch
    @Override
    public Iterator<Batch> epoch(int epoch, int skip) {
        Require.that(epoch >= 0, "epoch %s, expected 0 or more", epoch);
        boolean fits = skip >= 0 && skip <= count();
        Require.that(fits, "epoch: skip %s batches, expected 0 to %s", skip, count());
        int[] order = dataset.order(epoch);
        Columns columns = dataset.columns().inEpoch(epoch);
        Iterator<Columns.Raw> raws = new Prefetch<>(skip, count(), ahead, i -> read(columns, order, i));
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return raws.hasNext();
            }

            @Override
            public Batch next() {
                return transform.apply(raws.next().toBatch());
            }
        };
    }

    private Columns.Raw read(Columns columns, int[] order, int batch) {
        int from = batch * size;
        return columns.read(Arrays.copyOfRange(order, from, from + Math.min(size, order.length - from)));
    }

    /// One line: how many batches of how many samples.
    @Override
    public String toString() {
        return count() + " batches of " + size + " from " + dataset;
    }
}
