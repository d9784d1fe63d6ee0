package fathom.compile;

import fathom.compile.Profile.KernelTimes;
import fathom.compile.Profile.ProgramTimes;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/// Kernels as a table of text: what each does, what that takes, and the time if that is known.
final class KernelTable {
    private static final int WIDEST = 72;
    private static final List<String> WORK = List.of("kernel", "shapes", "FLOPs", "bytes");
    private static final List<String> TIME = List.of("calls", "total ms", "mean us", "GFLOP/s", "GB/s", "share");

    private final List<List<String>> rows = new ArrayList<>();

    private KernelTable() {}

    /// The kernels of a program in its order.
    ///
    /// @param times their times, or null if they are not known
    static String of(Program program, @Nullable ProgramTimes times) {
        List<KernelInfo> kernels = program.kernels();
        KernelTable table = new KernelTable();
        table.head("#", times != null);
        long total = times == null ? 0 : times.total();
        for (KernelInfo k : kernels) {
            List<String> row = new ArrayList<>();
            row.add(Integer.toString(k.number()));
            work(row, k);
            if (times != null) {
                time(row, k.flops(), k.bytes(), times.runs(), times.nanos().get(k.number()), total);
            }
            table.rows.add(row);
        }
        long flops = kernels.stream().mapToLong(KernelInfo::flops).sum();
        long bytes = kernels.stream().mapToLong(KernelInfo::bytes).sum();
        table.total(flops, bytes, times == null ? 0 : times.runs(), total, times != null);
        return "%d kernels for %d operations\n".formatted(kernels.size(), operations(program))
                + table
                + notes(kernels)
                + program.memory()
                + "\n";
    }

    /// Kernels of several programs in the order given, with their times.
    static String of(List<KernelTimes> kernels) {
        KernelTable table = new KernelTable();
        table.head("program.#", true);
        long total = kernels.stream().mapToLong(KernelTimes::nanos).sum();
        long flops = 0;
        long bytes = 0;
        for (KernelTimes t : kernels) {
            KernelInfo k = t.kernel();
            List<String> row = new ArrayList<>();
            row.add(t.program() + "." + k.number());
            work(row, k);
            time(row, k.flops(), k.bytes(), t.calls(), t.nanos(), total);
            table.rows.add(row);
            flops += k.flops() * t.calls();
            bytes += k.bytes() * t.calls();
        }
        // All calls together, unlike the rows above.
        List<String> row = new ArrayList<>(List.of("", "all calls", "", Units.count(flops), Units.bytes(bytes)));
        long calls = kernels.stream().mapToLong(KernelTimes::calls).sum();
        row.addAll(List.of(Long.toString(calls), fixed(total / 1e6), "", rate(flops, total), rate(bytes, total), ""));
        table.rows.add(row);
        return table + notes(kernels.stream().map(KernelTimes::kernel).toList());
    }

    private static long operations(Program program) {
        return program.graph().entries().stream()
                .filter(e -> !e.isLeaf() && !e.isScalarArgument())
                .count();
    }

    private void head(String number, boolean timed) {
        List<String> row = new ArrayList<>();
        row.add(number);
        row.addAll(WORK);
        if (timed) {
            row.addAll(TIME);
        }
        rows.add(row);
    }

    private void total(long flops, long bytes, long calls, long nanos, boolean timed) {
        List<String> row = new ArrayList<>(List.of("", "all", "", Units.count(flops), Units.bytes(bytes)));
        if (timed) {
            time(row, flops, bytes, calls, nanos, nanos);
        }
        rows.add(row);
    }

    private static void work(List<String> row, KernelInfo k) {
        row.add(shortened(k.name()) + (k.note().isEmpty() ? "" : " *"));
        row.add(shortened(k.shapes()));
        row.add(Units.count(k.flops()));
        row.add(Units.bytes(k.bytes()));
    }

    private static void time(List<String> row, long flops, long bytes, long calls, long nanos, long total) {
        row.add(Long.toString(calls));
        row.add(fixed(nanos / 1e6));
        row.add(calls == 0 ? "" : fixed(nanos / 1e3 / calls));
        row.add(rate((double) flops * calls, nanos));
        row.add(rate((double) bytes * calls, nanos));
        row.add(total == 0 ? "" : String.format(Locale.ROOT, "%.1f %%", 100.0 * nanos / total));
    }

    private static String rate(double amount, long nanos) {
        return nanos == 0 ? "" : fixed(amount / nanos);
    }

    private static String fixed(double value) {
        return String.format(Locale.ROOT, value < 99.95 ? "%.1f" : "%.0f", value);
    }

    private static String shortened(String text) {
        return text.length() <= WIDEST ? text : text.substring(0, WIDEST - 3) + "...";
    }

    private static String notes(List<KernelInfo> kernels) {
        StringBuilder b = new StringBuilder();
        kernels.stream()
                .map(KernelInfo::note)
                .filter(n -> !n.isEmpty())
                .distinct()
                .forEach(n -> b.append("* ").append(n).append('\n'));
        return b.toString();
    }

    /// Text on the left, numbers on the right.
    @Override
    public String toString() {
        int columns = rows.getFirst().size();
        int[] widths = new int[columns];
        for (List<String> row : rows) {
            for (int c = 0; c < columns; c++) {
                widths[c] = Math.max(widths[c], row.get(c).length());
            }
        }
        StringBuilder b = new StringBuilder();
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int c = 0; c < columns; c++) {
                String format = c == 1 || c == 2 ? "%-" + widths[c] + "s" : "%" + widths[c] + "s";
                line.append(c == 0 ? "" : "  ").append(widths[c] == 0 ? "" : format.formatted(row.get(c)));
            }
            b.append(line.toString().stripTrailing()).append('\n');
        }
        return b.toString();
    }
}
