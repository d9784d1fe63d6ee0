package fathom.data;

import java.util.List;

/// Rows of features, each of one class.
///
/// @param dataset inputs F32 `[features]`, targets I32, indices into `classes`
/// @param features the features' names
/// @param classes the classes' names
public record LabelledTable(Dataset dataset, List<String> features, List<String> classes) {
    public LabelledTable {
        features = List.copyOf(features);
        classes = List.copyOf(classes);
    }
}
