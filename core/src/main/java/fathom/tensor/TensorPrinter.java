package fathom.tensor;

import fathom.ir.Buffer;
import java.util.ArrayList;
import java.util.List;

/// Prints tensors as NumPy prints arrays: nested brackets, aligned columns, eight decimals at most,
/// and of more than 1000 elements only the edges. Whatever that leaves open (a dtype other than
/// F32, the shape of something empty or abridged) follows the closing bracket.
final class TensorPrinter {
    private static final int LINE_WIDTH = 75;
    private static final int THRESHOLD = 1000;
    private static final int EDGE_ITEMS = 3;
    private static final String ABRIDGED = "...";

    private final Buffer elements;
    private final Shape shape;
    private final boolean summarized;
    private final ElementFormat format;

    private TensorPrinter(Tensor t) {
        this.elements = t.buffer();
        this.shape = t.shape();
        this.summarized = t.size() > THRESHOLD;
        this.format = ElementFormat.of(elements, shown());
    }

    static String print(Tensor t) {
        boolean plain = t.dtype() == DType.F32 && t.size() > 0 && t.size() <= THRESHOLD;
        return body(t) + (plain ? "" : " " + t.dtype() + (t.rank() == 0 ? "" : t.shape()));
    }

    private static String body(Tensor t) {
        if (t.rank() == 0) {
            return ElementFormat.single(t.buffer());
        }
        return t.size() == 0 ? "[]" : new TensorPrinter(t).nested(0, 0, " ", LINE_WIDTH);
    }

    /// The positions of the elements that will be printed.
    private List<Integer> shown() {
        List<Integer> positions = List.of(0);
        for (int axis = 0; axis < shape.rank(); axis++) {
            List<Integer> next = new ArrayList<>();
            int n = shape.dim(axis);
            boolean abridged = abridged(n);
            for (int p : positions) {
                for (int i = 0; i < n; i++) {
                    if (!abridged || i < EDGE_ITEMS || i >= n - EDGE_ITEMS) {
                        next.add(p * n + i);
                    }
                }
            }
            positions = next;
        }
        return positions;
    }

    private boolean abridged(int n) {
        return summarized && n > 2 * EDGE_ITEMS;
    }

    /// @param axis the axis whose items are printed
    /// @param position the row-major number of this part among those of its axis
    /// @param indent what lines after the first begin with
    /// @param width the columns left
    private String nested(int axis, int position, String indent, int width) {
        int n = shape.dim(axis);
        boolean last = axis == shape.rank() - 1;
        StringBuilder text = new StringBuilder();
        StringBuilder line = new StringBuilder(indent);
        String separator = "\n".repeat(shape.rank() - axis - 1);
        for (int i = 0; i < n; i++) {
            boolean skip = abridged(n) && i == EDGE_ITEMS;
            if (skip) {
                i = n - EDGE_ITEMS - 1;
            }
            int p = position * n + i;
            if (last) {
                String word = skip ? ABRIDGED : format.text(elements, p);
                boolean wrap = line.length() + word.length() > width - 1 && line.length() > indent.length();
                if (wrap) {
                    text.append(line.toString().stripTrailing()).append('\n');
                    line.setLength(indent.length());
                }
                line.append(word).append(i < n - 1 ? " " : "");
            } else {
                text.append(indent)
                        .append(skip ? ABRIDGED : nested(axis + 1, p, indent + " ", width - 1))
                        .append(i < n - 1 ? separator : "");
            }
        }
        return "[" + (last ? text.append(line) : text).substring(indent.length()) + "]";
    }
}
