package fathom.data;

import fathom.ir.Buffer;
import fathom.ir.Require;
import fathom.tensor.Batch;
import fathom.tensor.DType;
import fathom.tensor.Shape;
import fathom.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.IntPredicate;
import java.util.stream.IntStream;

/// Samples to learn from: pairs of an input and its target, and further ones by name ([#with]).
///
/// A data set never changes; every method that alters something gives a new one over the same
/// values, so nothing is copied. Values are decoded when a batch is read.
///
/// ```
/// var parts = mnist.train().split(0.9, 0.1);
/// Loader training = parts.get(0).shuffle(42).batch(128);
/// ```
public final class Dataset {
    private final Columns columns;
    private final int[] members;
    private final Order order;

    private Dataset(Columns columns, int[] members, Order order) {
        this.columns = columns;
        this.members = members;
        this.order = order;
    }

    /// Pairs of inputs and targets.
    ///
    /// @throws IllegalArgumentException if there are not as many of both
    public static Dataset of(Samples inputs, Samples targets) {
        return of(new Columns(inputs, targets, Map.of()));
    }

    private static Dataset of(Columns columns) {
        int[] all = IntStream.range(0, columns.inputs().count()).toArray();
        return new Dataset(columns, all, new Order.AsGiven());
    }

    /// The rows of two tensors.
    ///
    /// @param x the inputs, `[N, ...]`
    /// @param y the targets, `[N, ...]`: class indices (I32) or values
    /// @throws IllegalArgumentException if there are not as many of both
    public static Dataset of(Tensor x, Tensor y) {
        return of(Samples.of(x), Samples.of(y));
    }

    /// Rows of F32 features and their class indices.
    ///
    /// @throws IllegalArgumentException if there are not as many of both or the rows differ in
    ///   length
    public static Dataset of(float[][] rows, int[] labels) {
        return of(Tensor.of(rows), Tensor.of(labels, labels.length));
    }

    /// Rows of F32 features and rows of F32 values to be predicted.
    ///
    /// @throws IllegalArgumentException if there are not as many of both or the rows differ in
    ///   length
    public static Dataset of(float[][] rows, float[][] targets) {
        return of(Tensor.of(rows), Tensor.of(targets));
    }

    /// The same samples with further inputs or targets, which batches have under that name (see
    /// [Batch#get]) and which stay with their samples whatever is done: filtering, shuffling, splitting.
    /// Those called `weights` are taken for the samples' weights by a training with a plain loss.
    ///
    /// @param values one for each sample, in the order of epoch 0
    /// @throws IllegalArgumentException if there are not as many as samples, some have that name
    ///   already, or a sample is in the data set more than once
    public Dataset with(String name, Samples values) {
        mustHoldEachOnce("with");
        String message = "with: %s %s, expected %s as there are samples";
        Require.that(values.count() == size(), message, values.count(), name, size());
        int[] places = new int[inputs().count()];
        int[] all = order(0);
        boolean once = Arrays.stream(members).distinct().count() == members.length;
        Require.that(once, "with: %s for samples that are repeated, expected repeat to come after", name);
        for (int i = 0; i < all.length; i++) {
            places[all[i]] = i;
        }
        return new Dataset(columns.with("with", name, new SelectedSamples(values, places)), members, order);
    }

    /// The same samples with the rows of a tensor besides; see [#with(String, Samples)].
    ///
    /// @param values `[N, ...]`, a row for each sample, in the order of epoch 0
    /// @throws IllegalArgumentException as [#with(String, Samples)]
    public Dataset with(String name, Tensor values) {
        return with(name, Samples.of(values));
    }

    /// The number of samples.
    public int size() {
        return order.size(members);
    }

    /// The shape of one input, without the batch axis: what a model is built for.
    public Shape inputShape() {
        return inputs().shape();
    }

    /// The dtype of the inputs in a batch.
    public DType inputType() {
        return inputs().dtype();
    }

    /// The shape of one target, without the batch axis.
    public Shape targetShape() {
        return targets().shape();
    }

    /// The dtype of the targets in a batch.
    public DType targetType() {
        return targets().dtype();
    }

    // ---- which samples, in which order ----

    /// The same samples in an order that is drawn anew for each epoch, from the seed and the
    /// epoch's number alone.
    public Dataset shuffle(long seed) {
        mustHoldEachOnce("shuffle");
        return new Dataset(columns, members, new Order.Shuffled(seed));
    }

    /// The first samples. Of a shuffled data set: those that come first in epoch 0, in every epoch,
    /// shuffled among themselves.
    ///
    /// @param count how many
    /// @throws IllegalArgumentException if there are fewer, or `count` is below 1
    public Dataset take(int count) {
        checkCount("take", count, size());
        return atPositions(IntStream.range(0, count).toArray());
    }

    /// All but the first samples: what [#take] leaves.
    ///
    /// @param count how many to leave out
    /// @throws IllegalArgumentException if none would be left, or `count` is negative
    public Dataset skip(int count) {
        if (count != 0) {
            checkCount("skip", count, size() - 1);
        }
        return atPositions(IntStream.range(count, size()).toArray());
    }

    /// The first samples of each class, class after class; see [#take]. All labels are read now.
    ///
    /// @param count how many of each
    /// @throws IllegalArgumentException if a class has fewer, `count` is below 1, or the targets are not
    ///   class indices
    public Dataset takeOfEach(int count) {
        int[][] classes = Partition.byClass(labels("takeOfEach"));
        int[] positions = Arrays.stream(classes)
                .flatMapToInt(places -> {
                    checkCount("takeOfEach", count, places.length);
                    return Arrays.stream(places, 0, count);
                })
                .toArray();
        return atPositions(positions);
    }

    private static void checkCount(String operation, int count, int most) {
        Require.that(count >= 1 && count <= most, "%s: %s samples, expected 1 to %s", operation, count, most);
    }

    /// Parts that have no sample in common and together have all. Of a shuffled data set the parts
    /// are cut from the order of epoch 0, and then each is shuffled in itself: what is held out
    /// stays held out.
    ///
    /// @param shares the parts' sizes as fractions that add up to 1
    /// @throws IllegalArgumentException if they do not, or a part would be empty
    public List<Dataset> split(double... shares) {
        return parts(Partition.split(size(), shares));
    }

    private List<Dataset> parts(List<int[]> positions) {
        return positions.stream().map(this::atPositions).toList();
    }

    /// As [#split], but each class is shared out by itself, so that every part has the classes in
    /// the proportions of the whole, as nearly as whole samples allow.
    ///
    /// @param shares the parts' sizes as fractions that add up to 1
    /// @throws IllegalArgumentException if they do not, a part would be empty, or the targets are
    ///   not class indices
    public List<Dataset> stratifiedSplit(double... shares) {
        return parts(Partition.stratifiedSplit(labels("stratifiedSplit"), shares));
    }

    /// Cuts for cross-validation: the samples in `count` parts as equal as can be, each of which is
    /// the validation data of one fold. Shuffle before if the samples are sorted.
    ///
    /// @param count how many folds
    /// @throws IllegalArgumentException if that is below 2, or there are fewer samples
    public List<Fold> folds(int count) {
        return folds(Partition.folds(size(), count), count);
    }

    /// As [#folds], with the classes in every part in the proportions of the whole, as nearly as
    /// whole samples allow.
    ///
    /// @param count how many folds
    /// @throws IllegalArgumentException as [#folds], or if the targets are not class indices
    public List<Fold> stratifiedFolds(int count) {
        return folds(Partition.stratifiedFolds(labels("stratifiedFolds"), count), count);
    }

    private List<Fold> folds(int[] foldOf, int count) {
        return IntStream.range(0, count)
                .mapToObj(fold -> new Fold(
                        atPositions(places(i -> foldOf[i] != fold)), atPositions(places(i -> foldOf[i] == fold))))
                .toList();
    }

    private int[] places(IntPredicate wanted) {
        return IntStream.range(0, size()).filter(wanted).toArray();
    }

    private Dataset atPositions(int[] positions) {
        int[] all = order(0);
        return withMembers(Arrays.stream(positions).map(i -> all[i]).toArray());
    }

    private Dataset withMembers(int[] newMembers) {
        mustHoldEachOnce("part of a data set");
        return new Dataset(columns, newMembers, order);
    }

    private void mustHoldEachOnce(String operation) {
        boolean fits = !(order instanceof Order.Weighted);
        Require.that(fits, "%s: the samples are drawn by weight, expected sampling to come last", operation);
    }

    /// The class indices, in the order of epoch 0: for weights of classes, as in
    /// `Loss.crossEntropy().balancing(train.labels(), 10)`.
    ///
    /// @throws IllegalArgumentException if the targets are none
    public int[] labels() {
        return labels("labels");
    }

    private int[] labels(String operation) {
        checkLabels(operation);
        return targets().gather(order(0)).toInts();
    }

    private void checkLabels(String operation) {
        boolean fits = targetType() == DType.I32 && targetShape().rank() == 0;
        String message = "%s: the targets are %s%s, expected class indices, I32[]";
        Require.that(fits, message, operation, targetType(), targetShape());
    }

    /// The samples that a test lets pass. All are read now, those of a shuffled set in the order of
    /// epoch 0; augmented ones as they are in that epoch.
    ///
    /// @param test of the input's and the target's values in row-major order
    /// @throws IllegalArgumentException if none is left
    public Dataset filter(BiPredicate<double[], double[]> test) {
        int[] all = order(0);
        int[] passed = places(i -> test.test(values(inputs(), all[i]), values(targets(), all[i])));
        Require.that(passed.length > 0, "filter: no sample of %s passed, expected at least one", size());
        return atPositions(passed);
    }

    private static double[] values(Samples samples, int index) {
        Buffer buffer = Buffer.allocate(samples.dtype(), samples.shape().size());
        samples.inEpoch(0).read(new int[] {index}, buffer);
        return IntStream.range(0, buffer.size()).mapToDouble(buffer::getDouble).toArray();
    }

    /// An epoch of several rounds: each sample so many times, one round after the other, or
    /// shuffled all together.
    ///
    /// @throws IllegalArgumentException if `times` is below 1
    public Dataset repeat(int times) {
        Require.positive("repeat: times", times);
        int count = members.length;
        int[] repeated = new int[Math.multiplyExact(count, times)];
        Arrays.setAll(repeated, i -> members[i % count]);
        return withMembers(repeated);
    }

    /// The samples of this data set, then those of another, each in its order of epoch 0.
    ///
    /// @throws IllegalArgumentException if they differ in the shape or dtype of inputs or targets, or
    ///   in the names, shapes or dtypes of further ones
    public Dataset concat(Dataset other) {
        return of(selected().join(other.selected()));
    }

    /// The inputs of this data set with the inputs of another one as their targets, the first with
    /// the first and so on, each in its order of epoch 0: pairs to learn one from the other. Further
    /// inputs and targets are those of both.
    ///
    /// @throws IllegalArgumentException if there are not as many of both, or some of both have the same
    ///   name
    public Dataset zip(Dataset other) {
        return of(selected().zip(other.selected()));
    }

    private Columns selected() {
        int[] all = order(0);
        return columns.map(samples -> new SelectedSamples(samples, all));
    }

    /// The same samples, read and decoded now and kept in memory. What should differ from epoch to
    /// epoch, such as [#augment], belongs after it.
    ///
    /// @throws IllegalArgumentException if that is 2³¹ elements or more
    public Dataset cache() {
        int[] distinct = Arrays.stream(members).distinct().sorted().toArray();
        int[] places = Arrays.stream(members)
                .map(member -> Arrays.binarySearch(distinct, member))
                .toArray();
        return new Dataset(columns.map(samples -> stored(samples, distinct)), places, order);
    }

    private static Samples stored(Samples samples, int[] indices) {
        Buffer values = samples.readAll(indices);
        return new StoredSamples(values, indices.length, samples.shape());
    }

    /// Draws with replacement, anew for each epoch: each sample is as likely as its weight says.
    ///
    /// @param weights one for each sample, 0 or more, in the order of epoch 0; need not add up to 1
    /// @param count how many to draw for an epoch
    /// @param seed what the draws are made from, with the epoch's number
    /// @throws IllegalArgumentException if a weight is negative or not finite, all are 0, or there
    ///   are not as many as samples
    public Dataset sample(double[] weights, int count, long seed) {
        mustHoldEachOnce("sample");
        Require.positive("sample: a count of", count);
        String message = "sample: %s weights, expected %s as there are samples";
        Require.that(weights.length == size(), message, weights.length, size());
        double[] cumulative = weights.clone();
        for (double weight : weights) {
            Require.notNegative("sample: a weight of", weight);
        }
        Arrays.parallelPrefix(cumulative, Double::sum);
        double sum = cumulative.length == 0 ? 0 : cumulative[cumulative.length - 1];
        Require.positive("sample: weights that add up to", sum);
        return new Dataset(columns, order(0), new Order.Weighted(cumulative, count, seed));
    }

    /// As many draws as there are samples, each class as often as any other: for classes that
    /// differ much in size.
    ///
    /// @throws IllegalArgumentException if the targets are not class indices
    public Dataset sampleBalanced(long seed) {
        double[] weights = new double[size()];
        for (int[] positions : Partition.byClass(labels("sampleBalanced"))) {
            for (int position : positions) {
                weights[position] = 1.0 / positions.length;
            }
        }
        return sample(weights, size(), seed);
    }

    /// The samples' indices in the order of an epoch; not to be changed.
    int[] order(int epoch) {
        return order.of(members, epoch);
    }

    // ---- transforms ----

    /// Inputs less `mean`, divided by `deviation`.
    ///
    /// @throws IllegalArgumentException if the inputs are not F32 or F64, or the deviation is not
    ///   above 0
    public Dataset normalise(double mean, double deviation) {
        boolean fit = deviation > 0 && Double.isFinite(deviation) && Double.isFinite(mean);
        String message =
                "normalise: mean %s and standard deviation %s, expected finite numbers and a deviation above 0";
        Require.that(fit, message, mean, deviation);
        return standardised("normalise", new double[] {mean}, new double[] {deviation});
    }

    /// Inputs whose channels each have mean 0 and standard deviation 1.
    ///
    /// @throws IllegalArgumentException if the inputs are not F32 or F64
    public Dataset standardise() {
        return standardise(statistics());
    }

    /// Inputs less each channel's mean, divided by its standard deviation; channels that never vary
    /// are divided by 1. Validation and test data are given the statistics of the training data.
    ///
    /// @param statistics from [#statistics], of this data set or of another
    /// @throws IllegalArgumentException if the inputs are not F32 or F64, or have another number of
    ///   channels
    public Dataset standardise(Statistics statistics) {
        int channels = Statistics.channels(inputs());
        int given = statistics.mean().size();
        String message = "standardise: statistics of %s channels, expected %s for inputs of shape %s";
        Require.that(given == channels, message, given, channels, inputShape());
        return standardised(
                "standardise",
                statistics.mean().stream().mapToDouble(m -> m).toArray(),
                statistics.deviation().stream().mapToDouble(d -> d == 0 ? 1 : d).toArray());
    }

    private Dataset standardised(String operation, double[] mean, double[] deviation) {
        checkFloating(operation);
        return withInputs(new StandardisedSamples(inputs(), mean, deviation));
    }

    private void checkFloating(String operation) {
        boolean fits = inputType().isFloating();
        Require.that(fits, "%s: the inputs are %s, expected F32 or F64", operation, inputType());
    }

    /// Mean and standard deviation of the inputs, channel by channel. Reads all samples.
    ///
    /// @throws IllegalArgumentException if the inputs are not F32 or F64, or there are none
    public Statistics statistics() {
        checkFloating("statistics");
        Require.that(size() > 0 && inputShape().size() > 0, "statistics: no values, expected at least one");
        return Statistics.of(inputs(), members);
    }

    /// Inputs that a transform makes from these, whenever they are read.
    ///
    /// @param shape the new inputs' shape, without the batch axis
    /// @throws IllegalArgumentException if the inputs are not F32
    public Dataset map(Shape shape, Transform transform) {
        Require.that(inputType() == DType.F32, "map: the inputs are %s, expected F32", inputType());
        return withInputs(new TransformedSamples(inputs(), shape, transform));
    }

    /// Targets that a transform makes from these, whenever they are read.
    ///
    /// @param shape the new targets' shape, without the batch axis
    /// @throws IllegalArgumentException if the targets are not F32
    public Dataset mapTargets(Shape shape, Transform transform) {
        Require.that(targetType() == DType.F32, "mapTargets: the targets are %s, expected F32", targetType());
        return withTargets(new TransformedSamples(targets(), shape, transform));
    }

    /// Class indices as F32 rows `[classes]` of zeros with a one at the class.
    ///
    /// @throws IllegalArgumentException if the targets are not class indices; when they are read, if
    ///   one is not from 0 to `classes - 1`
    public Dataset oneHot(int classes) {
        checkLabels("oneHot");
        Require.positive("oneHot: classes", classes);
        return withTargets(new OneHotSamples(targets(), classes));
    }

    /// Class indices as F32 `[1]`: 1 for a class, 0 for all others; what a binary cross-entropy of one
    /// logit wants.
    ///
    /// @param positive the class to be found
    /// @throws IllegalArgumentException if the targets are not class indices
    public Dataset binary(int positive) {
        checkLabels("binary");
        return withTargets(new IndicatorSamples(targets(), positive));
    }

    /// Pictures that an augmentation makes of these, in each epoch anew, from the seed, the epoch's
    /// number and the sample's index alone. A sample that an epoch reads more than once looks the
    /// same each time.
    ///
    /// @throws IllegalArgumentException if the inputs are not F32 `[H, W, C]`
    public Dataset augment(long seed, Augmentation augmentation) {
        return withInputs(AugmentedSamples.of(inputs(), augmentation, seed));
    }

    /// Each sample blended with another one that is drawn in each epoch anew, inputs and targets in
    /// the same parts.
    ///
    /// H. Zhang, M. Cisse, Y. N. Dauphin, D. Lopez-Paz: *mixup: beyond empirical risk minimization*
    /// (2018).
    ///
    /// @param alpha the beta distribution's parameter: the larger, the more even the parts
    /// @throws IllegalArgumentException if inputs or targets are not F32 (see [#oneHot]), or `alpha`
    ///   is not above 0
    public Dataset mixup(double alpha, long seed) {
        Require.positive("mixup: alpha", alpha);
        return mixed("mixup", new Mixing.Mixup(alpha), seed);
    }

    /// Each picture with a rectangle of another one that is drawn in each epoch anew, and the targets
    /// blended as their areas are.
    ///
    /// S. Yun et al.: *CutMix: regularization strategy to train strong classifiers with localizable
    /// features* (2019).
    ///
    /// @param alpha the beta distribution's parameter, of which the area is drawn
    /// @throws IllegalArgumentException if inputs are not F32 `[H, W, C]` or targets not F32 (see
    ///   [#oneHot]), or `alpha` is not above 0
    public Dataset cutMix(double alpha, long seed) {
        Require.positive("cutMix: alpha", alpha);
        Shape image = inputShape();
        String message = "cutMix: the inputs are %s%s, expected pictures, F32[H, W, C]";
        Require.that(image.rank() == 3, message, inputType(), image);
        return mixed("cutMix", new Mixing.CutMix(alpha, image.dim(0), image.dim(1), image.dim(2)), seed);
    }

    private Dataset mixed(String operation, Mixing mixing, long seed) {
        boolean fit = inputType() == DType.F32 && targetType() == DType.F32;
        String message = "%s: inputs %s and targets %s, expected F32 (oneHot makes them)";
        Require.that(fit, message, operation, inputType(), targetType());
        Set<String> names = columns.others().keySet();
        String ours = "%s: samples with %s, of which nothing is mixed, expected with(...) to come after";
        Require.that(names.isEmpty(), ours, operation, names);
        return withInputs(new MixedSamples(inputs(), members, mixing, false, seed, 0))
                .withTargets(new MixedSamples(targets(), members, mixing, true, seed, 0));
    }

    private Dataset withInputs(Samples newInputs) {
        return new Dataset(columns.withInputs(newInputs), members, order);
    }

    private Dataset withTargets(Samples newTargets) {
        return new Dataset(columns.withTargets(newTargets), members, order);
    }

    // ---- reading ----

    /// Some samples, in the order given.
    ///
    /// @param positions places in this data set (in epoch 0 if it is shuffled), from 0
    /// @throws IllegalArgumentException if there is no such place
    public Batch get(int... positions) {
        int[] order = order(0);
        int[] indices = new int[positions.length];
        for (int i = 0; i < positions.length; i++) {
            boolean fits = positions[i] >= 0 && positions[i] < size();
            Require.that(fits, "get: sample %s, expected 0 to %s", positions[i], size() - 1);
            indices[i] = order[positions[i]];
        }
        return read(indices);
    }

    /// The whole data set as one batch.
    ///
    /// @throws IllegalArgumentException if that is 2³¹ elements or more
    public Batch all() {
        return read(order(0));
    }

    private Batch read(int[] indices) {
        return columns.inEpoch(0).read(indices).toBatch();
    }

    /// Batches of the given size; the last one of an epoch may be smaller.
    ///
    /// @throws IllegalArgumentException if the size is below 1
    public Loader batch(int size) {
        return new Loader(this, size);
    }

    Columns columns() {
        return columns;
    }

    private Samples inputs() {
        return columns.inputs();
    }

    private Samples targets() {
        return columns.targets();
    }

    /// One line: how many samples of what.
    @Override
    public String toString() {
        return size()
                + " samples: "
                + columns
                + switch (order) {
                    case Order.AsGiven() -> "";
                    case Order.Shuffled(long seed) -> ", shuffled with seed " + seed;
                    case Order.Weighted w -> ", drawn by weight with seed " + w.seed();
                };
    }
}
