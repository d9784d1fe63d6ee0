package fathom.cli.files;

import fathom.io.StoredTensor;
import fathom.io.onnx.format.GraphProto;
import fathom.io.onnx.format.NodeProto;
import java.io.PrintWriter;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/// What a file holds, for people.
public final class TextReport {
    private static final int LONGEST_VALUE = 100;

    private final PrintWriter out;

    public TextReport(PrintWriter out) {
        this.out = out;
    }

    /// Writes what a file holds.
    public void write(ModelFile file) {
        switch (file) {
            case ModelFile.Tensors tensors -> {
                Collection<StoredTensor> all = tensors.file().tensors().values();
                line(file.path() + ": " + tensors.file().format() + ", " + totals(all));
                metadata(tensors.file().metadata());
                tensors(all);
            }
            case ModelFile.Onnx onnx -> onnx(onnx);
        }
    }

    private void onnx(ModelFile.Onnx onnx) {
        List<StoredTensor> tensors =
                onnx.initializers().stream().map(ModelFile.Onnx::stored).toList();
        GraphProto graph = onnx.model().graph();
        String producer = onnx.model().producer();
        line(onnx.path()
                + ": ONNX of version "
                + onnx.model().irVersion()
                + (producer.isBlank() ? "" : ", written by " + producer)
                + ", "
                + totals(tensors));
        metadata(onnx.model().metadata());
        line("");
        line("operator sets");
        new TreeMap<>(onnx.model().opsets()).forEach((domain, version) -> line("  " + domain(domain) + " " + version));
        heading("inputs", graph.inputs());
        heading("outputs", graph.outputs());
        line("");
        Map<String, Integer> operators = operators(onnx);
        int nodes = operators.values().stream().mapToInt(Integer::intValue).sum();
        line("operators: " + operators.size() + " in " + nodes + " nodes");
        operators.forEach((operator, count) -> line("  %6d  %s".formatted(count, operator)));
        if (!onnx.model().functions().isEmpty()) {
            heading(
                    "functions",
                    onnx.model().functions().stream()
                            .map(f -> domain(f.domain()) + "." + f.name())
                            .toList());
        }
        tensors(tensors);
    }

    /// Whatever stands in a file cannot speak to the terminal.
    private void line(String text) {
        out.println(text.replaceAll("\\p{C}", " "));
    }

    private void heading(String title, List<?> lines) {
        line("");
        line(title);
        lines.forEach(line -> line("  " + line));
    }

    static String domain(String domain) {
        return domain.isEmpty() ? "ai.onnx" : domain;
    }

    /// How many nodes of each operator there are, those of graphs in nodes too.
    static Map<String, Integer> operators(ModelFile.Onnx onnx) {
        Map<String, Integer> counts = new TreeMap<>();
        for (GraphProto graph : onnx.graphs()) {
            for (NodeProto node : graph.nodes()) {
                String name = node.domain().isEmpty() ? node.operator() : node.domain() + "." + node.operator();
                counts.merge(name, 1, Integer::sum);
            }
        }
        return counts;
    }

    private static String totals(Collection<StoredTensor> tensors) {
        long elements = tensors.stream().mapToLong(t -> t.shape().size()).sum();
        long bytes = tensors.stream().mapToLong(StoredTensor::bytes).sum();
        return "%s, %s, %s".formatted(count(tensors.size(), "tensor"), count(elements, "element"), Sizes.of(bytes));
    }

    private static String count(long count, String what) {
        return count + " " + what + (count == 1 ? "" : "s");
    }

    private void metadata(Map<String, String> metadata) {
        if (!metadata.isEmpty()) {
            heading(
                    "metadata",
                    metadata.entrySet().stream()
                            .map(e -> printable(e.getKey()) + ": " + shortened(e.getValue()))
                            .toList());
        }
    }

    private static String shortened(String text) {
        String line = printable(text);
        return line.length() > LONGEST_VALUE ? line.substring(0, LONGEST_VALUE) + "…" : line;
    }

    /// On one line.
    private static String printable(String text) {
        return text.replaceAll("[\\p{C}\\s]+", " ");
    }

    private void tensors(Collection<StoredTensor> tensors) {
        if (tensors.isEmpty()) {
            return;
        }
        int names = width(tensors.stream().map(t -> printable(t.name())).toList());
        int types = width(tensors.stream().map(StoredTensor::encoding).toList());
        int shapes = width(tensors.stream().map(t -> t.shape().toString()).toList());
        String row = "  %-" + names + "s  %-" + types + "s  %-" + shapes + "s  %10s";
        line("");
        line("tensors");
        tensors.forEach(t ->
                line(row.formatted(printable(t.name()), t.encoding(), t.shape().toString(), Sizes.of(t.bytes()))));
    }

    private static int width(List<String> column) {
        return Math.clamp(column.stream().mapToInt(String::length).max().orElse(1), 1, LONGEST_VALUE);
    }
}
