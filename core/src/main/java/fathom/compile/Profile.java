package fathom.compile;

import fathom.ir.Buffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/// What is computed while some code runs, kernel by kernel, and how long each takes.
///
/// ```java
/// var profile = Profile.of();
/// profile.run(() -> {
///     for (var batch : batches) {
///         optimizer.step(Loss.crossEntropy(model.apply(batch.x()), batch.y()));
///     }
/// });
/// IO.println(profile.table());
/// ```
///
/// The profile is part of the context, as the device is: it sees what the threads compute that are
/// inside of [#run] or [#call]. Outside of any, a run of a program looks once whether there is one,
/// and nothing else is done. Inside, each kernel costs a look at the clock. May be used by several
/// threads at once. A profile keeps the programs that it has seen, so it is for a while and not
/// for ever.
public final class Profile {
    private static final int MOST_EVENTS = 50_000;
    private static final ScopedValue<Profile> CURRENT = ScopedValue.newInstance();

    private final long zero = System.nanoTime();
    private final int mostEvents;
    private final Function<Buffer, @Nullable String> names;
    private final List<Event> events = new ArrayList<>();
    private final Map<Program, Seen> programs = new IdentityHashMap<>();
    private final List<Seen> inOrder = new ArrayList<>();
    private final Map<Long, String> threads = new LinkedHashMap<>();
    private long dropped;

    private Profile(int mostEvents, Function<Buffer, @Nullable String> names) {
        this.mostEvents = mostEvents;
        this.names = names;
    }

    /// An empty profile, which keeps the first 50,000 events.
    public static Profile of() {
        return of(MOST_EVENTS, _ -> null);
    }

    /// An empty profile.
    ///
    /// @param mostEvents how many events to keep; later ones are only counted, and added up in the
    ///   times of their kernels
    /// @param names the names of buffers that programs are given, or null for those without; asked
    ///   in the first run of each program
    /// @throws IllegalArgumentException if `mostEvents` is negative
    public static Profile of(int mostEvents, Function<Buffer, @Nullable String> names) {
        if (mostEvents < 0) {
            throw new IllegalArgumentException("profile: at most " + mostEvents + " events, expected 0 or more");
        }
        return new Profile(mostEvents, names);
    }

    // ---- recording ----

    /// Runs code that is to be seen.
    public void run(Runnable body) {
        ScopedValue.where(CURRENT, this).run(body);
    }

    /// Calls code that is to be seen.
    public <T extends @Nullable Object> T call(Supplier<T> body) {
        return ScopedValue.where(CURRENT, this).call(body::get);
    }

    /// Runs something that is to have a name in the profile around it, if there is one.
    public static void span(String name, Runnable body) {
        span(name, () -> {
            body.run();
            return true;
        });
    }

    /// Calls something that is to have a name in the profile around it, if there is one.
    public static <T extends @Nullable Object> T span(String name, Supplier<T> body) {
        if (!CURRENT.isBound()) {
            return body.get();
        }
        Profile profile = CURRENT.get();
        long start = System.nanoTime();
        try {
            return body.get();
        } finally {
            profile.add(new Span(name, start - profile.zero, System.nanoTime() - start, profile.thread()));
        }
    }

    /// For programs: what takes the times of one run, or null if nobody wants them.
    ///
    /// @param leaves the run's arguments
    /// @param targets the run's targets
    public static @Nullable Recorder recorder(Program program, List<Buffer> leaves, List<@Nullable Buffer> targets) {
        return CURRENT.isBound() ? CURRENT.get().started(program, leaves, targets) : null;
    }

    /// Takes the times of one run of a program.
    public static final class Recorder {
        private final Profile profile;
        private final Seen program;
        private final long[] times;
        private int done;

        private Recorder(Profile profile, Seen program) {
            this.profile = profile;
            this.program = program;
            times = new long[program.nanos.length + 1];
            times[0] = System.nanoTime();
        }

        /// The next kernel is done. With the last the run is noted; one that fails before never is.
        public void done() {
            times[++done] = System.nanoTime();
            if (done == program.nanos.length) {
                profile.finished(program, times);
            }
        }
    }

    private synchronized Recorder started(Program program, List<Buffer> leaves, List<@Nullable Buffer> targets) {
        Seen seen = programs.get(program);
        if (seen == null) {
            List<String> arguments = names(leaves);
            seen = new Seen(inOrder.size(), program, program.kernels(), arguments, names(targets));
            programs.put(program, seen);
            inOrder.add(seen);
        }
        return new Recorder(this, seen);
    }

    private List<String> names(List<? extends @Nullable Buffer> buffers) {
        return buffers.stream()
                .map(b -> b == null ? null : names.apply(b))
                .map(n -> n == null ? "" : n)
                .toList();
    }

    private synchronized void finished(Seen program, long[] times) {
        program.runs++;
        long thread = thread();
        for (int k = 0; k + 1 < times.length; k++) {
            long nanos = times[k + 1] - times[k];
            program.nanos[k] += nanos;
            add(new KernelRun(program.number, program.kernels.get(k), times[k] - zero, nanos, thread));
        }
    }

    private synchronized void add(Event event) {
        if (events.size() < mostEvents) {
            events.add(event);
        } else {
            dropped++;
        }
    }

    private synchronized long thread() {
        Thread t = Thread.currentThread();
        threads.putIfAbsent(t.threadId(), t.getName());
        return t.threadId();
    }

    private static final class Seen {
        final int number;
        final Program program;
        final List<KernelInfo> kernels;
        final List<String> arguments;
        final List<String> results;
        final long[] nanos;
        long runs;

        Seen(int number, Program program, List<KernelInfo> kernels, List<String> arguments, List<String> results) {
            this.number = number;
            this.program = program;
            this.kernels = kernels;
            this.arguments = arguments;
            this.results = results;
            nanos = new long[kernels.size()];
        }

        ProgramTimes times() {
            return new ProgramTimes(
                    number,
                    program,
                    kernels,
                    arguments,
                    results,
                    runs,
                    LongStream.of(nanos).boxed().toList());
        }
    }

    // ---- what was seen ----

    /// Something that took time.
    public sealed interface Event {
        /// When it began, in nanoseconds after the profile was made.
        long start();

        /// How long it took.
        long nanos();

        /// The id of the thread, see [Profile#threads]. The workers that help it are not told apart.
        long thread();
    }

    /// Something with a name; what happened meanwhile on the same thread was part of it.
    public record Span(String name, long start, long nanos, long thread) implements Event {}

    /// One run of a kernel.
    ///
    /// @param program the number of its program, see [Profile#programs]
    public record KernelRun(int program, KernelInfo kernel, long start, long nanos, long thread) implements Event {}

    /// A program with the times of its kernels.
    ///
    /// @param number its position among the programs, from 0
    /// @param kernels the program's kernels
    /// @param arguments the names of its arguments, "" for those without
    /// @param results the names of the buffers that it wrote to, "" for those without
    /// @param runs how often it was run
    /// @param nanos for each kernel the time of all runs together
    public record ProgramTimes(
            int number,
            Program program,
            List<KernelInfo> kernels,
            List<String> arguments,
            List<String> results,
            long runs,
            List<Long> nanos) {
        /// The time of all runs together.
        public long total() {
            return nanos.stream().mapToLong(Long::longValue).sum();
        }

        /// The program's table with the times.
        public String explain() {
            return KernelTable.of(program, this);
        }
    }

    /// A kernel with its times.
    ///
    /// @param program the number of its program
    /// @param calls how often it was run
    /// @param nanos how long that took altogether
    public record KernelTimes(int program, KernelInfo kernel, long calls, long nanos) {}

    /// The first events, in the order in which they ended.
    public synchronized List<Event> events() {
        return List.copyOf(events);
    }

    /// How many events came after those that were kept.
    public synchronized long droppedEvents() {
        return dropped;
    }

    /// The names of the threads, by id.
    public synchronized Map<Long, String> threads() {
        return Collections.unmodifiableMap(new LinkedHashMap<>(threads));
    }

    /// The programs that were run, in the order of their first runs.
    public synchronized List<ProgramTimes> programs() {
        return inOrder.stream().map(Seen::times).toList();
    }

    /// All kernels of all programs, the one that took the most time first.
    public List<KernelTimes> kernels() {
        List<KernelTimes> all = new ArrayList<>();
        for (ProgramTimes p : programs()) {
            for (KernelInfo k : p.kernels()) {
                all.add(new KernelTimes(p.number(), k, p.runs(), p.nanos().get(k.number())));
            }
        }
        all.sort(Comparator.comparingLong(KernelTimes::nanos).reversed());
        return all;
    }

    /// [#kernels] as a table to read.
    public String table() {
        return KernelTable.of(kernels());
    }

    /// The times of a program in the profile around it, or null if there are none.
    static @Nullable ProgramTimes times(Program program) {
        if (!CURRENT.isBound()) {
            return null;
        }
        Profile profile = CURRENT.get();
        synchronized (profile) {
            Seen seen = profile.programs.get(program);
            return seen == null || seen.runs == 0 ? null : seen.times();
        }
    }
}
