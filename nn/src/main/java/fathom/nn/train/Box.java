package fathom.nn.train;

import fathom.ir.Require;

/// An upright rectangle.
///
/// @param left the smaller x
/// @param top the smaller y
/// @param right the greater x
/// @param bottom the greater y
public record Box(double left, double top, double right, double bottom) {
    public Box {
        String message = "box: %s, %s to %s, %s, expected corners in ascending order";
        Require.that(left <= right && top <= bottom, message, left, top, right, bottom);
    }

    /// A box by its middle and its size.
    ///
    /// @throws IllegalArgumentException if width or height is negative
    public static Box around(double x, double y, double width, double height) {
        return new Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2);
    }

    /// From the left side to the right one.
    public double width() {
        return right - left;
    }

    /// From the upper side to the lower one.
    public double height() {
        return bottom - top;
    }

    /// The x of its middle.
    public double centerX() {
        return (left + right) / 2;
    }

    /// The y of its middle.
    public double centerY() {
        return (top + bottom) / 2;
    }

    /// Its area.
    public double area() {
        return width() * height();
    }

    /// The area of what both have in common over the area of both together (Jaccard's index); 0 if
    /// that is 0.
    public double intersectionOverUnion(Box other) {
        double wide = Math.min(right, other.right) - Math.max(left, other.left);
        double high = Math.min(bottom, other.bottom) - Math.max(top, other.top);
        double common = Math.max(0, wide) * Math.max(0, high);
        double union = area() + other.area() - common;
        return union == 0 ? 0 : common / union;
    }
}
