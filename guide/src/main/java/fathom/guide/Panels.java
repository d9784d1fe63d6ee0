package fathom.guide;

import fathom.ir.Require;
import java.util.List;

/// Pictures side by side, in rows.
///
/// @param title what they show together
/// @param columns how many stand in a row
/// @param pictures row by row
public record Panels(String title, int columns, List<Picture> pictures) implements Picture {
    private static final double GAP = 12;

    public Panels {
        boolean fits = columns >= 1 && !pictures.isEmpty();
        Require.that(fits, "panels: %s pictures in %s columns, expected at least one", pictures.size(), columns);
        pictures = List.copyOf(pictures);
    }

    /// Pictures side by side.
    public static Panels of(String title, int columns, Picture... pictures) {
        return new Panels(title, columns, List.of(pictures));
    }

    private double cellWidth() {
        return pictures.stream().mapToDouble(Picture::width).max().orElse(0) + GAP;
    }

    private double cellHeight() {
        return pictures.stream().mapToDouble(Picture::height).max().orElse(0) + GAP;
    }

    @Override
    public double width() {
        return Math.min(columns, pictures.size()) * cellWidth() - GAP;
    }

    @Override
    public double height() {
        return Math.ceilDiv(pictures.size(), columns) * cellHeight() - GAP;
    }

    @Override
    public String content() {
        Svg svg = new Svg();
        for (int i = 0; i < pictures.size(); i++) {
            svg.picture(i % columns * cellWidth(), Math.floorDiv(i, columns) * cellHeight(), pictures.get(i));
        }
        return svg.toString();
    }
}
