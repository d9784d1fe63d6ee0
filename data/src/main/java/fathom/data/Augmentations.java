package fathom.data;

import fathom.ir.Require;
import fathom.tensor.Shape;
import java.util.List;

/// The usual random changes of pictures, whose colours are from 0 to 1.
///
/// ```
/// var training = images.augment(42, Augmentations.flipHorizontally(0.5).then(Augmentations.randomCrop(32, 32, 4)));
/// ```
public final class Augmentations {
    private Augmentations() {}

    /// Left and right change places.
    ///
    /// @param probability how often, from 0 to 1
    /// @throws IllegalArgumentException if it is not from 0 to 1
    public static Augmentation flipHorizontally(double probability) {
        return sometimes(probability, (image, draws) -> Pixels.flip(image, false));
    }

    /// Top and bottom change places.
    ///
    /// @param probability how often, from 0 to 1
    /// @throws IllegalArgumentException if it is not from 0 to 1
    public static Augmentation flipVertically(double probability) {
        return sometimes(probability, (image, draws) -> Pixels.flip(image, true));
    }

    /// Another augmentation, but not always. It must keep the shape.
    ///
    /// @param probability how often, from 0 to 1
    /// @throws IllegalArgumentException if it is not from 0 to 1
    public static Augmentation sometimes(double probability, Augmentation augmentation) {
        boolean fits = probability >= 0 && probability <= 1;
        Require.that(fits, "augmentation: a probability of %s, expected 0 to 1", probability);
        return (image, draws) -> draws.chance(probability) ? augmentation.apply(image, draws) : image;
    }

    /// Turns by an angle from `-most` to `most` degrees; what comes in from outside is 0.
    public static Augmentation rotate(double most) {
        return affine(most, 1, 1, 0, 0);
    }

    /// Enlarges by a factor; below 1 the picture shrinks, and what comes in from outside is 0.
    ///
    /// @throws IllegalArgumentException if a factor is not above 0, or the range is empty
    public static Augmentation scale(double least, double most) {
        return affine(0, least, most, 0, 0);
    }

    /// Moves by up to so much of the height and width; what comes in from outside is 0.
    public static Augmentation translate(double most) {
        return affine(0, 1, 1, 0, most);
    }

    /// Turns, enlarges, shears and moves at once.
    ///
    /// @param degrees the most to turn, to either side
    /// @param leastScale the least factor of size
    /// @param mostScale the most
    /// @param shear the most that a row moves for each row above or below the middle
    /// @param shift the most to move, as a part of the height and width
    /// @throws IllegalArgumentException if a factor is not above 0, the range is empty, or another
    ///   number is negative
    public static Augmentation affine(double degrees, double leastScale, double mostScale, double shear, double shift) {
        Require.notNegative("affine: degrees", degrees);
        Require.positive("affine: a least scale of", leastScale);
        Require.that(mostScale >= leastScale, "affine: scales from %s to %s, expected a range", leastScale, mostScale);
        Require.notNegative("affine: a shear of", shear);
        Require.notNegative("affine: a shift of", shift);
        return (image, draws) -> Affine.of(
                        draws.uniform(-degrees, degrees),
                        draws.uniform(leastScale, mostScale),
                        draws.uniform(-shear, shear),
                        draws.uniform(-shift, shift) * image.width(),
                        draws.uniform(-shift, shift) * image.height())
                .apply(image);
    }

    /// A part of the picture with a border of 0 around it.
    ///
    /// @param height rows of the part
    /// @param width columns of the part
    /// @param border rows and columns of 0 on each side
    /// @throws IllegalArgumentException if a size is below 1 or the border negative; when it is used,
    ///   if the part is larger than the picture with its border
    public static Augmentation randomCrop(int height, int width, int border) {
        Require.positive("crop: a height of", height);
        Require.positive("crop: a width of", width);
        Require.notNegative("crop: a border of", border);
        return new Augmentation() {
            @Override
            public Image apply(Image image, Draws draws) {
                int down = draws.below(image.height() + 2 * border - height + 1) - border;
                int right = draws.below(image.width() + 2 * border - width + 1) - border;
                return Pixels.crop(image, down, right, height, width);
            }

            @Override
            public Shape shape(Shape image) {
                boolean fits = height <= image.dim(0) + 2 * border && width <= image.dim(1) + 2 * border;
                String message =
                        "crop: %s rows and %s columns, expected at most those of an image %s with borders of %s";
                Require.that(fits, message, height, width, image, border);
                return Shape.of(height, width, image.dim(2));
            }
        };
    }

    /// Changes brightness, contrast and saturation, each by a factor from `1 - x` to `1 + x`, and keeps
    /// colours within 0 to 1.
    ///
    /// @throws IllegalArgumentException if a number is negative or above 1
    public static Augmentation colourJitter(double brightness, double contrast, double saturation) {
        for (double most : new double[] {brightness, contrast, saturation}) {
            Require.that(most >= 0 && most <= 1, "colour jitter: %s, expected 0 to 1", most);
        }
        return (image, draws) -> {
            Image bright = Pixels.brightness(image, factor(brightness, draws));
            Image contrasted = Pixels.contrast(bright, factor(contrast, draws));
            return Pixels.saturation(contrasted, factor(saturation, draws));
        };
    }

    private static double factor(double most, Draws draws) {
        return draws.uniform(1 - most, 1 + most);
    }

    /// Blurs by a Gauss curve over three standard deviations to each side.
    ///
    /// @param least the least standard deviation, in pixels
    /// @param most the most
    /// @throws IllegalArgumentException if one is not above 0, or the range is empty
    public static Augmentation blur(double least, double most) {
        Require.positive("blur: a least deviation of", least);
        Require.that(most >= least, "blur: deviations from %s to %s, expected a range", least, most);
        return (image, draws) -> Pixels.blur(image, draws.uniform(least, most));
    }

    /// Sets a square around a random pixel to 0; what of it is outside is cut off.
    ///
    /// T. DeVries, G. W. Taylor: *Improved regularization of convolutional neural networks with
    /// cutout* (2017).
    ///
    /// @param side the square's side in pixels
    /// @throws IllegalArgumentException if that is below 1
    public static Augmentation cutout(int side) {
        Require.positive("cutout: a side of", side);
        return (image, draws) -> Pixels.cutout(
                image, draws.below(image.height()) - side / 2, draws.below(image.width()) - side / 2, side);
    }

    /// So many of fourteen changes, drawn with replacement, all of one strength: none, automatic
    /// contrast, equalising, turning, solarising, posterising, colour, contrast, brightness,
    /// sharpness, shearing and moving along both axes.
    ///
    /// E. D. Cubuk, B. Zoph, J. Shlens, Q. V. Le: *RandAugment: practical automated data augmentation
    /// with a reduced search space* (2020). The ranges are torchvision's.
    ///
    /// @param count how many changes, one after the other
    /// @param strength from 0 to 1, of the strongest change
    /// @throws IllegalArgumentException if the count is below 1 or the strength not from 0 to 1
    public static Augmentation randAugment(int count, double strength) {
        Require.positive("rand augment: changes", count);
        boolean fits = strength >= 0 && strength <= 1;
        Require.that(fits, "rand augment: a strength of %s, expected 0 to 1", strength);
        List<RandomChange> changes = List.of(RandomChange.values());
        return (image, draws) -> {
            Image made = image;
            for (int i = 0; i < count; i++) {
                RandomChange change = changes.get(draws.below(changes.size()));
                made = change.apply(made, draws.chance(0.5) ? strength : -strength);
            }
            return made;
        };
    }
}
