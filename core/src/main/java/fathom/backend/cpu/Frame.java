package fathom.backend.cpu;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The arrays and scalars of a program's present run, and the workers it runs on. A program has one,
/// to which its steps are bound; a run fills it, and empties it when it is over.
final class Frame {
    private final @Nullable Object[] arrays;
    private double[] scalars = {};
    private final WorkerPool pool;

    /// @param storages how many places the program has
    Frame(int storages, WorkerPool pool) {
        arrays = new @Nullable Object[storages];
        this.pool = pool;
    }

    /// The workers.
    WorkerPool pool() {
        return pool;
    }

    /// The program's scalar arguments.
    double[] scalars() {
        return scalars;
    }

    void setScalars(double[] values) {
        scalars = values;
    }

    Object array(Storage storage) {
        Object a = arrays[storage.id];
        if (a == null) {
            throw new IllegalStateException("no array for storage " + storage.id);
        }
        return a;
    }

    void set(Storage storage, @Nullable Object array) {
        arrays[storage.id] = array;
    }

    /// Has a place use another one's array.
    void share(Storage storage, Storage with) {
        arrays[storage.id] = arrays[with.id];
    }

    void clear() {
        Arrays.fill(arrays, null);
    }
}
