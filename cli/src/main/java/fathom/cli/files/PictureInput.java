package fathom.cli.files;

import fathom.cli.UserError;
import fathom.data.Image;
import fathom.io.onnx.format.ValueInfo;
import fathom.io.onnx.format.ValueInfo.Dimension;
import fathom.tensor.Tensor;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// How pictures become the input of a model.
///
/// @param size height and width, where the model does not say them
/// @param resize what the shorter side is brought to before the middle is cut out; without it the whole
///   picture is brought to the size, whatever its proportions
/// @param mean what is taken off each channel, whose colours are from 0 to 1
/// @param deviation what each channel is then divided by
/// @param scale what the colours are multiplied by at first
@SuppressWarnings("ArrayRecordComponent")
public record PictureInput(
        int @Nullable [] size,
        @Nullable Integer resize,
        float @Nullable [] mean,
        float @Nullable [] deviation,
        double scale) {
    private static final int AXES = 4;

    /// What a model wants.
    private record Wanted(int channels, boolean channelsFirst, int height, int width) {}

    /// Reads a picture as the input of a model.
    ///
    /// @return `[1, C, H, W]` or `[1, H, W, C]`, as the model says
    /// @throws UserError if it is no picture, or the model wants none
    public Tensor read(Path file, ValueInfo input) {
        Wanted wanted = wanted(input);
        Image image;
        try {
            image = Image.decode(Files.readAllBytes(file), wanted.channels(), file.toString());
        } catch (IOException e) {
            throw new UncheckedIOException(file + ": cannot be read: " + e.getMessage(), e);
        } catch (IllegalArgumentException e) {
            throw new UserError(String.valueOf(e.getMessage()), e);
        }
        Image fitted = resize == null
                ? image.resize(wanted.height(), wanted.width())
                : cropped(image, resize, wanted.height(), wanted.width());
        Tensor pixels = Tensor.of(fitted.values(), 1, fitted.height(), fitted.width(), fitted.channels());
        Tensor scaled = pixels.mul(scale);
        if (mean != null) {
            scaled = scaled.sub(channels(mean, wanted.channels(), "--mean"));
        }
        if (deviation != null) {
            scaled = scaled.div(channels(deviation, wanted.channels(), "--std"));
        }
        return wanted.channelsFirst() ? scaled.permute(0, 3, 1, 2) : scaled;
    }

    private static Tensor channels(float[] values, int channels, String option) {
        if (values.length == 1) {
            return Tensor.of(values, 1);
        }
        if (values.length != channels) {
            throw new UserError(option + " has " + values.length + " numbers, expected 1 or " + channels);
        }
        return Tensor.of(values, channels);
    }

    private Wanted wanted(ValueInfo input) {
        Optional<List<Dimension>> shape = input.shape();
        List<Dimension> axes = shape.orElse(List.of());
        boolean first = axes.size() == AXES && isColours(axes.get(1));
        boolean last = axes.size() == AXES && isColours(axes.get(AXES - 1));
        if (!first && !last) {
            throw new UserError("the input " + input + " is for no picture, expected [N, C, H, W] or [N, H, W, C]"
                    + " with 1 or 3 channels; give it a .npy file");
        }
        Dimension channels = first ? axes.get(1) : axes.get(AXES - 1);
        int at = first ? 2 : 1;
        return new Wanted(
                (int) ((ValueInfo.Fixed) channels).size(),
                first,
                side(axes.get(at), 0, input),
                side(axes.get(at + 1), 1, input));
    }

    private static boolean isColours(Dimension size) {
        return size instanceof ValueInfo.Fixed fixed && (fixed.size() == 1 || fixed.size() == 3);
    }

    private int side(Dimension axis, int place, ValueInfo input) {
        if (size != null) {
            return size[place];
        }
        if (axis instanceof ValueInfo.Fixed fixed && fixed.size() > 0 && fixed.size() <= Short.MAX_VALUE) {
            return (int) fixed.size();
        }
        throw new UserError("the input " + input + " may have any size, expected --size HEIGHT,WIDTH");
    }

    /// The middle of the picture, after its shorter side was brought to a length.
    private static Image cropped(Image image, int shorter, int height, int width) {
        double scale = (double) shorter / Math.min(image.height(), image.width());
        int tall = (int) Math.round(image.height() * scale);
        int wide = (int) Math.round(image.width() * scale);
        if (tall < height || wide < width) {
            throw new UserError("--resize %s makes the picture %s x %s, smaller than the %s x %s that are cut out"
                    .formatted(shorter, tall, wide, height, width));
        }
        Image resized = image.resize(tall, wide);
        Image middle = Image.black(height, width, image.channels());
        int row = (tall - height) / 2;
        int column = (wide - width) / 2;
        int length = width * image.channels();
        for (int y = 0; y < height; y++) {
            int from = ((row + y) * wide + column) * image.channels();
            System.arraycopy(resized.values(), from, middle.values(), y * length, length);
        }
        return middle;
    }
}
