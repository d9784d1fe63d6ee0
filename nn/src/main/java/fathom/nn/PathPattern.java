package fathom.nn;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/// Paths of a model's parameters and buffers (see [Modules]) that look alike: `*` stands for any
/// characters, dots included, and the rest for itself. `encoder.*` is all that is within `encoder`.
///
/// @param text the pattern
public record PathPattern(String text) {
    /// Whether a whole path looks so.
    public boolean matches(String path) {
        List<String> quoted = new ArrayList<>();
        for (String part : text.split("\\*", -1)) {
            quoted.add(Pattern.quote(part));
        }
        return path.matches(String.join(".*", quoted));
    }
}
