package fathom.backend.cpu;

import org.jspecify.annotations.Nullable;

/// The arrays and scalars of one run of a program, and the workers it runs on.
///
/// @param arrays for each storage its array
/// @param scalars the program's scalar arguments
/// @param pool the workers
record Frame(@Nullable Object[] arrays, double[] scalars, WorkerPool pool) {
    Object array(Storage storage) {
        Object a = arrays[storage.id];
        if (a == null) {
            throw new IllegalStateException("no array for storage " + storage.id);
        }
        return a;
    }
}
