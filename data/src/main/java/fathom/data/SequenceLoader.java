package fathom.data;

import fathom.data.Ragged.Padded;
import fathom.ir.Require;
import fathom.tensor.Batch;
import fathom.tensor.Batches;
import fathom.tensor.RandomStream;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.IntStream;

/// Sequences cut into batches, each filled up to its longest sequence, the next few of which are
/// prepared while one is worked on.
///
/// @param sequences what is cut
/// @param batchSize samples in a batch, but for the last one
/// @param seed what the order of each epoch is drawn from, with the epoch's number; none: as given
/// @param pool how many batches are sorted by length together; 1: none are
/// @param filler what inputs are filled up with
/// @param targetFiller what targets are filled up with, if they are sequences
/// @param multiple lengths are rounded up to a multiple of it
/// @param ahead how many batches are prepared ahead
public record SequenceLoader(
        SequenceDataset sequences,
        int batchSize,
        OptionalLong seed,
        int pool,
        double filler,
        double targetFiller,
        int multiple,
        int ahead)
        implements Batches {
    private static final int DEFAULT_AHEAD = 3;

    public SequenceLoader {
        Require.positive("batch size", batchSize);
        Require.positive("bucketed: batches", pool);
        Require.positive("lengthsMultipleOf:", multiple);
        Require.that(ahead >= 0, "prefetch: %s batches, expected 0 or more", ahead);
    }

    static SequenceLoader of(SequenceDataset sequences, int batchSize) {
        return new SequenceLoader(sequences, batchSize, OptionalLong.empty(), 1, 0, 0, 1, DEFAULT_AHEAD);
    }

    /// Another order for each epoch, drawn from the seed and the epoch's number.
    public SequenceLoader shuffle(long newSeed) {
        return new SequenceLoader(
                sequences, batchSize, OptionalLong.of(newSeed), pool, filler, targetFiller, multiple, ahead);
    }

    /// Puts sequences of about the same length into a batch, so that little has to be filled up:
    /// those of so many batches are sorted by length, and the batches then put in random order if
    /// the loader shuffles.
    ///
    /// @param batches how many batches are sorted together; more fill up less but mix less
    public SequenceLoader bucketed(int batches) {
        return new SequenceLoader(sequences, batchSize, seed, batches, filler, targetFiller, multiple, ahead);
    }

    /// Fills up inputs and targets with other values than 0.
    ///
    /// @param inputs for inputs: the number of the padding token
    /// @param targets for targets that are sequences: what the loss leaves out
    public SequenceLoader padding(double inputs, double targets) {
        return new SequenceLoader(sequences, batchSize, seed, pool, inputs, targets, multiple, ahead);
    }

    /// Rounds lengths up to a multiple: fewer different shapes, so fewer programs to compile.
    public SequenceLoader lengthsMultipleOf(int steps) {
        return new SequenceLoader(sequences, batchSize, seed, pool, filler, targetFiller, steps, ahead);
    }

    /// Prepares more or fewer batches ahead, or with 0 each one when it is asked for.
    public SequenceLoader prefetch(int batches) {
        return new SequenceLoader(sequences, batchSize, seed, pool, filler, targetFiller, multiple, batches);
    }

    @Override
    public int count() {
        return Math.ceilDiv(sequences.size(), batchSize);
    }

    @Override
    public int samples() {
        return sequences.size();
    }

    /// {@inheritDoc} Each batch has `lengths`, I32 `[N]`: how many steps of each input are real.
    ///
    /// @throws IllegalArgumentException if there is no such epoch or batch
    @Override
    public Iterator<Batch> epoch(int epoch, int skip) {
        Require.that(epoch >= 0, "epoch %s, expected 0 or more", epoch);
        boolean fits = skip >= 0 && skip <= count();
        Require.that(fits, "epoch: skip %s batches, expected 0 to %s", skip, count());
        List<int[]> members = members(epoch);
        Iterator<Raw> raws = new Prefetch<>(skip, count(), ahead, i -> read(members.get(i)));
        return new Iterator<>() {
            @Override
            public boolean hasNext() {
                return raws.hasNext();
            }

            @Override
            public Batch next() {
                return raws.next().toBatch();
            }
        };
    }

    /// Which samples each batch of an epoch has.
    private List<int[]> members(int epoch) {
        int[] order = order("epoch " + epoch, sequences.size());
        List<int[]> batches = new ArrayList<>();
        int pooled = (int) Math.min((long) pool * batchSize, order.length);
        for (int from = 0; from < order.length; from += pooled) {
            int[] part = sorted(Arrays.copyOfRange(order, from, Math.min(order.length, from + pooled)));
            for (int at = 0; at < part.length; at += batchSize) {
                batches.add(Arrays.copyOfRange(part, at, Math.min(part.length, at + batchSize)));
            }
        }
        if (pool == 1) {
            return batches;
        }
        return Arrays.stream(order("batches of epoch " + epoch, batches.size()))
                .mapToObj(batches::get)
                .toList();
    }

    private int[] order(String what, int count) {
        return seed.isPresent()
                ? RandomStream.of(seed.getAsLong()).split(what).shuffled(count)
                : IntStream.range(0, count).toArray();
    }

    private int[] sorted(int[] members) {
        if (pool == 1) {
            return members;
        }
        return Arrays.stream(members)
                .boxed()
                .sorted(Comparator.comparingInt(sequences::length))
                .mapToInt(i -> i)
                .toArray();
    }

    private Raw read(int[] indices) {
        int[] lengths = Arrays.stream(indices).map(sequences::length).toArray();
        return new Raw(
                sequences.inputs(indices, filler, multiple),
                sequences.targets(indices, targetFiller, multiple),
                sequences.others(indices, filler, multiple),
                lengths);
    }

    /// A batch's elements, of which tensors are made on the thread that uses them.
    private record Raw(Padded x, Padded y, Map<String, Padded> others, int[] lengths) {
        Batch toBatch() {
            Map<String, Tensor> more = new LinkedHashMap<>();
            more.put(SequenceDataset.LENGTHS, Tensor.of(lengths, lengths.length));
            others.forEach((name, values) -> more.put(name, values.tensor()));
            return new Batch(x.tensor(), y.tensor(), more);
        }
    }
}
