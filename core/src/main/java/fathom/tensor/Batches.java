package fathom.tensor;

import java.util.Iterator;

/// A data set cut into batches: what training reads. The order within an epoch depends on nothing
/// but the epoch's number, so that an interrupted epoch can go on where it stopped.
public interface Batches extends Iterable<Batch> {
    /// Batches in an epoch.
    int count();

    /// Samples in an epoch.
    int samples();

    /// The batches of an epoch, without the first `skip` of them.
    ///
    /// @param epoch the epoch's number, from 0
    /// @param skip how many batches to leave out at the start
    Iterator<Batch> epoch(int epoch, int skip);

    /// All batches of an epoch, for a loop of one's own: `for (Batch batch : batches.epoch(3))`.
    ///
    /// @param epoch the epoch's number, from 0
    default Iterable<Batch> epoch(int epoch) {
        return () -> epoch(epoch, 0);
    }

    /// The batches of the first epoch.
    @Override
    default Iterator<Batch> iterator() {
        return epoch(0, 0);
    }
}
