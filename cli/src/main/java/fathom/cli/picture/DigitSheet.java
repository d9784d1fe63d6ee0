package fathom.cli.picture;

import fathom.cli.picture.Canvas.Align;
import java.awt.Color;
import java.awt.geom.Rectangle2D;
import java.util.List;

/// Pictures in rows and columns, each with what it is and what the model took it for; mistakes are
/// framed in red.
public final class DigitSheet {
    private static final int COLUMNS = 5;
    private static final int PIXEL = 6;
    private static final int GAP = 28;
    private static final int CAPTION = 40;
    private static final int TOP = 104;

    private DigitSheet() {}

    /// One picture.
    ///
    /// @param grey its pixels, 0 is black and 1 white, row by row
    /// @param columns pixels in a row
    /// @param truth what it is
    /// @param predicted what the model says
    /// @param probability how sure the model is of that
    public record Digit(float[] grey, int columns, int truth, int predicted, double probability) {
        boolean isRight() {
            return truth == predicted;
        }
    }

    /// Draws the pictures under a title.
    public static Canvas draw(String title, List<Digit> digits) {
        int side = digits.getFirst().columns() * PIXEL;
        int rows = (digits.size() + COLUMNS - 1) / COLUMNS;
        int width = COLUMNS * (side + GAP) + GAP;
        Canvas canvas = new Canvas(width, TOP + rows * (side + CAPTION + GAP));
        canvas.title(title, width / 2.0, 40, 24, Align.CENTRE, Canvas.INK);
        canvas.text(
                "below each: predicted digit, its probability, true digit",
                width / 2.0,
                74,
                18,
                Align.CENTRE,
                Canvas.FAINT_INK);
        for (int i = 0; i < digits.size(); i++) {
            double x = GAP + i % COLUMNS * (side + GAP);
            double y = TOP + i / COLUMNS * (side + CAPTION + GAP);
            drawDigit(canvas, digits.get(i), x, y, side);
        }
        return canvas;
    }

    private static void drawDigit(Canvas canvas, Digit d, double x, double y, double side) {
        canvas.pixels(d.grey(), d.columns(), x, y, PIXEL);
        if (!d.isRight()) {
            Rectangle2D.Double frame = new Rectangle2D.Double(x - 3, y - 3, side + 6, side + 6);
            canvas.stroke(frame, Canvas.RED, 6);
        }
        Color color = d.isRight() ? Canvas.GREEN : Canvas.RED;
        String says = d.predicted() + "  " + Math.round(100 * d.probability()) + " %";
        double line = y + side + 24;
        canvas.title(says, x + 2, line, 20, Align.LEFT, color);
        canvas.text("true " + d.truth(), x + side - 2, line, 18, Align.RIGHT, Canvas.FAINT_INK);
    }
}
