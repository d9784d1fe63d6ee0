package fathom.data;

/// A map of the plane that keeps lines straight, around the middle of a picture: pixel
/// `(x, y)` of the result, counted from the middle, is taken from
/// `(a x + b y + c, d x + e y + f)` of the source.
///
/// @param a how much of `x` is in the source's `x`
/// @param b how much of `y` is in the source's `x`
/// @param c columns to the right
/// @param d how much of `x` is in the source's `y`
/// @param e how much of `y` is in the source's `y`
/// @param f rows down
public record Affine(double a, double b, double c, double d, double e, double f) {
    /// A picture that is turned, made larger, sheared and moved, in this order.
    ///
    /// @param degrees how far it is turned, clockwise
    /// @param scale how much larger it gets
    /// @param shear how far a row moves to the right for each row it is above the middle
    /// @param right columns that it is moved to the right
    /// @param down rows that it is moved down
    public static Affine of(double degrees, double scale, double shear, double right, double down) {
        double cosine = StrictMath.cos(Math.toRadians(degrees)) / scale;
        double sine = StrictMath.sin(Math.toRadians(degrees)) / scale;
        // The inverse: move back, shear back, then turn and scale back.
        double b = cosine * shear + sine;
        double e = -sine * shear + cosine;
        return new Affine(cosine, b, -(cosine * right + b * down), -sine, e, sine * right - e * down);
    }

    /// The picture that the map makes; linear between pixels, 0 outside.
    public Image apply(Image image) {
        Image made = Image.black(image.height(), image.width(), image.channels());
        double middleX = (image.width() - 1) / 2.0;
        double middleY = (image.height() - 1) / 2.0;
        for (int row = 0; row < image.height(); row++) {
            for (int column = 0; column < image.width(); column++) {
                double x = column - middleX;
                double y = row - middleY;
                double fromX = a * x + b * y + c + middleX;
                double fromY = d * x + e * y + f + middleY;
                for (int channel = 0; channel < image.channels(); channel++) {
                    int place = (row * image.width() + column) * image.channels() + channel;
                    made.values()[place] = (float) between(image, fromY, fromX, channel);
                }
            }
        }
        return made;
    }

    private static double between(Image image, double y, double x, int channel) {
        int row = (int) Math.floor(y);
        int column = (int) Math.floor(x);
        double down = y - row;
        double right = x - column;
        double above = (1 - right) * at(image, row, column, channel) + right * at(image, row, column + 1, channel);
        double below =
                (1 - right) * at(image, row + 1, column, channel) + right * at(image, row + 1, column + 1, channel);
        return (1 - down) * above + down * below;
    }

    private static double at(Image image, int row, int column, int channel) {
        boolean inside = row >= 0 && row < image.height() && column >= 0 && column < image.width();
        return inside ? image.at(row, column, channel) : 0;
    }
}
