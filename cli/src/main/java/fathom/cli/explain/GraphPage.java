package fathom.cli.explain;

import fathom.compile.KernelInfo;
import fathom.compile.KernelInfo.Place;
import fathom.compile.Profile.ProgramTimes;
import fathom.compile.Units;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// A program as one HTML page that needs nothing else: its kernels and its operations as pictures,
/// a table, and what there is to know of each kernel.
public final class GraphPage {
    private final Specimen specimen;
    private final Pictures pictures;

    private GraphPage(Specimen specimen) {
        this.specimen = specimen;
        this.pictures = new Pictures(specimen);
    }

    /// The page.
    public static String of(Specimen specimen) {
        return new GraphPage(specimen).html();
    }

    private String html() {
        // The pieces that others give, names of parameters say, are put in last and in one go, so
        // that nothing in them is taken for a place to fill.
        String[] parts = resource("page.html").split("\\{\\{");
        StringBuilder b = new StringBuilder(parts[0]);
        for (int i = 1; i < parts.length; i++) {
            int end = parts[i].indexOf("}}");
            b.append(piece(parts[i].substring(0, end))).append(parts[i].substring(end + 2));
        }
        return b.toString();
    }

    private String piece(String name) {
        return switch (name) {
            case "title" -> Markup.text(specimen.title());
            case "facts" -> facts();
            case "style" -> resource("page.css");
            case "script" -> resource("page.js");
            case "kernels" -> pictures.kernels().svg("kernels");
            case "operations" -> pictures.operations().svg("operations");
            case "table" -> table();
            case "details" -> kernels().stream().map(this::details).collect(Collectors.joining("\n"));
            default -> throw new IllegalStateException("page.html: no piece " + name);
        };
    }

    private ProgramTimes program() {
        return specimen.program();
    }

    private List<KernelInfo> kernels() {
        return program().kernels();
    }

    private String facts() {
        long operations = program().program().graph().entries().stream()
                .filter(e -> !e.isLeaf() && !e.isScalarArgument())
                .count();
        List<String> facts = new ArrayList<>();
        facts.add(
                "%,d operations in %,d kernels".formatted(operations, kernels().size()));
        facts.add(Units.flops(kernels().stream().mapToLong(KernelInfo::flops).sum()));
        facts.add(Units.bytes(kernels().stream().mapToLong(KernelInfo::bytes).sum()) + " through memory");
        facts.add(program().program().memory().toString());
        if (specimen.isTimed()) {
            facts.add(String.format(
                    Locale.ROOT,
                    "%.2f ms, the mean of %d runs",
                    program().total() / 1e6 / program().runs(),
                    program().runs()));
        }
        return facts.stream().map(Markup::text).collect(Collectors.joining(" · "));
    }

    // ---- the table ----

    private String table() {
        StringBuilder b = new StringBuilder("<table><thead><tr>");
        List<String> head = new ArrayList<>(List.of("#", "kernel", "shapes", "FLOP", "bytes"));
        if (specimen.isTimed()) {
            head.addAll(List.of("time", "GFLOP/s", "GB/s", "share"));
        }
        head.forEach(h -> b.append("<th>").append(h).append("</th>"));
        b.append("</tr></thead><tbody>\n");
        for (KernelInfo k : kernels()) {
            b.append("<tr data-k=\"%d\">".formatted(k.number()));
            List<String> cells = new ArrayList<>(List.of(
                    Integer.toString(k.number()),
                    k.name() + (k.note().isEmpty() ? "" : " (" + k.note() + ")"),
                    k.shapes(),
                    Units.count(k.flops()),
                    Units.bytes(k.bytes())));
            if (specimen.isTimed()) {
                cells.addAll(List.of(pictures.micros(k), rate(k, k.flops()), rate(k, k.bytes()), share(k)));
            }
            cells.forEach(c -> b.append("<td>").append(Markup.text(c)).append("</td>"));
            b.append("</tr>\n");
        }
        return b.append("</tbody></table>").toString();
    }

    private long nanos(KernelInfo k) {
        return program().nanos().get(k.number());
    }

    private String rate(KernelInfo k, long amount) {
        return String.format(Locale.ROOT, "%.1f", (double) amount * program().runs() / Math.max(1, nanos(k)));
    }

    private String share(KernelInfo k) {
        return String.format(
                Locale.ROOT, "%.1f %%", 100.0 * nanos(k) / Math.max(1, program().total()));
    }

    // ---- what is shown of a kernel that was chosen ----

    private String details(KernelInfo k) {
        StringBuilder b = new StringBuilder("<template id=\"details-%d\">".formatted(k.number()));
        b.append("<h2>%d %s</h2>".formatted(k.number(), Markup.text(k.name())));
        if (!k.note().isEmpty()) {
            b.append("<p>").append(Markup.text(k.note())).append("</p>");
        }
        b.append("<dl>");
        fact(b, "shapes", k.shapes());
        fact(b, "arithmetic", Units.flops(k.flops()));
        fact(b, "memory", Units.bytes(k.bytes()));
        if (specimen.isTimed()) {
            fact(
                    b,
                    "time",
                    "%s, %s of all, %s GFLOP/s, %s GB/s"
                            .formatted(pictures.micros(k), share(k), rate(k, k.flops()), rate(k, k.bytes())));
        }
        fact(b, "reads", places(k.reads()));
        fact(b, "writes", places(k.writes()));
        b.append("</dl><h3>fused from</h3><div class=\"scroll\">");
        b.append(pictures.operations(k).svg("operations-" + k.number()));
        return b.append("</div></template>").toString();
    }

    private static void fact(StringBuilder b, String name, String value) {
        b.append("<dt>%s</dt><dd>%s</dd>".formatted(name, Markup.text(value)));
    }

    private String places(List<Place> places) {
        return places.stream()
                .map(p -> pictures.name(p) + " " + p.dtype() + p.shape())
                .collect(Collectors.joining(", "));
    }

    private static String resource(String name) {
        try (InputStream in = GraphPage.class.getResourceAsStream(name)) {
            if (in == null) {
                throw new IllegalStateException("no resource " + name);
            }
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
