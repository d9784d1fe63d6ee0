package fathom.nn;

import fathom.ir.Require;
import fathom.tensor.Tensor;

/// Losses that draw embeddings `[N, D]` of what is alike together and push those of other things
/// apart. Each gives [Terms], which `mean()` or `sum()` finishes.
///
/// ```java
/// // A model that gives anchors, positives and negatives side by side, [N, 3, D]:
/// Loss triplets = (e, _) -> EmbeddingLosses.tripletMargin(e.at(1, 0), e.at(1, 1), e.at(1, 2), 1).mean();
/// ```
public final class EmbeddingLosses {
    /// What keeps the derivative of a distance finite where it is 0, as in PyTorch.
    private static final double APART = 1e-6;

    private EmbeddingLosses() {}

    /// `1 - cos(x, y)` for pairs whose target is 1, `max(0, cos(x, y) - margin)` for those whose
    /// target is -1; a term for each pair.
    ///
    /// @param target 1 or -1, `[N]`, of any dtype with a sign
    /// @throws IllegalArgumentException if shapes or dtypes do not fit, or the margin is not from -1
    ///   to 1
    public static Terms cosineEmbedding(Tensor x, Tensor y, Tensor target, double margin) {
        Require.that(margin >= -1 && margin <= 1, "cosineEmbedding: margin %s, expected -1 to 1", margin);
        pairs("cosineEmbedding", x, y, target);
        Tensor squares = squares(x).mul(squares(y));
        Tensor cosine = x.mul(y).sum(-1).div(squares.sqrt());
        return Terms.of(
                target.greater(0).select(cosine.rsub(1), cosine.sub(margin).relu()));
    }

    private static Tensor squares(Tensor x) {
        return x.square().sum(-1).add(1e-12);
    }

    /// Half the squared distance for pairs that are alike, half of `max(0, margin - distance)^2`
    /// for others; a term for each pair. Hadsell, Chopra and LeCun (2006), but for their targets,
    /// which are the other way round.
    ///
    /// @param target above 0 for pairs that are alike, `[N]`
    /// @throws IllegalArgumentException if shapes or dtypes do not fit, or the margin is not above 0
    public static Terms contrastive(Tensor x, Tensor y, Tensor target, double margin) {
        Require.positive("contrastive: margin", margin);
        pairs("contrastive", x, y, target);
        Tensor distance = distance(x, y);
        Tensor apart = distance.rsub(margin).relu();
        return Terms.of(target.greater(0).select(distance, apart).square().mul(0.5));
    }

    /// `max(0, distance(anchor, positive) - distance(anchor, negative) + margin)`, a term for each
    /// triplet. Schroff, Kalenichenko and Philbin (2015), with distances that are not squared, as in
    /// PyTorch.
    ///
    /// @throws IllegalArgumentException if shapes or dtypes differ, or the margin is not above 0
    public static Terms tripletMargin(Tensor anchor, Tensor positive, Tensor negative, double margin) {
        Require.positive("tripletMargin: margin", margin);
        alike("tripletMargin", anchor, positive);
        alike("tripletMargin", anchor, negative);
        return Terms.of(distance(anchor, positive)
                .sub(distance(anchor, negative))
                .add(margin)
                .relu());
    }

    /// How badly each query's own key, which is in the same row, can be told from the keys of the
    /// others by cosine similarity; a term for each query. Oord, Li and Vinyals: *Representation
    /// learning with contrastive predictive coding* (2018).
    ///
    /// @param temperature what similarities are divided by, such as 0.1
    /// @throws IllegalArgumentException if shapes or dtypes differ, or the temperature is not above 0
    public static Terms infoNce(Tensor queries, Tensor keys, double temperature) {
        Require.positive("infoNce: temperature", temperature);
        alike("infoNce", queries, keys);
        Tensor similarities = unit(queries).matmul(unit(keys).transpose());
        return Loss.crossEntropy().terms(similarities.div(temperature), rows(0, queries.dim(0)));
    }

    /// [#infoNce] for two views of the same N things, where the other view of each is to be told
    /// from all other 2N - 2 views; a term for each of the 2N views, the first ones first. Chen et
    /// al.: *A simple framework for contrastive learning of visual representations* (2020).
    ///
    /// @param temperature what similarities are divided by, such as 0.5
    /// @throws IllegalArgumentException if shapes or dtypes differ, or the temperature is not above 0
    public static Terms ntXent(Tensor first, Tensor second, double temperature) {
        Require.positive("ntXent: temperature", temperature);
        alike("ntXent", first, second);
        int n = first.dim(0);
        Tensor views = unit(Tensor.concat(0, first, second));
        Tensor similarities = views.matmul(views.transpose()).div(temperature);
        Tensor places = rows(0, 2 * n);
        Tensor self = places.unsqueeze(1).equal(places.unsqueeze(0));
        Tensor none = Tensor.full(similarities.shape(), similarities.dtype(), Double.NEGATIVE_INFINITY);
        return Loss.crossEntropy().terms(self.select(none, similarities), Tensor.concat(0, rows(n, 2 * n), rows(0, n)));
    }

    private static Tensor rows(int from, int to) {
        return Tensor.arange(to).slice(0, from, to);
    }

    private static Tensor unit(Tensor x) {
        return x.div(x.square().sum(true, -1).add(1e-12).sqrt());
    }

    private static Tensor distance(Tensor x, Tensor y) {
        return x.sub(y).add(APART).square().sum(-1).sqrt();
    }

    private static void pairs(String loss, Tensor x, Tensor y, Tensor target) {
        alike(loss, x, y);
        boolean fits = target.rank() == 1 && target.dim(0) == x.dim(0);
        Require.that(fits, "%s: targets %s for pairs %s, expected [N]", loss, target.type(), x.type());
    }

    private static void alike(String loss, Tensor x, Tensor y) {
        boolean fits = x.rank() == 2 && x.dtype().isFloating() && x.type().equals(y.type());
        Require.that(
                fits,
                "%s: embeddings %s and %s, expected both [N, D] and one dtype, F32 or F64",
                loss,
                x.type(),
                y.type());
    }
}
