package fathom.data;

import fathom.ir.Require;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// Film reviews in the tar file of the Large Movie Review Dataset: `aclImdb/train/pos/12_9.txt` is the
/// twelfth positive one for training.
final class Imdb {
    private static final Pattern REVIEW = Pattern.compile("aclImdb/(train|test)/(neg|pos)/(\\d{1,9})_\\d+\\.txt");

    private Imdb() {}

    /// By part: negative reviews first, each kind in the order of its numbers, whatever the archive's.
    ///
    /// @throws IllegalArgumentException if a part has no review
    static Map<String, LabelledTexts> read(Path archive) {
        Map<String, TreeMap<Integer, String>> kinds = new TreeMap<>();
        TarFiles.each(archive, path -> REVIEW.matcher(path).matches(), (path, bytes) -> {
            Matcher review = REVIEW.matcher(path);
            if (review.matches()) {
                kinds.computeIfAbsent(review.group(1) + "/" + review.group(2), kind -> new TreeMap<>())
                        .put(Integer.parseInt(review.group(3)), new String(bytes, StandardCharsets.UTF_8));
            }
        });
        Map<String, LabelledTexts> parts = new LinkedHashMap<>();
        for (String part : List.of("train", "test")) {
            parts.put(part, part(archive, kinds, part));
        }
        return parts;
    }

    private static LabelledTexts part(Path archive, Map<String, TreeMap<Integer, String>> kinds, String part) {
        List<String> negative = reviews(archive, kinds, part + "/neg");
        List<String> positive = reviews(archive, kinds, part + "/pos");
        return LabelledTexts.ofTwo(negative, positive);
    }

    private static List<String> reviews(Path archive, Map<String, TreeMap<Integer, String>> kinds, String kind) {
        List<String> reviews =
                List.copyOf(kinds.getOrDefault(kind, new TreeMap<>()).values());
        Require.that(!reviews.isEmpty(), "%s: no reviews in aclImdb/%s, expected some", archive, kind);
        return reviews;
    }
}
