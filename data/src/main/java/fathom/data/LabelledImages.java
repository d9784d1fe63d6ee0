package fathom.data;

import java.util.List;

/// Images, each of one class.
///
/// @param train to learn from: inputs F32 `[H, W, C]` from 0 to 1, targets I32, indices into `classes`
/// @param test to measure with
/// @param classes the classes' names
public record LabelledImages(Dataset train, Dataset test, List<String> classes) {
    public LabelledImages {
        classes = List.copyOf(classes);
    }
}
