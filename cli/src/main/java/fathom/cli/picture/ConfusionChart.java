package fathom.cli.picture;

import fathom.cli.picture.Canvas.Align;
import java.awt.Color;
import java.awt.geom.Rectangle2D;
import java.util.Arrays;

/// A confusion matrix: rows are what the samples are, columns what the model took them for.
public final class ConfusionChart {
    private static final int CELL = 72;
    private static final int LEFT = 110;
    private static final int TOP = 96;

    private static final Color RIGHT_ANSWERS = new Color(0x1d4ed8);
    private static final Color WRONG_ANSWERS = new Color(0xdc2626);

    private ConfusionChart() {}

    /// Draws `counts[truth][predicted]`.
    public static Canvas draw(String title, long[][] counts) {
        int n = counts.length;
        int size = n * CELL;
        Canvas canvas = new Canvas(LEFT + size + 48, TOP + size + 96);
        canvas.title(title, LEFT + size / 2.0, 46, 24, Align.CENTRE, Canvas.INK);
        long mostWrong = 1;
        for (int i = 0; i < n; i++) {
            for (int j = 0; j < n; j++) {
                mostWrong = i == j ? mostWrong : Math.max(mostWrong, counts[i][j]);
            }
        }
        for (int i = 0; i < n; i++) {
            long row = Math.max(1, Arrays.stream(counts[i]).sum());
            for (int j = 0; j < n; j++) {
                // Mistakes are few: on the scale of the right answers none would be seen.
                double share =
                        i == j ? 0.25 + 0.75 * counts[i][j] / row : 0.75 * Math.sqrt((double) counts[i][j] / mostWrong);
                cell(canvas, i, j, counts[i][j], counts[i][j] == 0 ? 0 : share);
            }
        }
        for (int i = 0; i <= n; i++) {
            canvas.line(LEFT, TOP + i * CELL, LEFT + size, TOP + i * CELL, Canvas.GRID, 1);
            canvas.line(LEFT + i * CELL, TOP, LEFT + i * CELL, TOP + size, Canvas.GRID, 1);
        }
        for (int i = 0; i < n; i++) {
            double centre = (i + 0.5) * CELL;
            String name = Integer.toString(i);
            canvas.title(name, LEFT + centre, TOP + size + 26, 20, Align.CENTRE, Canvas.INK);
            canvas.title(name, LEFT - 24, TOP + centre, 20, Align.CENTRE, Canvas.INK);
        }
        canvas.text("predicted", LEFT + size / 2.0, TOP + size + 64, 20, Align.CENTRE, Canvas.INK);
        canvas.verticalText("true", LEFT - 70, TOP + size / 2.0, 20, Canvas.INK);
        return canvas;
    }

    private static void cell(Canvas canvas, int row, int column, long count, double share) {
        double x = LEFT + column * CELL;
        double y = TOP + row * CELL;
        Color full = row == column ? RIGHT_ANSWERS : WRONG_ANSWERS;
        canvas.fill(new Rectangle2D.Double(x, y, CELL, CELL), mix(full, share));
        Color ink = count == 0 ? Canvas.FRAME : share > 0.55 ? Color.WHITE : Canvas.INK;
        String text = Long.toString(count);
        canvas.text(text, x + CELL / 2.0, y + CELL / 2.0, 20, Align.CENTRE, ink);
    }

    private static Color mix(Color full, double share) {
        return new Color(
                channel(full.getRed(), share), channel(full.getGreen(), share), channel(full.getBlue(), share));
    }

    private static int channel(int full, double share) {
        return (int) Math.round(255 + (full - 255) * share);
    }
}
