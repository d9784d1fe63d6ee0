package fathom.backend.cpu;

import fathom.tensor.DType;
import java.util.Arrays;

/// Copies of the latest rows of images in which the padding is there and the pixels of a stride lie
/// next to each other, so that what a tap of a window sees in a row is one run of elements.
///
/// Pixel `q` of a padded row is pixel `q / phases` of its phase `q % phases`; the phases follow each
/// other.
final class PaddedRows {
    /// What a padded row consists of.
    ///
    /// @param channels elements of a pixel
    /// @param width pixels of a row of an image
    /// @param before pixels of padding before them
    /// @param phases the stride
    /// @param perPhase pixels of a phase; those of the image beyond are left out
    record Layout(int channels, int width, int before, int phases, int perPhase) {
        /// Elements of a row.
        int size() {
            return phases * perPhase * channels;
        }

        /// Where in a row a pixel begins.
        int at(int pixel) {
            return (pixel % phases * perPhase + pixel / phases) * channels;
        }
    }

    private final Layout layout;
    private final Object images;
    private final Object copies;
    private final int[] held;

    /// @param images the rows of all images, one after the other
    /// @param rows how many copies are kept: those used together are not further apart
    PaddedRows(Layout layout, Object images, int rows, DType dtype, Scratch scratch) {
        this.layout = layout;
        this.images = images;
        copies = scratch.array(dtype, Scratch.Use.IMAGE_BAND, rows * layout.size());
        held = new int[rows];
        Arrays.fill(held, -1);
    }

    /// The array of the copies.
    Object array() {
        return copies;
    }

    /// Where the copy of a row begins.
    int locate(int row) {
        int slot = row % held.length;
        int at = slot * layout.size();
        if (held[slot] != row) {
            held[slot] = row;
            copy(row, at);
        }
        return at;
    }

    private void copy(int row, int at) {
        int channels = layout.channels;
        int from = row * layout.width * channels;
        int count = Math.max(0, Math.min(layout.width, layout.phases * layout.perPhase - layout.before));
        if (layout.phases == 1) {
            int before = Math.min(layout.before, layout.perPhase) * channels;
            int length = count * channels;
            Zeros.fill(copies, at, before);
            System.arraycopy(images, from, copies, at + before, length);
            Zeros.fill(copies, at + before + length, layout.size() - before - length);
            return;
        }
        Zeros.fill(copies, at, layout.size());
        for (int i = 0; i < count; i++) {
            System.arraycopy(images, from + i * channels, copies, at + layout.at(layout.before + i), channels);
        }
    }
}
