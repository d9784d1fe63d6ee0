package fathom.guide;

import fathom.ir.Require;
import java.util.List;

/// Pictures one after the other, over and over. Who has asked the system for less motion sees the last
/// one only.
///
/// @param title what they show together
/// @param seconds how long each is shown
/// @param frames the pictures
public record Animation(String title, double seconds, List<Picture> frames) implements Picture {
    public Animation {
        boolean fits = seconds > 0 && frames.size() >= 2;
        String message = "animation: %s pictures of %s seconds, expected at least 2 of more than 0";
        Require.that(fits, message, frames.size(), seconds);
        frames = List.copyOf(frames);
    }

    /// Pictures one after the other.
    public static Animation of(String title, double seconds, List<? extends Picture> frames) {
        return new Animation(title, seconds, List.copyOf(frames));
    }

    @Override
    public double width() {
        return frames.stream().mapToDouble(Picture::width).max().orElse(0);
    }

    @Override
    public double height() {
        return frames.stream().mapToDouble(Picture::height).max().orElse(0);
    }

    @Override
    public String content() {
        int count = frames.size();
        String name = "fathom-one-of-" + count;
        StringBuilder all = new StringBuilder();
        all.append("<style>@keyframes %s{0%%{visibility:visible}%s%%,100%%{visibility:hidden}}\n"
                .formatted(name, Svg.number(100.0 / count)));
        all.append(".%s{visibility:hidden;animation:%1$s %ss step-end infinite}\n"
                .formatted(name, Svg.number(seconds * count)));
        all.append("@media(prefers-reduced-motion:reduce){.%s{animation:none}.%1$s:last-of-type{visibility:visible}}"
                .formatted(name));
        all.append("</style>\n");
        for (int i = 0; i < count; i++) {
            String delay = Svg.number(seconds * (i - count));
            all.append("<g class=\"%s\" style=\"animation-delay:%ss\">\n".formatted(name, delay));
            all.append(frames.get(i).content()).append("</g>\n");
        }
        return all.toString();
    }
}
