package fathom.compile;

/// What a program needs, in bytes. Not among it are the few blocks that each thread packs operands
/// into, which all programs share.
///
/// @param arguments the buffers that it reads
/// @param results the buffers that it fills
/// @param temporaries what it borrows while it runs; values that do not live at the same time share
///   it
public record Memory(long arguments, long results, long temporaries) {
    /// All of it, which is held while the program runs.
    public long peak() {
        return arguments + results + temporaries;
    }

    /// For example `peak memory 5.0 MB: arguments 2.0 MB, results 1.0 MB, temporaries 2.0 MB`.
    @Override
    public String toString() {
        return "peak memory %s: arguments %s, results %s, temporaries %s"
                .formatted(Units.bytes(peak()), Units.bytes(arguments), Units.bytes(results), Units.bytes(temporaries));
    }
}
