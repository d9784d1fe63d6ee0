package fathom.data.audio;

import fathom.data.Augmentation;
import fathom.data.Draws;
import fathom.data.Image;
import fathom.ir.Require;

/// Hides bands of frequencies and stretches of time of a spectrogram, `[frames, frequencies, 1]`
/// taken as an image: each band's width is drawn from 0 to the most, then its place, as the paper
/// has it.
///
/// D. S. Park et al.: *SpecAugment: a simple data augmentation method for automatic speech
/// recognition* (2019), without its time warping.
///
/// @param frequencyMasks how many bands of frequencies
/// @param mostFrequencies the most frequencies in a band
/// @param timeMasks how many stretches of time
/// @param mostFrames the most frames in a stretch
/// @param filler what is put in: 0 is the mean of a standardised spectrogram
public record SpecAugment(int frequencyMasks, int mostFrequencies, int timeMasks, int mostFrames, float filler)
        implements Augmentation {
    public SpecAugment {
        for (int value : new int[] {frequencyMasks, mostFrequencies, timeMasks, mostFrames}) {
            Require.notNegative("spec augment: a number or width of", value);
        }
    }

    @Override
    public Image apply(Image image, Draws draws) {
        float[] values = image.values().clone();
        int row = image.width() * image.channels();
        for (int i = 0; i < frequencyMasks; i++) {
            int width = draws.below(Math.min(mostFrequencies, image.width()) + 1);
            int from = draws.below(image.width() - width + 1);
            for (int place = 0; place < values.length; place++) {
                int frequency = place % row / image.channels();
                values[place] = frequency >= from && frequency < from + width ? filler : values[place];
            }
        }
        for (int i = 0; i < timeMasks; i++) {
            int height = draws.below(Math.min(mostFrames, image.height()) + 1);
            int from = draws.below(image.height() - height + 1);
            java.util.Arrays.fill(values, from * row, (from + height) * row, filler);
        }
        return new Image(values, image.height(), image.width(), image.channels());
    }
}
