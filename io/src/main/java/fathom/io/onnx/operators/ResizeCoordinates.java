package fathom.io.onnx.operators;

/// Where the elements of a resized axis are in the axis that it is made of.
///
/// @param transform how ONNX calls the rule
/// @param size the number of elements
/// @param resized the number of elements afterwards
/// @param scale the factor, by which the size need not become a whole number
/// @param from where the region begins that is resized, 0 at the first element
/// @param to where it ends, 1 at the last element
record ResizeCoordinates(String transform, int size, int resized, double scale, double from, double to) {

    /// The place of an element, in elements of the old axis.
    double place(int i) {
        double exact = scale * size;
        return switch (transform) {
            case "half_pixel" -> (i + 0.5) / scale - 0.5;
            case "half_pixel_symmetric" -> size / 2.0 * (1 - resized / exact) + (i + 0.5) / scale - 0.5;
            case "pytorch_half_pixel" -> resized > 1 ? (i + 0.5) / scale - 0.5 : 0;
            case "align_corners" -> exact == 1 ? 0 : i * (size - 1) / (exact - 1);
            case "asymmetric" -> i / scale;
            case "tf_half_pixel_for_nn" -> (i + 0.5) / scale;
            case "tf_crop_and_resize" ->
                resized > 1
                        ? from * (size - 1) + i * (to - from) * (size - 1) / (resized - 1)
                        : 0.5 * (from + to) * (size - 1);
            default ->
                throw new IllegalArgumentException("coordinate_transformation_mode '" + transform
                        + "', expected half_pixel, half_pixel_symmetric, pytorch_half_pixel, align_corners, asymmetric,"
                        + " tf_half_pixel_for_nn or tf_crop_and_resize");
        };
    }
}
