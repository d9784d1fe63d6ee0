package fathom.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/// Gives a reader damaged files, to see that it reads them, or refuses them with an error of the kinds that
/// it promises, whose message names the file; and that this takes neither much time nor much memory.
///
/// A damaged file that ends at another place than all before it is one of those that are damaged further.
/// First come those that have been kept from earlier runs, as `src/test/resources/fathom/fuzz/FORMAT.zip`.
/// By default the rest takes a second. The system property `fathom.fuzz.minutes` says how long instead, and
/// `fathom.fuzz.keep=true` writes down the files with which the run went on.
public final class Fuzz {
    private static final long SECOND = TimeUnit.SECONDS.toNanos(1);
    private static final double MINUTES = Double.parseDouble(System.getProperty("fathom.fuzz.minutes", "0"));
    private static final long SEED = Long.getLong("fathom.fuzz.seed", 1);
    private static final int LARGEST_KEPT = 1 << 13;
    private static final int MOST_KEPT = 250;
    private static final int MOST_PROBLEMS = 25;

    private final String format;
    private final Path file;
    private final Consumer<Path> reader;
    private final List<byte[]> seeds = new ArrayList<>();
    private UnaryOperator<byte[]> container = UnaryOperator.identity();

    private Fuzz(String format, Path file, Consumer<Path> reader) {
        this.format = format;
        this.file = file;
        this.reader = reader;
    }

    /// A run.
    ///
    /// @param format which names the files that are kept
    /// @param file what is written again and again; messages have to name its folder, or a file there
    /// @param reader what is tried
    public static Fuzz of(String format, Path file, Consumer<Path> reader) {
        return new Fuzz(format, file, reader);
    }

    /// One more sound file to begin with.
    public Fuzz seed(byte[] content) {
        seeds.add(content.clone());
        return this;
    }

    /// Damages what is to be within a file, which is made from that.
    public Fuzz within(UnaryOperator<byte[]> container) {
        this.container = container;
        return this;
    }

    /// Runs.
    ///
    /// @throws AssertionError if some file leads to what may not be, with what became of it
    public void run() {
        List<byte[]> pool = new ArrayList<>(seeds);
        Map<String, byte[]> kinds = new HashMap<>();
        Map<String, String> problems = new HashMap<>();
        long count = 0;
        try (Watch watch = new Watch(String.valueOf(file.toAbsolutePath().getParent()))) {
            for (byte[] seed : seeds) { // A first time for what the virtual machine has to load.
                String sound = read(watch, seed).kind();
                if (!sound.contains("sound")) {
                    throw new AssertionError(format + ": a seed is not sound: " + sound);
                }
            }
            List<byte[]> first = new ArrayList<>(seeds);
            first.addAll(Corpus.read(format));
            Mutations mutations = new Mutations(SEED);
            long begin = System.nanoTime();
            long length = MINUTES > 0 ? (long) (60 * MINUTES * SECOND) : SECOND;
            while (count < first.size() || System.nanoTime() - begin < length) {
                byte[] content = count < first.size() ? first.get((int) count) : mutations.next(pool);
                count++;
                Watch.Verdict verdict = read(watch, content);
                if (kinds.putIfAbsent(verdict.kind(), content) == null) {
                    if (count > first.size() || content.length <= LARGEST_KEPT) {
                        pool.add(content);
                    }
                    if (verdict.problem().isPresent()) {
                        byte[] small = smallest(watch, content, verdict.kind());
                        kinds.put(verdict.kind(), small);
                        problems.put(verdict.kind(), verdict.problem().get() + said(small));
                        if (problems.size() >= MOST_PROBLEMS) {
                            break;
                        }
                    }
                }
            }
            System.out.printf(
                    "fuzz %s: %,d files in %.1f s, %s ways to end, %s problems%n",
                    format, count, (System.nanoTime() - begin) / 1e9, kinds.size(), problems.size());
        }
        if (Boolean.getBoolean("fathom.fuzz.keep")) {
            keep(kinds.values());
        }
        if (!problems.isEmpty()) {
            throw new AssertionError(
                    format + ": " + problems.size() + " problems\n" + String.join("\n", problems.values()));
        }
    }

    private Watch.Verdict read(Watch watch, byte[] content) {
        try {
            byte[] whole = container.apply(content);
            Files.write(file, whole);
            return watch.of(whole.length, () -> reader.accept(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What is left of a file when nothing more can be taken away without another end.
    private byte[] smallest(Watch watch, byte[] content, String kind) {
        byte[] small = content;
        long begin = System.nanoTime();
        for (int step = Math.max(1, small.length / 2); step > 0; step /= 2) {
            for (int at = 0; at < small.length && System.nanoTime() - begin < 20 * SECOND; ) {
                byte[] less = Mutations.joined(
                        Mutations.part(small, 0, at),
                        Mutations.part(small, Math.min(small.length, at + step), small.length));
                if (read(watch, less).kind().equals(kind)) {
                    small = less;
                } else {
                    at += step;
                }
            }
        }
        return small;
    }

    private static String said(byte[] content) {
        String letters = Base64.getEncoder().encodeToString(content);
        return "  of " + content.length + " bytes: " + letters.substring(0, Math.min(letters.length(), 2000)) + "\n";
    }

    private void keep(Iterable<byte[]> found) {
        List<byte[]> all = new ArrayList<>();
        found.forEach(all::add);
        all.removeIf(content -> content.length > LARGEST_KEPT);
        all.sort((a, b) -> a.length != b.length ? a.length - b.length : java.util.Arrays.compare(a, b));
        Corpus.write(format, all.subList(0, Math.min(all.size(), MOST_KEPT)));
    }
}
