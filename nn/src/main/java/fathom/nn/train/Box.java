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

    /// Its area.
    public double area() {
        return (right - left) * (bottom - top);
    }

    /// The area of what both have in common over the area of both together (Jaccard's index); 0 if
    /// that is 0.
    public double intersectionOverUnion(Box other) {
        double width = Math.min(right, other.right) - Math.max(left, other.left);
        double height = Math.min(bottom, other.bottom) - Math.max(top, other.top);
        double common = Math.max(0, width) * Math.max(0, height);
        double union = area() + other.area() - common;
        return union == 0 ? 0 : common / union;
    }
}
