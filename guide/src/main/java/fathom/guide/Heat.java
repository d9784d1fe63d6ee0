package fathom.guide;

import fathom.ir.Require;
import fathom.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// A matrix as squares, the stronger coloured the larger the value: an image, a filter, a confusion
/// matrix, weights of attention. Values below 0 have a colour of their own.
///
/// @param title stands above
/// @param values row by row
/// @param rows names of the rows from top to bottom, or none
/// @param columns names of the columns, or none; they run upwards where one is longer than a square
/// @param decimals how many decimals of the values are written in the squares; -1 for no text there
/// @param square how large a square is, in pixels
/// @param frames boxes drawn above
public record Heat(
        String title,
        List<List<Double>> values,
        List<String> rows,
        List<String> columns,
        int decimals,
        double square,
        List<Frame> frames)
        implements Picture {
    private static final double TOP = 32;
    private static final double LETTER = 7.5;

    /// A box with a word at its corner, in squares from the upper left corner of the matrix.
    ///
    /// @param colour the index of its colour
    public record Frame(double left, double top, double right, double bottom, String word, int colour) {}

    public Heat {
        int wide = values.isEmpty() ? 0 : values.getFirst().size();
        boolean fits = wide > 0 && values.stream().allMatch(row -> row.size() == wide);
        Require.that(fits, "heat '%s': rows of different lengths or none, expected a matrix", title);
        boolean named =
                (rows.isEmpty() || rows.size() == values.size()) && (columns.isEmpty() || columns.size() == wide);
        String message = "heat '%s': %s and %s names for %s rows and %s columns, expected as many or none";
        Require.that(named, message, title, rows.size(), columns.size(), values.size(), wide);
        values = values.stream().map(List::copyOf).toList();
        rows = List.copyOf(rows);
        columns = List.copyOf(columns);
        frames = List.copyOf(frames);
    }

    /// A matrix with squares of 16 pixels and no text.
    public static Heat of(String title, double[][] values) {
        List<List<Double>> all = Stream.of(values)
                .map(row -> Arrays.stream(row).boxed().toList())
                .toList();
        return new Heat(title, all, List.of(), List.of(), -1, 16, List.of());
    }

    /// A matrix, of any type, with squares of 16 pixels and no text.
    ///
    /// @throws IllegalArgumentException if the tensor has another number of axes than two, or no elements
    public static Heat of(String title, Tensor matrix) {
        Require.that(matrix.rank() == 2, "heat '%s': %s, expected rows and columns", title, matrix.type());
        double[][] rows = IntStream.range(0, matrix.dim(0))
                .mapToObj(row -> matrix.at(0, row).toDoubles())
                .toArray(double[][]::new);
        return of(title, rows);
    }

    /// With names of rows and columns.
    public Heat names(List<String> ofRows, List<String> ofColumns) {
        return new Heat(title, values, ofRows, ofColumns, decimals, square, frames);
    }

    /// With the values written in the squares.
    public Heat numbers(int newDecimals) {
        return new Heat(title, values, rows, columns, newDecimals, square, frames);
    }

    /// With squares of another size.
    public Heat square(double pixels) {
        return new Heat(title, values, rows, columns, decimals, pixels, frames);
    }

    /// With one more box drawn above it; its word may be empty.
    ///
    /// @param left in squares, as the others; between squares if it is not a whole number
    /// @param colour the index of its colour
    public Heat frame(double left, double top, double right, double bottom, String word, int colour) {
        List<Frame> more = new ArrayList<>(frames);
        more.add(new Frame(left, top, right, bottom, word, colour));
        return new Heat(title, values, rows, columns, decimals, square, more);
    }

    private double left() {
        return rows.isEmpty() ? 0 : longest(rows) + 10;
    }

    /// The space that the longest of some names takes.
    private static double longest(List<String> names) {
        return names.stream().mapToDouble(name -> name.length() * LETTER).max().orElse(0);
    }

    /// Whether names of columns run upwards, as side by side they would stand in each other.
    private boolean isTurned() {
        return longest(columns) > square;
    }

    @Override
    public double width() {
        return Math.max(left() + square * values.getFirst().size() + 2, title.length() * LETTER);
    }

    @Override
    public double height() {
        double below = columns.isEmpty() ? 2 : isTurned() ? longest(columns) + 10 : 22;
        return TOP + square * values.size() + below;
    }

    @Override
    public String content() {
        double most = values.stream()
                .flatMap(List::stream)
                .mapToDouble(Math::abs)
                .max()
                .orElse(0);
        Svg svg = new Svg().text("title", 0, 20, "start", title);
        for (int i = 0; i < values.size(); i++) {
            double y = TOP + i * square;
            if (!rows.isEmpty()) {
                svg.text("", left() - 6, y + square / 2 + 4, "end", rows.get(i));
            }
            for (int j = 0; j < values.getFirst().size(); j++) {
                double value = values.get(i).get(j);
                double x = left() + j * square;
                String colour = value < 0 ? "fill c2" : "fill c1";
                svg.tint(colour, x, y, square, square, most == 0 ? 0 : Math.abs(value) / most);
                if (decimals >= 0) {
                    String text = String.format(Locale.ROOT, "%." + decimals + "f", value);
                    svg.text("halo", x + square / 2, y + square / 2 + 4, "middle", text);
                }
            }
        }
        double bottom = TOP + square * values.size();
        for (int j = 0; j < columns.size(); j++) {
            double middle = left() + (j + 0.5) * square;
            if (isTurned()) {
                svg.upwardsTo(middle + 4, bottom + 6, columns.get(j));
            } else {
                svg.text("", middle, bottom + 16, "middle", columns.get(j));
            }
        }
        double across = square * values.getFirst().size();
        svg.rectangle("stroke faint thin", left(), TOP, across, square * values.size());
        frames.forEach(f -> frame(svg, f));
        return svg.toString();
    }

    private void frame(Svg svg, Frame f) {
        String colour = Svg.colour(f.colour);
        double x = left() + f.left * square;
        double y = TOP + f.top * square;
        svg.rectangle("stroke " + colour, x, y, (f.right - f.left) * square, (f.bottom - f.top) * square);
        if (!f.word.isEmpty()) {
            svg.text("halo", x + 4, y + 14, "start", f.word);
        }
    }
}
