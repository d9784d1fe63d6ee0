package fathom.guide;

/// A picture, as SVG that can be read on white and on black.
///
/// Colours are custom properties, light or dark as the reader's system has it; a page that holds the
/// picture can set them. The text is text, placed by its middle or its ends, so that no font has to be
/// known and a picture has the same bytes wherever it is drawn.
public sealed interface Picture permits Plot, Heat, Photo, Letters, Diagram, Panels, Animation {
    /// The width in pixels, at the size at which letters are 13 pixels high.
    double width();

    /// The height, in the same pixels.
    double height();

    /// What it shows, for those who cannot see it.
    String title();

    /// The elements without the frame, in a coordinate system from (0, 0) to the width and height.
    String content();

    /// The whole picture, a file of its own.
    default String svg() {
        return Svg.document(this);
    }
}
