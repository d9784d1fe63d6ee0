package fathom.data;

/// The changes that RandAugment draws from. `strength` is from -1 to 1; where a change has no
/// direction, its sign does not count.
enum RandomChange {
    IDENTITY,
    AUTO_CONTRAST,
    EQUALISE,
    ROTATE,
    SOLARISE,
    POSTERISE,
    COLOUR,
    CONTRAST,
    BRIGHTNESS,
    SHARPNESS,
    SHEAR_X,
    SHEAR_Y,
    TRANSLATE_X,
    TRANSLATE_Y;

    private static final double MOST_FACTOR = 0.9;
    private static final double MOST_DEGREES = 30;
    private static final double MOST_SHEAR = 0.3;
    private static final double MOST_SHIFT = 150.0 / 331;
    private static final int BITS = 8;
    private static final int MOST_BITS_LOST = 4;

    Image apply(Image image, double strength) {
        double size = Math.abs(strength);
        double factor = 1 + MOST_FACTOR * strength;
        return switch (this) {
            case IDENTITY -> image;
            case AUTO_CONTRAST -> Pixels.autoContrast(image);
            case EQUALISE -> Pixels.equalise(image);
            case ROTATE -> Affine.of(MOST_DEGREES * strength, 1, 0, 0, 0).apply(image);
            case SOLARISE -> Pixels.solarise(image, 1 - size);
            case POSTERISE -> Pixels.posterise(image, BITS - (int) Math.round(MOST_BITS_LOST * size));
            case COLOUR -> Pixels.saturation(image, factor);
            case CONTRAST -> Pixels.contrast(image, factor);
            case BRIGHTNESS -> Pixels.brightness(image, factor);
            case SHARPNESS -> Pixels.sharpness(image, factor);
            case SHEAR_X -> Affine.of(0, 1, MOST_SHEAR * strength, 0, 0).apply(image);
            case SHEAR_Y -> new Affine(1, 0, 0, MOST_SHEAR * strength, 1, 0).apply(image);
            case TRANSLATE_X ->
                Affine.of(0, 1, 0, MOST_SHIFT * strength * image.width(), 0).apply(image);
            case TRANSLATE_Y ->
                Affine.of(0, 1, 0, 0, MOST_SHIFT * strength * image.height()).apply(image);
        };
    }
}
