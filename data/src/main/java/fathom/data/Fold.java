package fathom.data;

/// One of the ways to cut a data set for cross-validation.
///
/// @param train the samples of all other parts
/// @param validation the samples of one part
public record Fold(Dataset train, Dataset validation) {}
