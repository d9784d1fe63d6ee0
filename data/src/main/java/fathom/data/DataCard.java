package fathom.data;

/// What to know about a data set before using it.
///
/// @param name what it is called
/// @param about what it holds
/// @param licence under which terms
/// @param citation what to cite
public record DataCard(String name, String about, String licence, String citation) {}
