package fathom.data;

import fathom.tensor.Shape;

/// Makes another picture from one, at random: from the same draws the same one.
///
/// It is called on several threads at once and must depend on nothing but its arguments, so that an
/// epoch can be read again. `Augmentations` has the usual ones.
@FunctionalInterface
public interface Augmentation {
    /// Another picture; the one given is not changed.
    ///
    /// @param image `[H, W, C]`
    /// @param draws the random numbers of this sample in this epoch
    Image apply(Image image, Draws draws);

    /// The shape of what is made.
    ///
    /// @param image the shape of what is given, `[H, W, C]`
    default Shape shape(Shape image) {
        return image;
    }

    /// First this one, then another.
    default Augmentation then(Augmentation next) {
        Augmentation first = this;
        return new Augmentation() {
            @Override
            public Image apply(Image image, Draws draws) {
                return next.apply(first.apply(image, draws), draws);
            }

            @Override
            public Shape shape(Shape image) {
                return next.shape(first.shape(image));
            }
        };
    }
}
