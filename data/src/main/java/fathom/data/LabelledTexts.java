package fathom.data;

import fathom.ir.Require;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// Texts, each of one class.
///
/// @param texts the texts
/// @param labels each text's class, an index into `classes`
/// @param classes the classes' names
public record LabelledTexts(List<String> texts, int[] labels, List<String> classes) {
    public LabelledTexts {
        texts = List.copyOf(texts);
        classes = List.copyOf(classes);
        String message = "labelled texts: %s texts and %s labels, expected as many";
        Require.that(texts.size() == labels.length, message, texts.size(), labels.length);
    }

    /// Negative (0) texts, and then positive (1) ones.
    static LabelledTexts ofTwo(List<String> negative, List<String> positive) {
        List<String> texts = new ArrayList<>(negative);
        texts.addAll(positive);
        int[] labels = new int[texts.size()];
        Arrays.fill(labels, negative.size(), labels.length, 1);
        return new LabelledTexts(texts, labels, List.of("negative", "positive"));
    }
}
