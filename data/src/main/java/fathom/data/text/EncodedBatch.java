package fathom.data.text;

import fathom.tensor.Tensor;

/// Texts as rows of tokens of one length.
///
/// @param ids the tokens' numbers, I32 `[N, T]`
/// @param types what kind of token the model is told that each is, I32 `[N, T]`
/// @param mask where there are tokens of a text or of the model, and not only what rows are filled up
///   with, BOOL `[N, T]`
public record EncodedBatch(Tensor ids, Tensor types, Tensor mask) {}
