package fathom.guide;

import fathom.ir.Require;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;

/// A text letter by letter, each on a ground that is the stronger coloured the larger its value: what a
/// model has written, or how sure it was of what it read.
///
/// ```
/// Letters.of("What the network writes", text).values(surprises);
/// ```
///
/// @param title stands above
/// @param text its lines are broken where they are longer than the columns
/// @param values one for each character of the text, ends of lines included, 0 or more
/// @param columns how many letters a line has at most
public record Letters(String title, String text, List<Double> values, int columns) implements Picture {
    private static final double TOP = 32;
    private static final double ACROSS = 8.4;
    private static final double DOWN = 20;
    private static final double TITLE_LETTER = 7.5;

    public Letters {
        String message = "letters '%s': %s values for %s characters, expected as many";
        Require.that(values.size() == text.length(), message, title, values.size(), text.length());
        boolean fits = values.stream().allMatch(v -> v >= 0 && Double.isFinite(v));
        Require.that(fits, "letters '%s': values %s, expected numbers of 0 or more", title, values);
        Require.positive("letters '" + title + "': columns", columns);
        values = List.copyOf(values);
    }

    /// A text of up to 72 letters in a line, on no ground.
    public static Letters of(String title, String text) {
        return new Letters(title, text, Collections.nCopies(text.length(), 0.0), 72);
    }

    /// With a value for each character.
    ///
    /// @throws IllegalArgumentException if there are not as many, or one is below 0
    public Letters values(double... each) {
        return new Letters(title, text, Arrays.stream(each).boxed().toList(), columns);
    }

    /// With lines of up to so many letters.
    public Letters columns(int most) {
        return new Letters(title, text, values, most);
    }

    /// Where each line begins and ends in the text.
    private List<int[]> lines() {
        List<int[]> lines = new ArrayList<>();
        int from = 0;
        for (int i = 0; i <= text.length(); i++) {
            boolean ends = i == text.length() || text.charAt(i) == '\n';
            if (ends || i - from == columns) {
                lines.add(new int[] {from, i});
                from = ends ? i + 1 : i;
            }
        }
        return lines;
    }

    @Override
    public double width() {
        return Math.max(columns * ACROSS, title.length() * TITLE_LETTER);
    }

    @Override
    public double height() {
        return TOP + lines().size() * DOWN + 4;
    }

    @Override
    public String content() {
        double most = values.stream().mapToDouble(v -> v).max().orElse(0);
        Svg svg = new Svg().text("title", 0, 20, "start", title);
        double y = TOP;
        for (int[] line : lines()) {
            for (int i = line[0]; i < line[1]; i++) {
                if (values.get(i) > 0) {
                    svg.tint("fill c2", (i - line[0]) * ACROSS, y, ACROSS, DOWN, 0.75 * values.get(i) / most);
                }
            }
            if (line[0] < line[1]) {
                svg.letters(ACROSS, y + 14.5, text.substring(line[0], line[1]));
            }
            y += DOWN;
        }
        return svg.toString();
    }
}
