package fathom.backend.cpu;

import fathom.ir.Buffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/// The arrays and scalars of a program's present run, and the workers it runs on. A program has one,
/// to which its steps are bound; a run fills it, and empties it when it is over.
final class Frame {
    private final @Nullable Object[] arrays;
    private final @Nullable Buffer[] arguments;
    private double[] scalars = {};
    private final WorkerPool pool;
    private final KeptForms kept;

    /// @param storages how many places the program has
    /// @param kept where steps find what earlier runs made of arguments
    Frame(int storages, WorkerPool pool, KeptForms kept) {
        arrays = new @Nullable Object[storages];
        arguments = new @Nullable Buffer[storages];
        this.pool = pool;
        this.kept = kept;
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

    /// The same with what may be kept from run to run.
    Operand operand(Storage storage) {
        return new Operand(array(storage), arguments[storage.id], kept);
    }

    void set(Storage storage, @Nullable Object array) {
        arrays[storage.id] = array;
    }

    /// Has a place use an argument's array.
    void setArgument(Storage storage, Buffer argument) {
        set(storage, argument.array());
        arguments[storage.id] = argument;
    }

    /// Has a place use another one's array.
    void share(Storage storage, Storage with) {
        arrays[storage.id] = arrays[with.id];
    }

    void clear() {
        Arrays.fill(arrays, null);
        Arrays.fill(arguments, null);
    }
}
