package fathom.parity;

import static fathom.parity.Input.normal;
import static fathom.parity.Input.uniform;
import static fathom.parity.Torch.index;
import static fathom.parity.Torch.longs;

import fathom.nn.CrossEntropy;
import fathom.nn.Ctc;
import fathom.nn.EmbeddingLosses;
import fathom.nn.Loss;
import fathom.nn.TermLoss;
import fathom.nn.Terms;
import fathom.tensor.DType;
import fathom.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/// Losses in all reductions, with gradients.
@RequiresLibtorch
class TermsTest {
    /// libtorch's numbers for the reductions.
    private enum Reduction {
        NONE,
        MEAN,
        SUM;

        Tensor of(Terms terms) {
            return switch (this) {
                case NONE -> terms.values();
                case MEAN -> terms.mean();
                case SUM -> terms.sum();
            };
        }

        /// For what libtorch has no operation for.
        org.bytedeco.pytorch.Tensor of(org.bytedeco.pytorch.Tensor values) {
            return switch (this) {
                case NONE -> values;
                case MEAN -> values.mean();
                case SUM -> values.sum();
            };
        }
    }

    /// What libtorch does, given the reduction's number.
    private interface Theirs {
        org.bytedeco.pytorch.Tensor apply(List<org.bytedeco.pytorch.Tensor> inputs, Reduction reduction);
    }

    private static Stream<DynamicTest> all(
            String name, List<Input> inputs, Function<List<Tensor>, Terms> ours, Theirs theirs) {
        return all(name, 1, inputs, ours, theirs);
    }

    private static Stream<DynamicTest> all(
            String name, double factor, List<Input> inputs, Function<List<Tensor>, Terms> ours, Theirs theirs) {
        return Arrays.stream(Reduction.values())
                .flatMap(r -> Case.tests(Case.layer(
                                name + " " + r,
                                inputs,
                                p -> r.of(ours.apply(
                                        p.stream().map(v -> v.value()).toList())),
                                t -> theirs.apply(t, r))
                        .within(factor)));
    }

    private static Stream<DynamicTest> pair(String name, TermLoss ours, Input x, Input y, Theirs theirs) {
        return all(name, List.of(x, y), p -> ours.terms(p.get(0), p.get(1)), theirs);
    }

    /// Batches of 1, 33 and an odd shape.
    private static Stream<DynamicTest> elements(
            String name, TermLoss ours, Function<int[], Input> targets, Theirs theirs) {
        return Stream.of(new int[] {1, 5}, new int[] {33, 3}, new int[] {3, 7, 1})
                .flatMap(shape ->
                        pair(name + Arrays.toString(shape), ours, normal(shape), targets.apply(shape), theirs));
    }

    private static Stream<DynamicTest> batches(IntFunction<Stream<DynamicTest>> ofSize) {
        return IntStream.of(1, 33).mapToObj(ofSize).flatMap(cases -> cases);
    }

    private static Input signs(int... shape) {
        return (dtype, random) -> Input.booleans(shape)
                .make(dtype, random)
                .cast(dtype)
                .mul(2)
                .sub(1)
                .evaluate();
    }

    private static org.bytedeco.pytorch.Scalar s(double value) {
        return Torch.scalar(value);
    }

    @TestFactory
    Stream<DynamicTest> meanSquaredError() {
        return elements(
                "meanSquaredError",
                Loss.meanSquaredError(),
                Input::normal,
                (t, r) -> torch.mse_loss(t.get(0), t.get(1), r.ordinal()));
    }

    @TestFactory
    Stream<DynamicTest> meanAbsoluteError() {
        return elements(
                "meanAbsoluteError",
                Loss.meanAbsoluteError(),
                Input::normal,
                (t, r) -> torch.l1_loss(t.get(0), t.get(1), r.ordinal()));
    }

    @TestFactory
    Stream<DynamicTest> huber() {
        return Stream.of(0.3, 1.0, 2.5)
                .flatMap(delta -> elements(
                        "huber " + delta,
                        delta == 1 ? Loss.huber() : Loss.huber(delta),
                        Input::normal,
                        (t, r) -> torch.huber_loss(t.get(0), t.get(1), r.ordinal(), delta)));
    }

    @TestFactory
    Stream<DynamicTest> logCosh() {
        Theirs theirs = (t, r) -> r.of(t.get(0).sub(t.get(1)).cosh().log());
        // ln cosh d, written like this, is not good in F32 near 0.
        return Stream.concat(
                elements("logCosh", Loss.logCosh(), s -> uniform(3, 9, s), theirs),
                pair("logCosh negative", Loss.logCosh(), uniform(-9, -3, 33, 2), uniform(-1, 1, 33, 2), theirs));
    }

    @TestFactory
    Stream<DynamicTest> binaryCrossEntropy() {
        return Stream.concat(
                elements(
                        "binaryCrossEntropy",
                        Loss.binaryCrossEntropy(),
                        s -> uniform(0, 1, s),
                        (t, r) -> torch.binary_cross_entropy_with_logits(
                                t.get(0), t.get(1), new TensorOptional(), new TensorOptional(), r.ordinal())),
                pair(
                        "binaryCrossEntropy weighted",
                        Loss.binaryCrossEntropy(0.5, 2, 7),
                        uniform(-40, 40, 33, 3),
                        uniform(0, 1, 33, 3),
                        (t, r) -> torch.binary_cross_entropy_with_logits(
                                t.get(0), t.get(1), new TensorOptional(), weights(t.get(0), 0.5, 2, 7), r.ordinal())));
    }

    private static TensorOptional weights(org.bytedeco.pytorch.Tensor like, double... values) {
        return new TensorOptional(Torch.of(Tensor.of(values, values.length)).to(like.scalar_type()));
    }

    @TestFactory
    Stream<DynamicTest> focal() {
        return elements("focal", Loss.focal(1.5, 0.3), s -> Input.floats(Input.booleans(s)), (t, r) -> {
            var x = t.get(0);
            var y = t.get(1);
            var p = x.sigmoid();
            var positive = p.neg().add(s(1)).pow(s(1.5)).mul(p.log()).mul(y).mul(s(-0.3));
            var negative = p.pow(s(1.5))
                    .mul(p.neg().add(s(1)).log())
                    .mul(y.neg().add(s(1)))
                    .mul(s(-0.7));
            return r.of(positive.add(negative));
        });
    }

    @TestFactory
    Stream<DynamicTest> hinge() {
        Theirs hinge = (t, r) -> r.of(t.get(0).mul(t.get(1)).neg().add(s(1)).clamp_min(s(0)));
        Theirs squared = (t, r) ->
                r.of(t.get(0).mul(t.get(1)).neg().add(s(1)).clamp_min(s(0)).square());
        return Stream.concat(
                elements("hinge", Loss.hinge(), TermsTest::signs, hinge),
                elements("squaredHinge", Loss.squaredHinge(), TermsTest::signs, squared));
    }

    @TestFactory
    Stream<DynamicTest> kullbackLeibler() {
        return Stream.concat(
                batches(n -> pair(
                        "kullbackLeibler " + n,
                        Loss.kullbackLeibler(),
                        (dtype, random) ->
                                normal(n, 5).make(dtype, random).logSoftmax(-1).evaluate(),
                        probabilities(n, 5),
                        (t, r) ->
                                r.of(torch.kl_div(t.get(0), t.get(1), 0, false).sum(-1)))),
                Case.tests(Case.of(
                        "kullbackLeibler of zeros",
                        normal(2, 3),
                        x -> Loss.kullbackLeibler().sum().of(x, zeros(x)),
                        x -> torch.kl_div(x, Torch.of(zeros(Torch.back(x))), Reduction.SUM.ordinal(), false))));
    }

    private static Input probabilities(int... shape) {
        return (dtype, random) -> normal(shape).make(dtype, random).softmax(-1).evaluate();
    }

    private static Tensor zeros(Tensor like) {
        return Tensor.of(new double[] {0, 0.25, 0.75, 1, 0, 0}, 2, 3)
                .cast(like.dtype())
                .evaluate();
    }

    @TestFactory
    Stream<DynamicTest> poissonNegativeLogLikelihood() {
        return elements(
                "poisson",
                Loss.poissonNegativeLogLikelihood(),
                s -> uniform(0, 5, s),
                (t, r) -> torch.poisson_nll_loss(t.get(0), t.get(1), true, false, 1e-8, r.ordinal()));
    }

    @TestFactory
    Stream<DynamicTest> gaussianNegativeLogLikelihood() {
        TermLoss loss = Loss.gaussianNegativeLogLikelihood();
        return batches(n -> pair("gaussian " + n, loss, uniform(0.1, 2, n, 6), normal(n, 3), (t, r) -> {
            var mean = t.get(0).narrow(1, 0, 3);
            var variance = t.get(0).narrow(1, 3, 3);
            return r.of(variance.log()
                    .add(mean.sub(t.get(1)).square().div(variance))
                    .mul(s(0.5)));
        }));
    }

    @TestFactory
    Stream<DynamicTest> dice() {
        return batches(n -> pair(
                "dice " + n,
                n == 1 ? Loss.dice() : Loss.dice(0.5),
                uniform(0, 1, n, 5, 3, 2),
                uniform(0, 1, n, 5, 3, 2),
                (t, r) -> {
                    double more = n == 1 ? 1 : 0.5;
                    var common =
                            t.get(0).mul(t.get(1)).sum(longs(1, 2)).mul(s(2)).add(s(more));
                    var both = t.get(0).add(t.get(1)).sum(longs(1, 2)).add(s(more));
                    return r.of(common.div(both).neg().add(s(1)));
                }));
    }

    @TestFactory
    Stream<DynamicTest> crossEntropy() {
        CrossEntropy plain = Loss.crossEntropy();
        double[] w = {0.5, 2, 1, 0, 3};
        Input logits = normal(33, 5);
        Input labels = Input.indices(5, 33);
        return Stream.of(
                        labels("labels", plain, logits, labels, -100, 0),
                        labels("one", plain, normal(1, 5), Input.indices(5, 1), -100, 0),
                        labels("weighted", plain.weighing(w), logits, labels, -100, 0, w),
                        labels("ignoring", plain.ignoring(2), logits, labels, 2, 0),
                        labels("ignoring -1", plain.ignoring(-1), logits, Input.integers(-1, 5, 33), -1, 0),
                        labels("weighted, ignoring", plain.weighing(w).ignoring(1), logits, labels, 1, 0, w),
                        labels(
                                "weighted, ignoring, smoothed",
                                Loss.crossEntropy(0.2).weighing(w).ignoring(1),
                                logits,
                                labels,
                                1,
                                0.2,
                                w),
                        soft("probabilities", plain, 0),
                        soft(
                                "weighted probabilities, smoothed",
                                Loss.crossEntropy(0.3).weighing(w),
                                0.3,
                                w))
                .flatMap(cases -> cases);
    }

    private static Stream<DynamicTest> labels(
            String name, CrossEntropy ours, Input logits, Input labels, int ignored, double smoothing, double... w) {
        return pair(name, ours, logits, labels, (t, r) -> theirs(t.get(0), index(t.get(1)), r, ignored, smoothing, w));
    }

    private static Stream<DynamicTest> soft(String name, CrossEntropy ours, double smoothing, double... w) {
        return pair(
                name,
                ours,
                normal(33, 5),
                probabilities(33, 5),
                (t, r) -> theirs(t.get(0), t.get(1), r, -100, smoothing, w));
    }

    private static org.bytedeco.pytorch.Tensor theirs(
            org.bytedeco.pytorch.Tensor logits,
            org.bytedeco.pytorch.Tensor target,
            Reduction r,
            int ignored,
            double smoothing,
            double... w) {
        TensorOptional weights = w.length == 0 ? new TensorOptional() : weights(logits, w);
        return torch.cross_entropy_loss(logits, target, weights, r.ordinal(), ignored, smoothing);
    }

    /// The sum of terms times weights, divided by what libtorch's mean is divided by without weights of
    /// samples.
    @TestFactory
    Stream<DynamicTest> sampleWeights() {
        double[] w = {0.5, 2, 1, 0, 3};
        TermLoss balanced = Loss.crossEntropy().weighing(w);
        return batches(n -> Case.tests(
                Case.layer(
                        "plain " + n,
                        List.of(normal(n, 5), Input.indices(5, n), uniform(0, 3, n)),
                        p -> Loss.crossEntropy()
                                .of(p.get(0).value(), p.get(1).value(), p.get(2).value()),
                        t -> theirs(t.get(0), index(t.get(1)), Reduction.NONE, -100, 0)
                                .mul(t.get(2))
                                .mean()),
                Case.layer(
                        "with weights of classes " + n,
                        // Labels 0 to 2, whose weights are not 0.
                        List.of(normal(n, 5), Input.indices(3, n), uniform(0, 3, n)),
                        p -> balanced.of(
                                p.get(0).value(), p.get(1).value(), p.get(2).value()),
                        t -> theirs(t.get(0), index(t.get(1)), Reduction.NONE, -100, 0, w)
                                .mul(t.get(2))
                                .sum()
                                .div(Torch.of(Tensor.of(w, w.length))
                                        .to(t.get(0).scalar_type())
                                        .index_select(0, index(t.get(1)))
                                        .sum())),
                Case.layer(
                        "of numbers " + n,
                        List.of(normal(n, 3), normal(n, 3), uniform(0, 3, n)),
                        p -> Loss.meanSquaredError()
                                .of(p.get(0).value(), p.get(1).value(), p.get(2).value()),
                        t -> torch.mse_loss(t.get(0), t.get(1), Reduction.NONE.ordinal())
                                .mul(t.get(2).unsqueeze(1))
                                .mean())));
    }

    @TestFactory
    Stream<DynamicTest> weights() {
        Input weights = uniform(0, 3, 33);
        return Stream.concat(
                all(
                        "weighted samples",
                        List.of(normal(33, 4), normal(33, 4), weights),
                        p -> Loss.meanSquaredError().terms(p.get(0), p.get(1)).weighted(p.get(2)),
                        (t, r) -> {
                            var w = t.get(2).unsqueeze(1).expand(longs(33, 4));
                            var values = torch.mse_loss(t.get(0), t.get(1), 0).mul(w);
                            return r == Reduction.MEAN ? values.sum().div(w.sum()) : r.of(values);
                        }),
                all(
                        "masked elements",
                        List.of(normal(33, 4), normal(33, 4), Input.booleans(33, 4)),
                        p -> Loss.meanSquaredError().terms(p.get(0), p.get(1)).weighted(p.get(2)),
                        (t, r) -> {
                            var w = t.get(2).to(t.get(0).scalar_type());
                            var values = torch.mse_loss(t.get(0), t.get(1), 0).mul(w);
                            return r == Reduction.MEAN ? values.sum().div(w.sum()) : r.of(values);
                        }));
    }

    // ---- embeddings ----

    @TestFactory
    Stream<DynamicTest> cosineEmbedding() {
        return batches(n -> all(
                "cosineEmbedding " + n,
                List.of(
                        normal(n, 5),
                        normal(n, 5),
                        (_, random) ->
                                signs(n).make(DType.F32, random).cast(DType.I32).evaluate()),
                p -> EmbeddingLosses.cosineEmbedding(p.get(0), p.get(1), p.get(2), 0.1),
                (t, r) -> torch.cosine_embedding_loss(t.get(0), t.get(1), t.get(2), 0.1, r.ordinal())));
    }

    @TestFactory
    Stream<DynamicTest> tripletMargin() {
        return batches(n -> all(
                "tripletMargin " + n,
                List.of(normal(n, 5), normal(n, 5), normal(n, 5)),
                p -> EmbeddingLosses.tripletMargin(p.get(0), p.get(1), p.get(2), 0.8),
                (t, r) -> torch.triplet_margin_loss(t.get(0), t.get(1), t.get(2), 0.8, 2, 1e-6, false, r.ordinal())));
    }

    @TestFactory
    Stream<DynamicTest> contrastive() {
        return batches(n -> all(
                "contrastive " + n,
                List.of(normal(n, 5), normal(n, 5), Input.integers(0, 2, n)),
                p -> EmbeddingLosses.contrastive(p.get(0), p.get(1), p.get(2), 3),
                (t, r) -> {
                    var distance = torch.pairwise_distance(t.get(0), t.get(1), 2, 1e-6, false);
                    var alike = t.get(2).to(distance.scalar_type());
                    var apart = distance.neg().add(s(3)).clamp_min(s(0)).square();
                    return r.of(distance.square()
                            .mul(alike)
                            .add(apart.mul(alike.neg().add(s(1))))
                            .mul(s(0.5)));
                }));
    }

    @TestFactory
    Stream<DynamicTest> infoNce() {
        return batches(n -> all(
                "infoNce " + n,
                List.of(normal(n, 5), normal(n, 5)),
                p -> EmbeddingLosses.infoNce(p.get(0), p.get(1), 0.2),
                (t, r) -> {
                    var scores = unit(t.get(0)).matmul(unit(t.get(1)).t()).div(s(0.2));
                    var own = torch.arange(s(n)).to(torch.ScalarType.Long);
                    return torch.cross_entropy_loss(scores, own, new TensorOptional(), r.ordinal(), -100, 0);
                }));
    }

    private static org.bytedeco.pytorch.Tensor unit(org.bytedeco.pytorch.Tensor x) {
        return x.div(x.square()
                .sum(longs(1), true, new org.bytedeco.pytorch.ScalarTypeOptional())
                .sqrt());
    }

    @TestFactory
    Stream<DynamicTest> ntXent() {
        return batches(n -> all(
                "ntXent " + n,
                List.of(normal(n, 5), normal(n, 5)),
                p -> EmbeddingLosses.ntXent(p.get(0), p.get(1), 0.5),
                (t, r) -> {
                    // Equation 1 of the paper, as it stands there: sums of exponentials, less
                    // that of each view with itself.
                    var views = unit(torch.cat(Torch.vector(List.of(t.get(0), t.get(1))), 0));
                    var e = views.matmul(views.t()).div(s(0.5)).exp();
                    var others = e.sum(1).sub(e.diagonal());
                    var own = e.roll(longs(n), 1L).diagonal();
                    return r.of(own.div(others).log().neg());
                }));
    }

    // ---- sequences ----

    private static Stream<DynamicTest> ctc(
            String name, double factor, int blank, Input logits, int[][] labels, int[] times, int[] lengths) {
        int s = labels[0].length;
        int[] flat = Arrays.stream(labels).flatMapToInt(Arrays::stream).toArray();
        Tensor ours = Tensor.of(flat, labels.length, s);
        BiFunction<org.bytedeco.pytorch.Tensor, Reduction, org.bytedeco.pytorch.Tensor> theirs = (x, r) -> {
            var logs = torch.log_softmax(x, 2).transpose(0, 1);
            var each = torch.ctc_loss(
                    logs,
                    index(Torch.of(ours)),
                    index(Torch.of(Tensor.of(times, times.length))),
                    index(Torch.of(Tensor.of(lengths, lengths.length))),
                    blank,
                    0,
                    true);
            return r.of(each);
        };
        return all(
                name,
                factor,
                List.of(logits),
                p -> new Ctc(blank)
                        .terms(p.getFirst(), ours, Tensor.of(times, times.length), Tensor.of(lengths, lengths.length)),
                (t, r) -> theirs.apply(t.getFirst(), r));
    }

    @TestFactory
    Stream<DynamicTest> ctc() {
        int[] many = new int[33];
        int[][] wide = new int[33][7];
        int[] lengths = new int[33];
        for (int n = 0; n < 33; n++) {
            many[n] = 15 + n % 11;
            lengths[n] = n % 8;
            for (int i = 0; i < 7; i++) {
                wide[n][i] = 1 + (n * 3 + i * i) % 5;
            }
        }
        return Stream.of(
                        ctc("one label", 1, 0, normal(1, 4, 3), new int[][] {{1}}, new int[] {4}, new int[] {1}),
                        ctc("repeated", 1, 0, normal(1, 7, 3), new int[][] {{1, 1, 2}}, new int[] {7}, new int[] {3}),
                        ctc(
                                "no room to spare",
                                1,
                                0,
                                normal(1, 4, 3),
                                new int[][] {{1, 1, 2}},
                                new int[] {4},
                                new int[] {3}),
                        ctc("no label", 1, 0, normal(1, 5, 3), new int[][] {{1}}, new int[] {5}, new int[] {0}),
                        ctc(
                                "other blank",
                                1,
                                3,
                                normal(2, 9, 4),
                                new int[][] {{0, 1, 0}, {2, 2, 1}},
                                new int[] {9, 6},
                                new int[] {3, 2}),
                        // libtorch's gradient is the exponential of differences of log-probabilities as far as
                        // -500: in F32 it is up to 1e-4 from its own in F64, and ours 2e-5.
                        ctc("many", 5, 0, normal(33, 25, 6), wide, many, lengths),
                        ctc("sharp", 10, 0, uniform(-30, 30, 33, 25, 6), wide, many, lengths))
                .flatMap(cases -> cases);
    }
}
